"""What the warehouse sees: pick tasks with their lines, and what a label needs (R8, R10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from store.pool import Connection, Row


@dataclass(frozen=True)
class TaskFilter:
    """None asks for all; ``states`` empty asks for every state. ``warehouses`` are those the asker is confined to."""

    states: Sequence[str] = ()
    warehouse: str | None = None
    order_no: str | None = None
    warehouses: Sequence[str] | None = None


@dataclass(frozen=True)
class LabelRows:
    """A parcel with its order's contact id, and its contents."""

    parcel: Row
    contents: Sequence[Row]


async def tasks(
    conn: Connection, wanted: TaskFilter, *, after: tuple[datetime, str] | None, limit: int, newest: bool = False
) -> list[Row]:
    """Pick tasks, the oldest (or newest) first, after the key (created_at, task_no), each with its ``lines``."""
    created_at, task_no = after or (None, None)
    cursor = await conn.execute(
        _NEWEST if newest else _OLDEST,
        {
            "states": list(wanted.states) or None,
            "warehouse": wanted.warehouse,
            "order_no": wanted.order_no,
            "warehouses": None if wanted.warehouses is None else list(wanted.warehouses),
            "created_at": created_at,
            "task_no": task_no,
            "limit": limit,
        },
    )
    return await _with_lines(conn, await cursor.fetchall())


async def task(conn: Connection, task_no: str) -> Row | None:
    """One pick task with its ``lines``; None if there is none of that number."""
    cursor = await conn.execute(_ONE, (task_no,))
    found = await _with_lines(conn, await cursor.fetchall())
    return found[0] if found else None


async def label(conn: Connection, parcel_no: str) -> LabelRows | None:
    """What a label says, but for the recipient; None if there is no such parcel."""
    cursor = await conn.execute(_PARCEL, (parcel_no,))
    parcel = await cursor.fetchone()
    if parcel is None:
        return None
    cursor = await conn.execute(_CONTENTS, (parcel_no,))
    return LabelRows(parcel, await cursor.fetchall())


async def _with_lines(conn: Connection, rows: list[Row]) -> list[Row]:
    cursor = await conn.execute(_LINES, ([row["task_no"] for row in rows],))
    lines = await cursor.fetchall()
    return [{**row, "lines": [line for line in lines if line["task_no"] == row["task_no"]]} for row in rows]


_TASK = """
SELECT *, EXISTS (
    SELECT FROM parcels WHERE parcels.parcel_no = pick_tasks.parcel_no AND tracking_no IS NOT NULL
) AS booked FROM pick_tasks
"""
_ONE = f"{_TASK} WHERE task_no = %s".encode()
_SELECT = f"""
{_TASK}
WHERE (%(states)s::text[] IS NULL OR state = ANY(%(states)s))
  AND (%(warehouse)s::text IS NULL OR warehouse = %(warehouse)s)
  AND (%(warehouses)s::text[] IS NULL OR warehouse = ANY(%(warehouses)s))
  AND (%(order_no)s::text IS NULL OR order_no = %(order_no)s)
  AND (%(created_at)s::timestamptz IS NULL OR (created_at, task_no) {{beyond}} (%(created_at)s, %(task_no)s))
ORDER BY created_at {{way}}, task_no {{way}} LIMIT %(limit)s
"""
_OLDEST = _SELECT.format(beyond=">", way="ASC").encode()
_NEWEST = _SELECT.format(beyond="<", way="DESC").encode()
_LINES = """
SELECT l.*, p.title, p.barcode, p.fragile FROM pick_lines l JOIN products p USING (sku)
WHERE l.task_no = ANY(%s) ORDER BY l.task_no, l.line_no
"""
_PARCEL = """
SELECT p.*, o.contact_id, o.currency FROM parcels p JOIN orders o USING (order_no) WHERE p.parcel_no = %s
"""
_CONTENTS = """
SELECT l.sku, l.quantity, COALESCE(NULLIF(p.title, ''), l.sku) AS title, COALESCE(p.fragile, false) AS fragile
FROM parcel_lines l LEFT JOIN products p USING (sku) WHERE l.parcel_no = %s ORDER BY l.line_no, l.sku
"""
