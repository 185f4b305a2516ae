"""Work that does not go on by itself: where it is known, and having it tried again at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.order_status import ENDED
from models.base import Actor
from store import audit, notices
from store.audit import Entry
from store.errors import StoreError
from store.pool import Connection, Row


class NotWaiting(StoreError):
    """There is nothing of that name that waits for another attempt."""


@dataclass(frozen=True)
class Again:
    """Who has it tried again, why and when."""

    by: Actor
    why: str
    at: datetime


async def note(conn: Connection, workflow_id: str, activity: str, at: datetime) -> None:
    """An activity needs a third attempt."""
    await conn.execute(
        "INSERT INTO retrying (workflow_id, activity, since) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        (workflow_id, activity, at),
    )


async def forget(conn: Connection, workflow_id: str, activity: str) -> None:
    """It is done, or nobody asks for it any more."""
    await conn.execute("DELETE FROM retrying WHERE workflow_id = %s AND activity = %s", (workflow_id, activity))


async def retrying(conn: Connection, limit: int) -> Sequence[Row]:
    """``workflow_id``, ``activity``, ``since`` of what was noted, the oldest first."""
    cursor = await conn.execute("SELECT * FROM retrying ORDER BY since LIMIT %s", (limit,))
    return await cursor.fetchall()


async def messages(conn: Connection, limit: int) -> Sequence[Row]:
    """Messages of the inbox that were tried more than once and did not reach their order, the oldest first."""
    cursor = await conn.execute(
        "SELECT message_id, source, topic, order_no, attempts, received_at AS since, next_attempt_at, last_error"
        " FROM inbox WHERE state = 'received' AND attempts > 1 ORDER BY received_at, message_id LIMIT %s",
        (limit,),
    )
    return await cursor.fetchall()


async def untold(conn: Connection, limit: int) -> Sequence[Row]:
    """Of each order the newest status notice that its channel refused or did not hear, the oldest first (T13)."""
    cursor = await conn.execute(_UNTOLD, {"limit": limit})
    return await cursor.fetchall()


async def refused(conn: Connection, limit: int) -> Sequence[Row]:
    """Orders that wait because an outside party refused: ``order_no``, ``status``, ``why``, ``since``."""
    cursor = await conn.execute(_REFUSED, {"ended": [str(status) for status in ENDED], "limit": limit})
    return await cursor.fetchall()


async def try_message(conn: Connection, message_id: str, again: Again) -> None:
    """Make it due at once, parked or not; raises :class:`NotWaiting` when it is forwarded, refused or unknown."""
    cursor = await conn.execute(
        "UPDATE inbox SET next_attempt_at = %s, state = 'received', parked_at = NULL WHERE message_id = %s"
        " AND (state = 'received' OR (state = 'parked' AND length(sealed) > 0)) RETURNING order_no",
        (again.at, message_id),
    )
    row = await cursor.fetchone()
    if row is None:
        raise NotWaiting(f"no message {message_id} waits: it reached its order, was refused or emptied, or never came")
    await audit.append(conn, _entry(row["order_no"], f"message:{message_id}", again))


async def try_notices(conn: Connection, order_no: str, again: Again) -> None:
    """Have the channel told of this order at once; raises :class:`NotWaiting` when it knows everything."""
    cursor = await conn.execute(notices.DUE_AT_ONCE, {"order_no": order_no, "listen": notices.LISTEN})
    if not await cursor.fetchall():
        raise NotWaiting(f"the channel knows all of order {order_no}")
    await audit.append(conn, _entry(order_no, f"notices:{order_no}", again))


async def activity_entry(conn: Connection, workflow_id: str, activity: str, again: Again) -> Entry:
    """For the record: Temporal was asked to run it now."""
    return _entry(await _order_of(conn, workflow_id), f"activity:{workflow_id}:{activity}", again)


async def _order_of(conn: Connection, workflow_id: str) -> str | None:
    cursor = await conn.execute("SELECT order_no FROM orders WHERE 'order-' || order_no = %s", (workflow_id,))
    row = await cursor.fetchone()
    return row["order_no"] if row else None


def _entry(order_no: str | None, what: str, again: Again) -> Entry:
    subject = f"order:{order_no}" if order_no else "stuck"
    return Entry(
        subject=subject, order_no=order_no, at=again.at, by=again.by, act="tried_again", why=again.why,
        details={"what": what},
    )  # fmt: skip


_UNTOLD = """
SELECT * FROM (
    SELECT DISTINCT ON (order_no) order_no, channel, attempts, changed_at AS since, next_attempt_at, last_error
    FROM notices WHERE state = 'pending' AND attempts > 1
    ORDER BY order_no, sequence DESC
) AS newest
ORDER BY since, order_no LIMIT %(limit)s
"""
_REFUSED = """
SELECT order_no, status, why, since FROM (
    SELECT DISTINCT ON (e.order_no) e.order_no, o.status, e.why, e.at AS since
    FROM audit_entries e JOIN orders o USING (order_no)
    WHERE e.act = 'refused_outside' AND o.status <> ALL(%(ended)s) AND NOT EXISTS (
        SELECT FROM audit_entries l WHERE l.order_no = e.order_no AND l.act = 'outside_asked_again' AND l.id > e.id
    )
    ORDER BY e.order_no, e.id DESC
) AS standing ORDER BY since LIMIT %(limit)s
"""
