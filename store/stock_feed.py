"""What an outside warehouse system says of its shelves: counts and movements, in any order, each once (R5, accident 1).

A count of sequence n holds every movement up to n; so the truth of a lot is its newest count
and all movements after it, whichever came first. Where the truth is less than what orders
hold, the counter stays at what they hold, so that nothing more can be sold, and the missing
pieces stand as a shortfall: alerted, on the sweep's list, and taken off as soon as goods come
free or a later message heals it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from domain import sayings
from store import alerts, shortfalls, stock_in
from store.pool import Connection


@dataclass(frozen=True)
class Line:
    """One lot: ``counted`` pieces stand there, or ``moved`` came (positive) or went; one of the two."""

    warehouse: str
    sku: str
    lot: str = ""
    counted: int | None = None
    moved: int | None = None
    bin: str = ""
    expires_on: date | None = None


@dataclass(frozen=True)
class Told:
    """One message; ``sequence`` rises with every message of the feed."""

    feed: str
    message_id: str
    sequence: int
    lines: Sequence[Line]


async def take(conn: Connection, told: Told, at: datetime) -> bool:
    """Apply a message, all of it or nothing; False for a repeat. Raises UnknownStock.

    In the caller's transaction. Counters are locked in the order in which reserving locks them.
    """
    cursor = await conn.execute(
        "INSERT INTO stock_messages (feed, message_id, received_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        (told.feed, told.message_id, at),
    )
    if cursor.rowcount == 0:
        return False
    for line in sorted(told.lines, key=lambda one: (one.sku, one.warehouse, one.lot)):
        await stock_in.open_counter(conn, line.warehouse, line.sku)
        truth = await _counted(conn, told, line, at) if line.counted is not None else await _moved(conn, told, line)
        if truth is not None:
            await _put(conn, told, line, truth, at)
    return True


async def _counted(conn: Connection, told: Told, line: Line, at: datetime) -> int | None:
    """The truth by this count and the movements known to be later; None if a newer count is known."""
    cursor = await conn.execute(
        """INSERT INTO stock_counts AS known
               (feed, warehouse, sku, lot, sequence, counted, message_id, counted_at)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
           ON CONFLICT (feed, warehouse, sku, lot) DO UPDATE
              SET sequence = excluded.sequence, counted = excluded.counted, message_id = excluded.message_id,
                  counted_at = excluded.counted_at
            WHERE excluded.sequence > known.sequence""",
        (told.feed, line.warehouse, line.sku, line.lot, told.sequence, line.counted, told.message_id, at),
    )
    if cursor.rowcount == 0 or line.counted is None:
        return None
    cursor = await conn.execute(
        """SELECT coalesce(sum(pieces), 0)::integer AS later FROM stock_movements
           WHERE (feed, warehouse, sku, lot) = (%s, %s, %s, %s) AND sequence > %s""",
        (told.feed, line.warehouse, line.sku, line.lot, told.sequence),
    )
    row = await cursor.fetchone()
    return line.counted + (row["later"] if row else 0)


async def _moved(conn: Connection, told: Told, line: Line) -> int | None:
    """The truth after this movement; None if a newer count holds it already."""
    place = (told.feed, line.warehouse, line.sku, line.lot)
    cursor = await conn.execute(
        """INSERT INTO stock_movements (feed, warehouse, sku, lot, sequence, pieces)
           VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING""",
        (*place, told.sequence, line.moved),
    )
    if cursor.rowcount == 0 or line.moved is None:
        return None
    cursor = await conn.execute(
        "SELECT FROM stock_counts WHERE (feed, warehouse, sku, lot) = (%s, %s, %s, %s) AND sequence >= %s",
        (*place, told.sequence),
    )
    return await _truth(conn, line) + line.moved if await cursor.fetchone() is None else None


async def _truth(conn: Connection, line: Line) -> int:
    """What stands in the lot as far as we know: the counter without the pieces known to be missing."""
    cursor = await conn.execute(
        """SELECT coalesce((SELECT on_hand FROM stock_lots WHERE (warehouse, sku, lot) = (%(w)s, %(s)s, %(l)s)), 0)
                - coalesce((SELECT missing FROM stock_shortfalls
                            WHERE (warehouse, sku, lot) = (%(w)s, %(s)s, %(l)s)), 0) AS pieces""",
        {"w": line.warehouse, "s": line.sku, "l": line.lot},
    )
    row = await cursor.fetchone()
    return row["pieces"] if row else 0


async def _put(conn: Connection, told: Told, line: Line, truth: int, at: datetime) -> None:
    """Let the counter say the truth, but never less than orders hold; what that hides is a shortfall."""
    key = f"feed:{told.feed}:{told.message_id}:{line.warehouse}:{line.sku}:{line.lot}"
    shown = max(truth, await _least(conn, line))
    await stock_in.put_stock(
        conn, line.warehouse, line.sku, at=at, key=key, on_hand=shown, lot=line.lot, bin=line.bin,
        expires_on=line.expires_on, why="counted" if line.counted is not None else "moved",
    )  # fmt: skip
    place = shortfalls.Place(line.warehouse, line.sku, line.lot)
    await shortfalls.keep(conn, told.feed, place, shown - truth, at)
    # Goods that came in one lot make good what another lot lacks.
    await shortfalls.settle(conn, [(line.warehouse, line.sku)], at, key)
    await _alert(conn, told, line, at)


async def _least(conn: Connection, line: Line) -> int:
    """How many pieces this lot must show, so that the counter does not fall below what orders hold."""
    cursor = await conn.execute(
        """SELECT greatest(0, i.reserved - (
               SELECT coalesce(sum(on_hand), 0) FROM stock_lots
               WHERE (warehouse, sku) = (i.warehouse, i.sku) AND lot <> %s))::integer AS least
           FROM stock_items i WHERE (i.warehouse, i.sku) = (%s, %s)""",
        (line.lot, line.warehouse, line.sku),
    )
    row = await cursor.fetchone()
    return row["least"] if row else 0


async def _alert(conn: Connection, told: Told, line: Line, at: datetime) -> None:
    """Say at once that orders hold what is not there: somebody must settle with their buyers (R9)."""
    cursor = await conn.execute(
        "SELECT missing FROM stock_shortfalls WHERE (warehouse, sku, lot) = (%s, %s, %s)",
        (line.warehouse, line.sku, line.lot),
    )
    if (row := await cursor.fetchone()) is None:
        return
    await alerts.raise_alert(
        conn,
        sayings.counted_below_reserved(line.warehouse, line.sku, row["missing"], told.feed),
        at=at,
        department="operations",
        key=f"shortfall:{told.feed}:{told.message_id}:{line.warehouse}:{line.sku}:{line.lot}",
    )
