"""Pieces that orders hold and the warehouse does not find (accident 1).

The counter cannot say less than what orders hold; what it says too much stands here, and is
taken off as soon as an order lets goods go, so that they are not sold a second time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from store import stock_in
from store.pool import Connection


@dataclass(frozen=True)
class Place:
    """One lot of one SKU in one warehouse."""

    warehouse: str
    sku: str
    lot: str


async def settle(conn: Connection, freed: Sequence[tuple[str, str]], at: datetime, key: str) -> None:
    """Take missing pieces off these counters (warehouse, SKU) as far as no order holds them any more.

    The counters are locked by the caller's transaction; ``key`` names the act that set goods free.
    """
    cursor = await conn.execute(_SHORT, {"warehouses": [one for one, _ in freed], "skus": [sku for _, sku in freed]})
    for row in await cursor.fetchall():
        place = Place(row["warehouse"], row["sku"], row["lot"])
        give = min(row["missing"], row["on_hand"], await _free(conn, place))
        if give > 0:
            await _take_off(conn, place, give, at, key)
            await keep(conn, row["feed"], place, row["missing"] - give, at)


async def keep(conn: Connection, feed: str, place: Place, missing: int, at: datetime) -> None:
    """Keep the shortfall of a lot, or close it when nothing is missing."""
    where = (place.warehouse, place.sku, place.lot)
    if missing <= 0:
        await conn.execute("DELETE FROM stock_shortfalls WHERE (warehouse, sku, lot) = (%s, %s, %s)", where)
        return
    await conn.execute(
        """INSERT INTO stock_shortfalls (warehouse, sku, lot, feed, missing, since) VALUES (%s, %s, %s, %s, %s, %s)
           ON CONFLICT (warehouse, sku, lot) DO UPDATE SET missing = excluded.missing, feed = excluded.feed""",
        (*where, feed, missing, at),
    )


async def _take_off(conn: Connection, place: Place, pieces: int, at: datetime, key: str) -> None:
    await stock_in.put_stock(
        conn, place.warehouse, place.sku, at=at, key=f"{key}:settled:{place.warehouse}:{place.sku}:{place.lot}",
        delta=-pieces, lot=place.lot, why="shortfall settled",
    )  # fmt: skip


async def _free(conn: Connection, place: Place) -> int:
    cursor = await conn.execute(
        "SELECT on_hand - reserved AS free FROM stock_items WHERE (warehouse, sku) = (%s, %s)",
        (place.warehouse, place.sku),
    )
    row = await cursor.fetchone()
    return row["free"] if row else 0


_SHORT = """
SELECT f.warehouse, f.sku, f.lot, f.feed, f.missing, l.on_hand
FROM stock_shortfalls f JOIN stock_lots l USING (warehouse, sku, lot)
JOIN unnest(%(warehouses)s::text[], %(skus)s::text[]) AS w (warehouse, sku)
    ON (f.warehouse, f.sku) = (w.warehouse, w.sku)
ORDER BY f.sku, f.warehouse, f.lot
"""
