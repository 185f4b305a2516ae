"""Where things belong, for whoever is confined to channels or warehouses (R22)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from store.pool import Connection, Row

_WAREHOUSE: Mapping[str, str] = {
    "task_no": "SELECT warehouse FROM pick_tasks WHERE task_no = %s",
    "parcel_no": "SELECT warehouse FROM parcels WHERE parcel_no = %s",
}

# A return belongs where its goods came back to; any other case where its parcel left from, or, if it is
# about no parcel, every parcel of its order.
WAREHOUSES_OF_CASE = """
ARRAY(
    SELECT r.warehouse FROM returns r WHERE r.case_no = cases.case_no AND r.warehouse IS NOT NULL
    UNION
    SELECT p.warehouse FROM parcels p WHERE p.order_no = cases.order_no
        AND (p.parcel_no = cases.subject OR NOT EXISTS (
            SELECT FROM parcels q WHERE q.parcel_no = cases.subject AND q.order_no = cases.order_no))
        AND NOT EXISTS (SELECT FROM returns r WHERE r.case_no = cases.case_no AND r.warehouse IS NOT NULL)
)
"""

CASE_WITHIN = f"""
CASE WHEN cases.order_no IS NULL THEN cases.opened_by = %(who)s ELSE
    (%(channels)s::text[] IS NULL OR split_part(cases.order_no, '-', 1) = ANY(%(channels)s))
    AND (%(warehouses)s::text[] IS NULL OR %(warehouses)s && {WAREHOUSES_OF_CASE})
END
"""
"""Whether a row of ``cases`` lies within what somebody (:class:`Within`) is confined to."""


@dataclass(frozen=True)
class Within:
    """Somebody who is confined: None is no confinement to channels, or to warehouses.

    A case without an order is theirs if they opened it.
    """

    who: str
    channels: list[str] | None = None
    warehouses: list[str] | None = None


async def warehouse_of(conn: Connection, kind: str, number: str) -> str | None:
    """The warehouse of a pick task (``task_no``) or a parcel (``parcel_no``); None if there is none of that number."""
    cursor = await conn.execute(_WAREHOUSE[kind].encode(), (number,))
    row = await cursor.fetchone()
    return None if row is None else str(row["warehouse"])


async def has_case(conn: Connection, within: Within, case_no: str) -> bool:
    """Whether there is such a case within."""
    query = f"SELECT FROM cases WHERE case_no = %(case_no)s AND {CASE_WITHIN}"
    cursor = await conn.execute(query.encode(), {**vars(within), "case_no": case_no})
    return await cursor.fetchone() is not None


async def parcels_of(conn: Connection, order_no: str) -> list[Row]:
    """``parcel_no`` and ``warehouse`` of an order's parcels."""
    cursor = await conn.execute("SELECT parcel_no, warehouse FROM parcels WHERE order_no = %s", (order_no,))
    return await cursor.fetchall()
