"""Where things belong, for whoever is confined to channels or warehouses (R22).

What belongs to an order, a case, a task or a parcel is theirs if that is; what is about the whole
house (:data:`HOUSE_WIDE`) is shut to them. A test walks the table of rights: there is no third.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.permissions import Permission
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


GOODS = """
(SELECT order_no, warehouse FROM reservations
 UNION ALL SELECT order_no, warehouse FROM parcels UNION ALL SELECT order_no, warehouse FROM pick_tasks
 UNION ALL SELECT order_no, warehouse FROM returns WHERE warehouse IS NOT NULL)
"""
"""Where goods of an order were set aside, picked, packed, or came back to: it belongs to each of these warehouses."""

GOODS_WITHIN = f"""
EXISTS (SELECT FROM {GOODS} g WHERE g.order_no = {{row}}.order_no AND g.warehouse = ANY(%(warehouses)s))
"""

ORDER_WITHIN = f"""
(%(channels)s::text[] IS NULL OR split_part({{row}}.order_no, '-', 1) = ANY(%(channels)s))
AND (%(warehouses)s::text[] IS NULL OR {GOODS_WITHIN})
"""
"""Whether the order of a row lies within; what is about no order lies within for nobody who is confined."""

HOLD_WITHIN = (
    """
CASE h.scope
WHEN 'channel' THEN %(warehouses)s::text[] IS NULL AND (%(channels)s::text[] IS NULL OR h.names <@ %(channels)s)
WHEN 'warehouse' THEN %(channels)s::text[] IS NULL AND (%(warehouses)s::text[] IS NULL OR h.names <@ %(warehouses)s)
ELSE NOT EXISTS (SELECT FROM unnest(h.names) AS o (order_no) WHERE NOT ("""
    + ORDER_WITHIN.format(row="o")
    + """))
END
"""
)
"""Whether all that an emergency holds lies within: so it is theirs who could have opened it."""


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


async def all_within(conn: Connection, within: Within, numbers: Sequence[str]) -> bool:
    """Whether every one of these orders is within."""
    outside = f"NOT ({ORDER_WITHIN.format(row='o')})"
    query = f"SELECT FROM unnest(%(numbers)s::text[]) AS o (order_no) WHERE {outside} LIMIT 1"
    cursor = await conn.execute(query.encode(), {**vars(within), "numbers": list(numbers)})
    return await cursor.fetchone() is None


async def has_case(conn: Connection, within: Within, case_no: str) -> bool:
    """Whether there is such a case within."""
    query = f"SELECT FROM cases WHERE case_no = %(case_no)s AND {CASE_WITHIN}"
    cursor = await conn.execute(query.encode(), {**vars(within), "case_no": case_no})
    return await cursor.fetchone() is not None


async def has_hold(conn: Connection, within: Within, hold_id: str) -> bool:
    """Whether there is such an emergency within."""
    query = f"SELECT FROM bulk_holds h WHERE h.hold_id = %(hold_id)s AND {HOLD_WITHIN}"
    cursor = await conn.execute(query.encode(), {**vars(within), "hold_id": hold_id})
    return await cursor.fetchone() is not None


async def parcels_of(conn: Connection, order_no: str) -> list[Row]:
    """``parcel_no`` and ``warehouse`` of an order's parcels."""
    cursor = await conn.execute("SELECT parcel_no, warehouse FROM parcels WHERE order_no = %s", (order_no,))
    return await cursor.fetchall()


# --- what is about the whole house ------------------------------------------------------

HOUSE_WIDE: frozenset[Permission] = frozenset(
    {
        # Whoever is confined and managed accounts could free themselves.
        Permission.ACCOUNT_MANAGE,
        Permission.TOKEN_MANAGE,
        Permission.RIGHTS_READ,
        Permission.RIGHTS_REVIEW,
        # Work, rules, sums and clocks of all orders together.
        Permission.STUCK_READ,
        Permission.STUCK_RETRY,
        Permission.RISK_READ,
        Permission.RISK_SET,
        Permission.DIGEST_READ,
        Permission.PEAK_SET,
        Permission.SCHEDULE_READ,
        Permission.SCHEDULE_RUN,
        Permission.WORKFLOW_READ,
        Permission.STOCK_WRITE,
    }
)
"""Rights that reach over all channels and warehouses: shut to whoever is confined."""

HOUSE_WIDE_DOORS = frozenset({"/v1/audit/verification", "/v1/audit/verification/events"})
"""Doors of other rights that do."""


def is_house_wide(permission: Permission, door: str) -> bool:
    """Whether a door is about the whole house, so that nobody who is confined comes in (R22)."""
    return permission in HOUSE_WIDE or door in HOUSE_WIDE_DOORS
