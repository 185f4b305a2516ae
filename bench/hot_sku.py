"""Everybody wants one SKU at once: our reservation beside the bare statements that it cannot do without (R5, R28)."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from bench.copies import an_order, copy
from bench.figures import Figure, rates
from bench.ground import Ground
from store import catalogue, stock
from store.pool import Connection

ROUNDS, AT_ONCE, LEAST = 20, 8, 0.9
Reserve = Callable[[Connection, str, str], Awaitable[object]]

# Counter, reservation, ledger, and which warehouse gave: less than these is no reservation.
_RAW = """
WITH taken AS (
    UPDATE stock_items SET reserved = reserved + 1
    WHERE warehouse = 'SH' AND sku = %(sku)s AND on_hand - reserved >= 1 RETURNING warehouse, sku
), held AS (
    INSERT INTO reservations (order_no, warehouse, sku, quantity, state)
    SELECT %(order_no)s, warehouse, sku, 1, 'held' FROM taken
)
INSERT INTO stock_ledger (warehouse, sku, on_hand_delta, reserved_delta, order_no, key, at, why)
SELECT warehouse, sku, 0, 1, %(order_no)s, 'order:' || %(order_no)s, %(at)s, 'reserved' FROM taken
RETURNING warehouse
"""


async def of_a_hot_sku(ground: Ground, orders: int) -> list[Figure]:
    """Rates of both, and how many pieces were promised beyond what was there (none may be)."""
    each = max(50, orders * 2)
    async with ground.pool.connection() as conn:
        for sku in ("HOT", "RAW"):
            await _one_piece_short(conn, sku, each * ROUNDS)
        await an_order(conn, "web-0", "HOT")
        numbered = "jsonb_build_object('order_no', 'web-' || n, 'channel_order_id', n::text)"
        await copy(conn, "orders", "order_no", "web-0", 2 * each * ROUNDS, numbered)
    numbers = itertools.count(1)
    ours: list[float] = []
    raw: list[float] = []
    kinds = [("HOT", _ours, ours), ("RAW", _raw, raw)]
    for _ in range(ROUNDS):
        for sku, reserve, measured in kinds:
            measured.append(await _rate(ground, sku, reserve, [f"web-{next(numbers)}" for _ in range(each)]))
        # Each goes first as often as the other: what comes second finds a larger ledger.
        kinds.reverse()
    return [rates("reservations", ours, raw, LEAST), await _oversold(ground)]


async def _one_piece_short(conn: Connection, sku: str, wanted: int) -> None:
    """The last buyer gets nothing, so that the end of the stock is part of what is measured."""
    now = datetime.now(UTC)
    await catalogue.put_warehouse(conn, "SH", name="Shanghai", region="上海市", city="上海市")
    await catalogue.put_product(conn, sku, title="Tea", weight_g=500, volume_cm3=1_000)
    await stock.put_stock(conn, "SH", sku, at=now, key=f"bench:{sku}", on_hand=wanted - 1, why="bench")


async def _rate(ground: Ground, sku: str, reserve: Reserve, numbers: list[str]) -> float:
    waiting = iter(numbers)

    async def buyer() -> None:
        for number in waiting:
            async with ground.pool.connection() as conn:
                await reserve(conn, number, sku)

    began = time.perf_counter()
    await asyncio.gather(*(buyer() for _ in range(AT_ONCE)))
    return len(numbers) / (time.perf_counter() - began)


async def _ours(conn: Connection, number: str, sku: str) -> object:
    return await stock.reserve(conn, number, [(sku, 1)], datetime.now(UTC), f"order:{number}")


async def _raw(conn: Connection, number: str, sku: str) -> object:
    cursor = await conn.execute(_RAW, {"order_no": number, "sku": sku, "at": datetime.now(UTC)})
    return await cursor.fetchone()


async def _oversold(ground: Ground) -> Figure:
    async with ground.pool.connection() as conn:
        cursor = await conn.execute(
            "SELECT count(*) - (SELECT on_hand FROM stock_items WHERE sku = 'HOT') AS beyond FROM reservations"
            " WHERE sku = 'HOT' AND state = 'held'"
        )
        row = await cursor.fetchone()
    assert row is not None
    return Figure("oversold", "pieces", float(row["beyond"]), aim=0)
