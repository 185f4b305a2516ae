"""Status notices on their way to the channels: written with the step, delivered in order (R20, T13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from domain.money import payment_status
from domain.order_status import CHINESE, OrderStatus
from store import audit
from store.errors import UnknownOrder
from store.pool import Connection, Row

LISTEN = "notices"
"""The name under which the database tells listeners that a channel has something to hear."""
DUE_AT_ONCE = """
WITH due AS (
    UPDATE notices SET next_attempt_at = NULL WHERE order_no = %(order_no)s AND state = 'pending' RETURNING channel
)
SELECT pg_notify(%(listen)s, channel) FROM (SELECT DISTINCT channel FROM due) behind
"""
"""Has a channel told of one order's change now; a row for each channel that had something to hear."""


@dataclass(frozen=True)
class Pending:
    """The newest snapshot of one order that its channel has not seen."""

    id: int
    order_no: str
    sequence: int
    body: Mapping[str, Any]
    changed_at: datetime
    attempts: int


async def write(conn: Connection, order_no: str, at: datetime) -> bool:
    """Write the order's snapshot for its channel, unless nothing the channel shows has changed.

    Must run in the transaction of the change, under the lock of the order's audit chain,
    which keeps the sequence without gaps or doubles.
    """
    row = await _snapshot(conn, order_no)
    if row["replaces"] is not None:
        # The channel knows no number of a replacement: it is told with the order that is replaced (R16).
        await audit.lock(conn, f"order:{row['replaces']}")
        return await write(conn, row["replaces"], at)
    body = _body(order_no, row)
    if row["last"] is not None and body == {name: row["last"].get(name) for name in body}:
        return False
    sequence = (row["sequence"] or 0) + 1
    full = body | {"sequence": sequence, "changed_at": at.isoformat()}
    await conn.execute(_WRITE, (row["channel"], order_no, sequence, Jsonb(full), at))
    return True


async def pending(conn: Connection, channel: str, now: datetime, limit: int) -> list[Pending]:
    """For each order the newest pending snapshot, if its next attempt is due; oldest change first."""
    cursor = await conn.execute(_PENDING, {"channel": channel, "now": now, "limit": limit})
    return [Pending(**row) for row in await cursor.fetchall()]


async def delivered(conn: Connection, notice: Pending, now: datetime) -> None:
    """The channel has this snapshot; older pending ones of the order have nothing more to say."""
    await conn.execute(
        "UPDATE notices SET delivered_at = CASE WHEN id = %(id)s THEN %(now)s END,"
        " state = CASE WHEN id = %(id)s THEN 'delivered' ELSE 'superseded' END"
        " WHERE order_no = %(order_no)s AND sequence <= %(sequence)s AND state = 'pending'",
        {"id": notice.id, "now": now, "order_no": notice.order_no, "sequence": notice.sequence},
    )


async def failed(conn: Connection, notice: Pending, error: str, next_attempt_at: datetime) -> None:
    """The channel could not be told; ``error`` is a type and a code, never a text from outside."""
    await conn.execute(
        "UPDATE notices SET attempts = attempts + 1, last_error = %s, next_attempt_at = %s WHERE id = %s",
        (error, next_attempt_at, notice.id),
    )


async def standing(conn: Connection, channel: str) -> tuple[datetime | None, datetime | None]:
    """(workflow time of the oldest undelivered change, earliest next attempt); both None when all is delivered.

    What was never attempted is due since long ago.
    """
    cursor = await conn.execute(
        "SELECT min(changed_at) AS behind_since, min(next_attempt) AS next_attempt FROM ("
        " SELECT min(changed_at) AS changed_at, coalesce(max(next_attempt_at), to_timestamp(0)) AS next_attempt"
        " FROM notices WHERE channel = %s AND state = 'pending' GROUP BY order_no) orders",
        (channel,),
    )
    row = await cursor.fetchone()
    assert row is not None
    return row["behind_since"], row["next_attempt"]


async def breach(conn: Connection, channel: str, changed_until: datetime, at: datetime) -> list[str]:
    """Mark as breached what is undelivered of changes up to then; the orders newly concerned (T13)."""
    cursor = await conn.execute(
        "UPDATE notices SET breached_at = %s WHERE channel = %s AND state = 'pending' AND breached_at IS NULL"
        " AND changed_at <= %s RETURNING order_no",
        (at, channel, changed_until),
    )
    return sorted({row["order_no"] for row in await cursor.fetchall()})


