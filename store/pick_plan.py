"""Making pick tasks: one for each parcel, from the goods that a warehouse holds for the order (R8).

Only what no parcel has yet: so goods that came later get parcels of their own (R9).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.packing import Goods, Limits, into_parcels
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


async def create(
    conn: Connection, order_no: str, at: datetime, limits: Limits | None = None
) -> tuple[tuple[str, str], ...]:
    """Make parcels, with a pick task each, for the held goods of every warehouse: (parcel_no, warehouse) each."""
    held = await _held(conn, order_no)
    lines = await _lines(conn, order_no)
    number = await parcels_so_far(conn, order_no)
    made = []
    for warehouse, box in _boxes(held, limits or Limits()):
        number += 1
        parcel_no = f"{order_no}-P{number}"
        await _make_parcel(conn, order_no, parcel_no, warehouse, box, lines)
        await _make_task(conn, order_no, f"{order_no}-T{number}", parcel_no, warehouse, box, at)
        made.append((parcel_no, warehouse))
    return tuple(made)


def _boxes(held: list[Row], limits: Limits) -> Iterator[tuple[str, list[Row]]]:
    """(warehouse, goods) for each parcel; the rows bear the pieces that go into it."""
    for warehouse in sorted({row["warehouse"] for row in held}):
        here = {row["sku"]: row for row in held if row["warehouse"] == warehouse}
        goods = [Goods(**{name: row[name] for name in _ONE_KIND}) for row in here.values()]
        for box in into_parcels(goods, limits):
            yield warehouse, [{**here[sku], "quantity": pieces} for sku, pieces in sorted(box.items())]


_ONE_KIND = ("sku", "quantity", "weight_g", "volume_cm3", "fragile")


async def _held(conn: Connection, order_no: str) -> list[Row]:
    cursor = await conn.execute(_HELD, {"order_no": order_no})
    return await cursor.fetchall()


async def _lines(conn: Connection, order_no: str) -> list[_OpenLine]:
    cursor = await conn.execute(_LINES, {"order_no": order_no})
    return [_OpenLine(**row) for row in await cursor.fetchall()]


async def parcels_so_far(conn: Connection, order_no: str) -> int:
    """How many parcels the order has had, cancelled ones included: the next number is one more."""
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


# What is held and in no parcel that is still here; what has left is held no longer.
_HELD = """
SELECT r.warehouse, r.sku, (r.quantity - coalesce(max(packed.pieces), 0))::integer AS quantity,
    p.weight_g, p.volume_cm3, p.fragile
FROM reservations r JOIN products p USING (sku) LEFT JOIN (
    SELECT c.warehouse, l.sku, sum(l.quantity) AS pieces FROM parcels c JOIN parcel_lines l USING (parcel_no)
    WHERE c.order_no = %(order_no)s AND c.state <> 'cancelled' AND c.handed_over_at IS NULL
    GROUP BY c.warehouse, l.sku
) packed USING (warehouse, sku)
WHERE r.order_no = %(order_no)s AND r.state = 'held'
GROUP BY r.warehouse, r.sku, r.quantity, p.weight_g, p.volume_cm3, p.fragile
HAVING r.quantity > coalesce(max(packed.pieces), 0)
ORDER BY r.warehouse, r.sku
"""

_LINES = """
SELECT o.line_no, o.sku, (o.quantity - coalesce(sum(l.quantity), 0))::integer AS left, o.quantity,
    o.quantity * o.unit_price - o.discount AS net
FROM order_lines o LEFT JOIN (
    parcel_lines l JOIN parcels c ON c.parcel_no = l.parcel_no AND c.state <> 'cancelled'
) ON c.order_no = o.order_no AND l.line_no = o.line_no
WHERE o.order_no = %(order_no)s
GROUP BY o.order_no, o.line_no ORDER BY o.line_no
"""

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
