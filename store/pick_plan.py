"""Making pick tasks: one for each warehouse that holds goods for the order, with its parcel (R8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.picking import Lot, LotShare, plan_lots
from models.state import ParcelState
from store.pool import Connection, Row


@dataclass
class _OpenLine:
    """What of an order line no parcel has yet; price in minor units after the line's discount."""

    line_no: int
    sku: str
    left: int
    quantity: int
    net: int


async def create(conn: Connection, order_no: str, at: datetime) -> tuple[tuple[str, str], ...]:
    """Make a parcel and a pick task for each warehouse with held goods: (parcel_no, warehouse) each."""
    held = await _held(conn, order_no)
    lines = await _lines(conn, order_no)
    number = await _parcels_so_far(conn, order_no)
    made = []
    for warehouse in sorted({row["warehouse"] for row in held}):
        number += 1
        goods = [row for row in held if row["warehouse"] == warehouse]
        parcel_no = f"{order_no}-P{number}"
        await _make_parcel(conn, order_no, parcel_no, warehouse, goods, lines)
        await _make_task(conn, order_no, f"{order_no}-T{number}", parcel_no, warehouse, goods, at)
        made.append((parcel_no, warehouse))
    return tuple(made)


async def _held(conn: Connection, order_no: str) -> list[Row]:
    cursor = await conn.execute(
        "SELECT r.warehouse, r.sku, r.quantity, p.weight_g FROM reservations r JOIN products p USING (sku)"
        " WHERE r.order_no = %s AND r.state = 'held' ORDER BY r.warehouse, r.sku",
        (order_no,),
    )
    return await cursor.fetchall()


async def _lines(conn: Connection, order_no: str) -> list[_OpenLine]:
    cursor = await conn.execute(
        "SELECT line_no, sku, quantity AS left, quantity, quantity * unit_price - discount AS net"
        " FROM order_lines WHERE order_no = %s ORDER BY line_no",
        (order_no,),
    )
    return [_OpenLine(**row) for row in await cursor.fetchall()]


async def _parcels_so_far(conn: Connection, order_no: str) -> int:
    cursor = await conn.execute("SELECT count(*) AS n FROM parcels WHERE order_no = %s", (order_no,))
    row = await cursor.fetchone()
    assert row is not None
    return int(row["n"])


async def _make_parcel(
    conn: Connection, order_no: str, parcel_no: str, warehouse: str, goods: list[Row], lines: list[_OpenLine]
) -> None:
    contents = [part for row in goods for part in _from_lines(lines, row["sku"], row["quantity"])]
    value = sum(max(0, line.net) * pieces // line.quantity for line, pieces in contents)
    await conn.execute(
        "INSERT INTO parcels (parcel_no, order_no, warehouse, state, weight_g, value_minor, insured)"
        " VALUES (%s, %s, %s, %s, %s, %s, false)",
        (
            parcel_no, order_no, warehouse, ParcelState.TO_PICK,
            sum(row["weight_g"] * row["quantity"] for row in goods), value,
        ),
    )  # fmt: skip
    await conn.execute(
        "INSERT INTO parcel_lines (parcel_no, line_no, sku, quantity)"
        " SELECT %s, l.line_no, l.sku, l.quantity"
        " FROM unnest(%s::integer[], %s::text[], %s::integer[]) AS l (line_no, sku, quantity)",
        (
            parcel_no,
            [line.line_no for line, _ in contents],
            [line.sku for line, _ in contents],
            [pieces for _, pieces in contents],
        ),
    )


def _from_lines(lines: list[_OpenLine], sku: str, pieces: int) -> Iterator[tuple[_OpenLine, int]]:
    """Which order lines the pieces of a SKU belong to, first line first."""
    for line in lines:
        if line.sku == sku and (take := min(line.left, pieces)):
            line.left -= take
            pieces -= take
            yield line, take


async def _make_task(
    conn: Connection, order_no: str, task_no: str, parcel_no: str, warehouse: str, goods: list[Row], at: datetime
) -> None:
    await conn.execute(
        "INSERT INTO pick_tasks (task_no, order_no, parcel_no, warehouse, state, created_at, updated_at)"
        " VALUES (%s, %s, %s, %s, 'open', %s, %s)",
        (task_no, order_no, parcel_no, warehouse, at, at),
    )
    shares = []
    for row in goods:
        lots = await _free_lots(conn, warehouse, row["sku"])
        shares += [(row["sku"], share) for share in plan_lots(row["quantity"], lots, at.date())]
    # The picker walks the bins in their order.
    shares.sort(key=lambda entry: (entry[1].bin, entry[0]))
    await _write_lines(conn, task_no, shares)


async def _write_lines(conn: Connection, task_no: str, shares: list[tuple[str, LotShare]]) -> None:
    for line_no, (sku, share) in enumerate(shares, start=1):
        await conn.execute(
            "INSERT INTO pick_lines (task_no, line_no, sku, lot, bin, expires_on, quantity)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (task_no, line_no, sku, share.lot, share.bin, share.expires_on, share.quantity),
        )


async def _free_lots(conn: Connection, warehouse: str, sku: str) -> list[Lot]:
    """The lots with what earlier tasks have not claimed of them; locked, so that two plans differ."""
    cursor = await conn.execute(_FREE_LOTS, {"warehouse": warehouse, "sku": sku})
    return [Lot(**row) for row in await cursor.fetchall()]


_FREE_LOTS = """
WITH lots AS MATERIALIZED (
    SELECT * FROM stock_lots WHERE warehouse = %(warehouse)s AND sku = %(sku)s ORDER BY lot FOR UPDATE
)
SELECT lots.lot AS name, lots.bin, lots.expires_on,
    greatest(0, lots.on_hand - coalesce(sum(claimed.quantity), 0))::integer AS free
FROM lots LEFT JOIN (
    SELECT coalesce(l.lot, '') AS lot, l.quantity
    FROM pick_tasks t JOIN pick_lines l USING (task_no) JOIN parcels p USING (parcel_no)
    WHERE t.warehouse = %(warehouse)s AND l.sku = %(sku)s AND p.handed_over_at IS NULL
        AND t.state IN ('open', 'picking', 'picked', 'packed')
) claimed USING (lot)
GROUP BY lots.lot, lots.bin, lots.expires_on, lots.on_hand
"""