async def unbreached(conn: Connection, channel: str) -> datetime | None:
    """Workflow time of the oldest undelivered change that has not breached T13 yet."""
    cursor = await conn.execute(
        "SELECT min(changed_at) AS since FROM notices WHERE channel = %s AND state = 'pending' AND breached_at IS NULL",
        (channel,),
    )
    row = await cursor.fetchone()
    return row["since"] if row else None


async def on_the_board(conn: Connection) -> dict[str, datetime]:
    """For each channel that is behind, since when its T13 runs, as the deadline board has it."""
    cursor = await conn.execute(
        "SELECT channel, min(changed_at) AS since FROM notices WHERE state = 'pending' AND breached_at IS NULL"
        " GROUP BY channel"
    )
    return {row["channel"]: row["since"] for row in await cursor.fetchall()}


async def behind(conn: Connection) -> dict[str, datetime]:
    """The oldest undelivered change of each channel that is behind (T13)."""
    cursor = await conn.execute(
        "SELECT channel, min(changed_at) AS since FROM notices WHERE state = 'pending' GROUP BY channel"
    )
    return {row["channel"]: row["since"] for row in await cursor.fetchall()}


async def _snapshot(conn: Connection, order_no: str) -> Row:
    cursor = await conn.execute(_SNAPSHOT, {"order_no": order_no})
    row = await cursor.fetchone()
    if row is None:
        raise UnknownOrder(order_no)
    return row


def _body(order_no: str, row: Row) -> dict[str, Any]:
    status = OrderStatus(row["status"])
    after_sale = {name: row[name] for name in ("returns", "replacements") if row[name]}
    return after_sale | {
        "order_no": order_no,
        "channel_order_id": row["channel_order_id"],
        "status": status.value,
        "status_zh": CHINESE[status],
        "payment_status": payment_status(row["total"], row["captured"], row["refunded"]).value,
        "parcels": row["parcels"],
    }


_SNAPSHOT = """
SELECT o.channel, o.channel_order_id, o.status, o.total, o.replaces, p.captured, p.refunded,
    (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'parcel_no', parcel_no, 'carrier', carrier, 'tracking_no', tracking_no, 'state', state
        ) ORDER BY parcel_no), '[]') FROM parcels WHERE order_no = o.order_no AND state <> 'cancelled'
    ) AS parcels,
    (
        SELECT jsonb_agg(jsonb_build_object('case_no', case_no, 'rma_no', rma_no, 'wish', wish, 'state', state,
            'due_at', due_at) ORDER BY case_no) FROM returns WHERE order_no = o.order_no AND state <> 'void'
    ) AS returns,
    (
        SELECT jsonb_agg(jsonb_build_object('order_no', r.order_no, 'status', r.status, 'parcels', (
            SELECT coalesce(jsonb_agg(jsonb_build_object(
                'parcel_no', parcel_no, 'carrier', carrier, 'tracking_no', tracking_no, 'state', state
            ) ORDER BY parcel_no), '[]') FROM parcels WHERE order_no = r.order_no AND state <> 'cancelled'
        )) ORDER BY r.order_no) FROM orders r WHERE r.replaces = o.order_no
    ) AS replacements,
    n.sequence, n.body AS last
FROM orders o
JOIN payments p USING (order_no)
LEFT JOIN LATERAL (
    SELECT sequence, body FROM notices WHERE order_no = o.order_no ORDER BY sequence DESC LIMIT 1
) n ON true
WHERE o.order_no = %(order_no)s
"""

_WRITE = f"""
WITH written AS (
    INSERT INTO notices (channel, order_no, sequence, body, changed_at) VALUES (%s, %s, %s, %s, %s)
    RETURNING channel
)
SELECT pg_notify('{LISTEN}', channel) FROM written
"""

# An attempt that failed holds back its own order only, and a newer snapshot waits with it:
# the channel that did not answer a moment ago is not asked again for each change.
_PENDING = """
SELECT id, order_no, sequence, body, changed_at, attempts FROM (
    SELECT DISTINCT ON (order_no) id, order_no, sequence, body, changed_at,
        max(attempts) OVER (PARTITION BY order_no) AS attempts,
        max(next_attempt_at) OVER (PARTITION BY order_no) AS next_attempt_at
    FROM notices WHERE channel = %(channel)s AND state = 'pending'
    ORDER BY order_no, sequence DESC
) newest
WHERE next_attempt_at IS NULL OR next_attempt_at <= %(now)s
ORDER BY changed_at, id LIMIT %(limit)s
"""
