"""Alerts: what a department must look at, each of them once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from store.pool import Connection, Row


async def raise_alert(
    conn: Connection, *, at: datetime, department: str, kind: str, text: str, key: str, order_no: str | None = None
) -> bool:
    """Raise it, unless the same ``key`` was raised before; the text holds no personal data (R21)."""
    cursor = await conn.execute(
        "INSERT INTO alerts (at, department, kind, order_no, text, key) VALUES (%s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (key) DO NOTHING",
        (at, department, kind, order_no, text, key),
    )
    return cursor.rowcount == 1


async def breaches_to_tell(conn: Connection) -> list[Row]:
    """Deadlines that passed and that the group chat has not been told of.

    What only reminds (T2) is no breach.
    """
    cursor = await conn.execute(_TO_TELL)
    return await cursor.fetchall()


async def told(conn: Connection, ids: Sequence[int], chat: str) -> None:
    """The chat has these (``posted``), or never will: no robot, or the code of its refusal."""
    await conn.execute("UPDATE alerts SET chat = %s WHERE id = ANY(%s::bigint[])", (chat, list(ids)))


async def unseen(conn: Connection, department: str | None = None, *, after_id: int = 0, limit: int = 100) -> list[Row]:
    """What nobody has looked at yet, oldest first, after the id ``after_id`` (keyset page)."""
    cursor = await conn.execute(
        "SELECT * FROM alerts WHERE seen_at IS NULL AND id > %(after)s"
        " AND (%(department)s::text IS NULL OR department = %(department)s) ORDER BY id LIMIT %(limit)s",
        {"after": after_id, "department": department, "limit": limit},
    )
    return await cursor.fetchall()


async def seen(conn: Connection, alert_id: int, by: str, at: datetime) -> bool:
    """Someone has looked at it; False if someone else had before, or there is no such alert."""
    cursor = await conn.execute(
        "UPDATE alerts SET seen_at = %s, seen_by = %s WHERE id = %s AND seen_at IS NULL", (at, by, alert_id)
    )
    return cursor.rowcount == 1


# As the index alerts_for_the_chat has it, so that the reminders of years are never looked through.
_TO_TELL = """
SELECT id, kind, department, text FROM alerts
WHERE chat IS NULL AND kind ~ '^T[0-9]+P?$' AND kind <> 'T2'
ORDER BY id LIMIT 10000
"""
