"""Broadcasts as rows: before the desks at once, until when, and what became of them in the group chat (R25)."""

from __future__ import annotations

from datetime import datetime

from domain import sayings
from domain.emergencies import STANDS_FOR
from models.base import SYSTEM, Actor
from models.emergencies import RecordBroadcast
from store import alerts, audit
from store.errors import StoreError
from store.pool import Connection, Row


class StandsNoMore(StoreError):
    """The broadcast was ended, or has stood as long as any."""


def subject_of(broadcast_id: str) -> str:
    """The subject under which a broadcast's acts are recorded."""
    return f"broadcast:{broadcast_id}"


async def record(conn: Connection, request: RecordBroadcast) -> None:
    """Put it before the desks, once: the list, an alert for each department, and the record."""
    told, at = request.broadcast, request.at
    cursor = await conn.execute(
        """INSERT INTO broadcasts (broadcast_id, severity, text, departments, sent_by, sent_at)
           VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (broadcast_id) DO NOTHING""",
        (told.broadcast_id, told.severity, told.text, list(told.departments), told.by.id, at),
    )
    if cursor.rowcount == 0:
        return
    for department in told.departments:
        key = f"broadcast:{told.broadcast_id}:{department}"
        await alerts.raise_alert(conn, sayings.broadcast(told.text), at=at, department=department, key=key)
    details = {"severity": told.severity, "departments": ", ".join(told.departments)}
    await audit.append(conn, audit.Entry(subject_of(told.broadcast_id), at, told.by, "broadcast_sent", details=details))


async def of_id(conn: Connection, broadcast_id: str, *, lock: bool = False) -> Row | None:
    """One broadcast; ``lock`` keeps others from ending it meanwhile."""
    if lock:
        # By itself: what was ended while we waited for the lock is seen only by a statement that begins after it.
        await conn.execute("SELECT FROM broadcasts WHERE broadcast_id = %s FOR UPDATE", (broadcast_id,))
    cursor = await conn.execute(f"{_SEEN} WHERE broadcast_id = %s".encode(), (broadcast_id,))
    return await cursor.fetchone()


async def page(
    conn: Connection,
    *,
    department: str | None,
    before: tuple[datetime, str] | None,
    limit: int,
    standing_at: datetime | None = None,
) -> list[Row]:
    """Broadcasts, the newest first, before the key (sent_at, broadcast_id); those to nobody are for all.

    With ``standing_at`` only those that stand at that instant.
    """
    at, broadcast_id = before or (None, None)
    since = standing_at - STANDS_FOR if standing_at else None
    values = {"department": department, "at": at, "id": broadcast_id, "since": since, "limit": limit}
    cursor = await conn.execute(_PAGE.encode(), values)
    return await cursor.fetchall()


def stands(row: Row, at: datetime) -> bool:
    """Whether it is still before the desks."""
    return row["ended_at"] is None and at < row["sent_at"] + STANDS_FOR


async def end(conn: Connection, row: Row, at: datetime, by: Actor, why: str) -> None:
    """Take it from the desks, on record; ``row`` is locked. Raises :class:`StandsNoMore`."""
    if not stands(row, at):
        raise StandsNoMore(f"the broadcast {row['broadcast_id']} stands no more")
    await audit.append(conn, audit.Entry(subject_of(row["broadcast_id"]), at, by, _ENDED, why=why))


async def posted(conn: Connection, broadcast_id: str, at: datetime, refused: str | None) -> None:
    """The group has it, or its robot refused with this code: then operations tell people by other means."""
    await conn.execute(
        "UPDATE broadcasts SET posted_at = %s, refused = %s WHERE broadcast_id = %s",
        (None if refused else at, refused, broadcast_id),
    )
    if refused:
        told = sayings.broadcast_refused(broadcast_id, refused)
        await alerts.raise_alert(conn, told, at=at, department="operations", key=f"refused:{broadcast_id}")
    act = "broadcast_refused" if refused else "broadcast_posted"
    await audit.append(conn, audit.Entry(subject_of(broadcast_id), at, SYSTEM, act, why=refused or ""))


_ENDED = "broadcast_ended"
# That it is over, the record alone tells (R23).
_SEEN = f"""
SELECT b.*, over.at AS ended_at, over.actor AS ended_by FROM broadcasts b
LEFT JOIN audit_entries over ON over.subject = 'broadcast:' || b.broadcast_id AND over.act = '{_ENDED}'
"""
_PAGE = f"""{_SEEN}
WHERE (%(department)s::text IS NULL OR departments = '{{}}' OR %(department)s = ANY(departments))
  AND (%(at)s::timestamptz IS NULL OR (sent_at, broadcast_id) < (%(at)s, %(id)s))
  AND (%(since)s::timestamptz IS NULL OR (sent_at > %(since)s AND over.at IS NULL))
ORDER BY sent_at DESC, broadcast_id DESC LIMIT %(limit)s
"""
