"""Splitting a parcel at the packing table: the packer puts part of it into a further one (R10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.errors import NotWaitingForThis
from domain.packing import CannotSplit
from models.base import Actor
from models.state import ParcelState
from store import audit, pick_plan, pick_tasks
from store.pool import Connection


@dataclass(frozen=True)
class SplitOff:
    """The further parcel and its task, which has still to pass its recheck."""

    order_no: str
    parcel_no: str
    new_parcel_no: str
    task_no: str
    warehouse: str


async def split(
    conn: Connection, task_no: str, goods: Mapping[str, int], *, by: Actor, at: datetime, key: str
) -> SplitOff:
    """Put ``goods`` (pieces by SKU) of a picked task into a parcel of their own; the same ``key`` again does it once.

    Raises UnknownTask, NotWaitingForThis (not at the packing table) and CannotSplit.
    """
    async with conn.transaction():
        task = await pick_tasks.lock(conn, task_no)
        row = task.row
        if (known := await _known(conn, row["order_no"], key)) is not None:
            return known
        if row["state"] != "picked":
            raise NotWaitingForThis(f"the task is {row['state']}: a parcel is split between picking and recheck")
        _check(task, goods)
        # Numbers are the order's: two packers of one order must not take the same.
        await conn.execute("SELECT FROM orders WHERE order_no = %s FOR NO KEY UPDATE", (row["order_no"],))
        number = await pick_plan.parcels_so_far(conn, row["order_no"]) + 1
        made = SplitOff(
            order_no=row["order_no"],
            parcel_no=row["parcel_no"],
            new_parcel_no=f"{row['order_no']}-P{number}",
            task_no=f"{row['order_no']}-T{number}",
            warehouse=row["warehouse"],
        )
        await _open(conn, made, row["picker"], at)
        for sku, pieces in sorted(goods.items()):
            await _move_picked(conn, task_no, made.task_no, sku, pieces)
            await _move_contents(conn, made, sku, pieces)
        await conn.execute(_WEIGH, {"parcels": [made.parcel_no, made.new_parcel_no]})
        await audit.append(conn, _entry(made, task_no, goods, by, at, key))
        return made


def _check(task: pick_tasks.Task, goods: Mapping[str, int]) -> None:
    there: dict[str, int] = {}
    for line in task.lines:
        there[line.sku] = there.get(line.sku, 0) + line.picked
    for sku, pieces in goods.items():
        if pieces > there.get(sku, 0):
            raise CannotSplit(f"the task has {there.get(sku, 0)} pieces of {sku}, not {pieces}")
    if sum(goods.values()) >= sum(there.values()):
        raise CannotSplit("something has to stay in the first parcel")


async def _known(conn: Connection, order_no: str, key: str) -> SplitOff | None:
    cursor = await conn.execute("SELECT outcome FROM audit_entries WHERE step_key = %s", (_step_key(order_no, key),))
    row = await cursor.fetchone()
    return None if row is None else SplitOff(**row["outcome"])


def _step_key(order_no: str, key: str) -> str:
    return f"task:{order_no}#split:{key}"


async def _open(conn: Connection, made: SplitOff, picker: str | None, at: datetime) -> None:
    await conn.execute(
        "INSERT INTO parcels (parcel_no, order_no, warehouse, state, weight_g, value_minor, insured)"
        " VALUES (%s, %s, %s, %s, 0, 0, false)",
        (made.new_parcel_no, made.order_no, made.warehouse, ParcelState.TO_PICK),
    )
    await conn.execute(
        "INSERT INTO pick_tasks (task_no, order_no, parcel_no, warehouse, state, picker, created_at, updated_at)"
        " VALUES (%s, %s, %s, %s, 'picked', %s, %s, %s)",
        (made.task_no, made.order_no, made.new_parcel_no, made.warehouse, picker, at, at),
    )


async def _move_picked(conn: Connection, task_no: str, new_task: str, sku: str, pieces: int) -> None:
    """The lines keep their lots and bins, so that the right lots fall when each parcel leaves."""
    cursor = await conn.execute(
        "SELECT line_no, picked FROM pick_lines WHERE task_no = %s AND sku = %s AND picked > 0 ORDER BY line_no",
        (task_no, sku),
    )
    for line in await cursor.fetchall():
        take = min(line["picked"], pieces)
        pieces -= take
        if take:
            await conn.execute(_COPY_LINE, {"old": task_no, "new": new_task, "line_no": line["line_no"], "take": take})
            rest = _SHRINK_LINE if take < line["picked"] else _DROP_LINE
            await conn.execute(rest, {"old": task_no, "line_no": line["line_no"], "take": take})


async def _move_contents(conn: Connection, made: SplitOff, sku: str, pieces: int) -> None:
    cursor = await conn.execute(
        "SELECT line_no, quantity FROM parcel_lines WHERE parcel_no = %s AND sku = %s ORDER BY line_no",
        (made.parcel_no, sku),
    )
    for line in await cursor.fetchall():
        take = min(line["quantity"], pieces)
        pieces -= take
        if take:
            await conn.execute(
                "INSERT INTO parcel_lines (parcel_no, line_no, sku, quantity) VALUES (%s, %s, %s, %s)",
                (made.new_parcel_no, line["line_no"], sku, take),
            )
            await _take_from_parcel(conn, made.parcel_no, line["line_no"], sku, line["quantity"] - take)


async def _take_from_parcel(conn: Connection, parcel_no: str, line_no: int, sku: str, left: int) -> None:
    if left:
        await conn.execute(
            "UPDATE parcel_lines SET quantity = %s WHERE parcel_no = %s AND line_no = %s AND sku = %s",
            (left, parcel_no, line_no, sku),
        )
    else:
        await conn.execute(
            "DELETE FROM parcel_lines WHERE parcel_no = %s AND line_no = %s AND sku = %s", (parcel_no, line_no, sku)
        )


def _entry(made: SplitOff, task_no: str, goods: Mapping[str, int], by: Actor, at: datetime, key: str) -> audit.Entry:
    contents = ", ".join(f"{pieces} × {sku}" for sku, pieces in sorted(goods.items()))
    return audit.Entry(
        subject=f"task:{task_no}",
        order_no=made.order_no,
        step_key=_step_key(made.order_no, key),
        at=at,
        by=by,
        act="task_split",
        details={"further": made.new_parcel_no, "goods": contents},
        outcome=dict(vars(made)),
    )


_COPY_LINE = """
INSERT INTO pick_lines (task_no, line_no, sku, lot, bin, expires_on, quantity, picked)
SELECT %(new)s, line_no, sku, lot, bin, expires_on, %(take)s, %(take)s
FROM pick_lines WHERE task_no = %(old)s AND line_no = %(line_no)s
"""
_SHRINK_LINE = """
UPDATE pick_lines SET quantity = quantity - %(take)s, picked = picked - %(take)s
WHERE task_no = %(old)s AND line_no = %(line_no)s
"""
_DROP_LINE = "DELETE FROM pick_lines WHERE task_no = %(old)s AND line_no = %(line_no)s"

# Grams by the products; value by the order's lines, after their discount.
_WEIGH = """
UPDATE parcels p SET weight_g = sums.weight_g, value_minor = sums.value_minor FROM (
    SELECT l.parcel_no, sum(l.quantity * g.weight_g)::integer AS weight_g,
        sum(greatest(0, o.quantity * o.unit_price - o.discount) * l.quantity / o.quantity)::bigint AS value_minor
    FROM parcel_lines l JOIN parcels c USING (parcel_no) JOIN products g USING (sku)
    JOIN order_lines o ON (o.order_no, o.line_no) = (c.order_no, l.line_no)
    WHERE l.parcel_no = ANY(%(parcels)s) GROUP BY l.parcel_no
) sums WHERE sums.parcel_no = p.parcel_no
"""
