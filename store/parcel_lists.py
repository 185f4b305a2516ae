"""Lists of parcels for logistics: by state, the longest silent first (R11 to R13)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from store.pool import Connection, Row

Key = tuple[datetime, str]


@dataclass(frozen=True)
class ParcelFilter:
    """None asks for all. ``channels`` and ``warehouses`` are those the asker is confined to."""

    state: str | None = None
    carrier: str | None = None
    warehouse: str | None = None
    channels: list[str] | None = None
    warehouses: list[str] | None = None


async def page(conn: Connection, wanted: ParcelFilter, *, after: Key | None, limit: int) -> Sequence[Row]:
    """A keyset page; ``silence`` and ``parcel_no`` are its key."""
    since, number = after or (None, None)
    conditions = [
        condition
        for condition, asked in (
            ("p.state = %(state)s", wanted.state),
            ("p.carrier = %(carrier)s", wanted.carrier),
            ("p.warehouse = %(warehouse)s", wanted.warehouse),
            (_IN_CHANNELS, wanted.channels),
            (_IN_WAREHOUSES, wanted.warehouses),
            (f"({_SILENCE}, p.parcel_no) > (%(since)s, %(number)s)", after),
        )
        if asked is not None
    ]
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    cursor = await conn.execute(
        _PAGE.format(where=where).encode(), {**vars(wanted), "since": since, "number": number, "limit": limit}
    )
    return await cursor.fetchall()


async def counts(
    conn: Connection, *, channels: list[str] | None = None, warehouses: list[str] | None = None
) -> dict[str, int]:
    """How many parcels stand in each state before the signature: those are work. None is no confinement."""
    confined = [one for one, to in ((_IN_CHANNELS, channels), (_IN_WAREHOUSES, warehouses)) if to is not None]
    where = " AND ".join(["p.state <> 'signed'", *confined])
    cursor = await conn.execute(
        f"SELECT p.state, count(*) AS number FROM parcels p WHERE {where} GROUP BY p.state".encode(),
        {"channels": channels, "warehouses": warehouses},
    )
    return {row["state"]: row["number"] async for row in cursor}


_IN_CHANNELS = "split_part(p.order_no, '-', 1) = ANY(%(channels)s)"
_IN_WAREHOUSES = "p.warehouse = ANY(%(warehouses)s)"
# As the index parcels_by_silence has it.
_SILENCE = "coalesce(p.last_event_at, p.handed_over_at, p.booked_at, 'epoch'::timestamptz)"
_PAGE = f"""
SELECT p.parcel_no, p.order_no, o.channel, p.state, p.warehouse, p.carrier, p.tracking_no, p.booked_at,
       p.handed_over_at, p.signed_at, coalesce(p.last_event_at, p.handed_over_at, p.booked_at) AS silent_since,
       {_SILENCE} AS silence, clock.due_at, problem.case_no AS open_case
FROM (SELECT * FROM parcels p {{where}} ORDER BY {_SILENCE}, p.parcel_no LIMIT %(limit)s) p
JOIN orders o USING (order_no)
LEFT JOIN LATERAL (
    SELECT case_no, due_at FROM cases c
    WHERE c.order_no = p.order_no AND c.kind = 'parcel_exception' AND c.subject = p.parcel_no AND c.state <> 'closed'
    LIMIT 1
) problem ON true
LEFT JOIN LATERAL (
    SELECT min(d.due_at) AS due_at FROM deadlines d
    WHERE d.state = 'running' AND (d.subject = 'case:' || problem.case_no
        OR (d.order_no = p.order_no AND d.deadline = 'T6' AND problem.case_no IS NULL))
) clock ON true
ORDER BY silence, p.parcel_no
"""
