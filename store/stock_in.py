"""Goods come in: how many stand in a lot, or by how many that changed; every change has a ledger row (R5)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import psycopg

from store.errors import StockIsReserved, UnknownStock
from store.pool import Connection, Row


async def put_stock(
    conn: Connection,
    warehouse: str,
    sku: str,
    *,
    at: datetime,
    key: str,
    on_hand: int | None = None,
    delta: int | None = None,
    lot: str = "",
    bin: str = "",  # noqa: A002  (the warehouse calls it so)
    expires_on: date | None = None,
    why: str = "fed",
) -> Row:
    """Say how many pieces stand in a lot (``on_hand``), or by how many that changed (``delta``).

    Exactly one of the two. The same ``key`` again changes nothing. Returns the counter:
    warehouse, sku, on_hand, reserved. Raises UnknownStock, or StockIsReserved where the
    counter would fall below what orders hold.
    """
    if (on_hand is None) == (delta is None):
        raise ValueError("give either on_hand or delta")
    asked = {
        "warehouse": warehouse, "sku": sku, "at": at, "key": key, "lot": lot, "bin": bin,
        "expires_on": expires_on, "why": why, "on_hand": on_hand, "delta": delta,
    }  # fmt: skip
    try:
        async with conn.transaction():
            return await _put(conn, asked)
    except psycopg.errors.ForeignKeyViolation as error:
        raise UnknownStock(warehouse, sku) from error
    except psycopg.errors.CheckViolation as error:
        raise StockIsReserved(warehouse, sku) from error


async def open_counter(conn: Connection, warehouse: str, sku: str) -> None:
    """Create the counter if need be, and lock it until the transaction ends; raises UnknownStock."""
    try:
        async with conn.transaction():
            await conn.execute(_OPEN_COUNTER, {"warehouse": warehouse, "sku": sku})
    except psycopg.errors.ForeignKeyViolation as error:
        raise UnknownStock(warehouse, sku) from error


async def _put(conn: Connection, asked: dict[str, Any]) -> Row:
    await conn.execute(_OPEN_COUNTER, asked)
    cursor = await conn.execute("SELECT FROM stock_ledger WHERE key = %(key)s", asked)
    if await cursor.fetchone() is None:
        await conn.execute(_PUT, asked)
    cursor = await conn.execute("SELECT * FROM stock_items WHERE warehouse = %(warehouse)s AND sku = %(sku)s", asked)
    row = await cursor.fetchone()
    assert row is not None
    return row


# Creates the counter if need be, and locks it until the transaction ends.
_OPEN_COUNTER = """
INSERT INTO stock_items (warehouse, sku, on_hand, reserved) VALUES (%(warehouse)s, %(sku)s, 0, 0)
ON CONFLICT (warehouse, sku) DO UPDATE SET on_hand = stock_items.on_hand
"""

_PUT = """
WITH before AS (
    SELECT coalesce(sum(on_hand), 0)::integer AS on_hand FROM stock_lots
    WHERE warehouse = %(warehouse)s AND sku = %(sku)s AND lot = %(lot)s
), change AS (
    SELECT coalesce(%(delta)s::integer, %(on_hand)s::integer - on_hand) AS pieces, on_hand FROM before
), lot AS (
    INSERT INTO stock_lots (warehouse, sku, lot, bin, on_hand, expires_on)
    SELECT %(warehouse)s, %(sku)s, %(lot)s, %(bin)s, on_hand + pieces, %(expires_on)s FROM change
    ON CONFLICT (warehouse, sku, lot) DO UPDATE SET
        on_hand = excluded.on_hand,
        bin = coalesce(nullif(excluded.bin, ''), stock_lots.bin),
        expires_on = coalesce(excluded.expires_on, stock_lots.expires_on)
), counted AS (
    UPDATE stock_items SET on_hand = stock_items.on_hand + pieces FROM change
    WHERE warehouse = %(warehouse)s AND sku = %(sku)s
)
INSERT INTO stock_ledger (warehouse, sku, on_hand_delta, reserved_delta, key, at, why)
SELECT %(warehouse)s, %(sku)s, pieces, 0, %(key)s, %(at)s, %(why)s FROM change
"""
