"""Alerts: what a department must look at, each of them once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from store import audit
from store.pool import Connection, Row
from store.scopes import Within

LIST = "alerts"
"""The name under which the watchers are told that there are others now (R33)."""
TELL_OF = f"SELECT pg_notify('{audit.LISTEN}', '{LIST}')"
"""As part of a statement that raises some."""


async def raise_alert(
    conn: Connection, *, at: datetime, department: str, kind: str, text: str, key: str, order_no: str | None = None
) -> bool:
    """Raise it, unless the same ``key`` was raised before; the text holds no personal data (R21)."""
    cursor = await conn.execute(
        "INSERT INTO alerts (at, department, kind, order_no, text, key) VALUES (%s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (key) DO NOTHING",
        (at, department, kind, order_no, text, key),
    )
    if raised := cursor.rowcount == 1:
        await audit.tell_of(conn, LIST)
    return raised


def with_told(details: Mapping[str, Any], departments: Iterable[str]) -> Mapping[str, Any]:
    """The particulars of an act, with the departments that are told of it: the record says who was (R23)."""
    told = list(dict.fromkeys(departments))
    return {**details, "told": told} if told else details


async def breaches_to_tell(conn: Connection) -> list[Row]:
    """Deadlines that passed and that the group chat has not been told of.

    What only reminds (T2) is no breach.
    """
    cursor = await conn.execute(_TO_TELL)
    return await cursor.fetchall()


async def told(conn: Connection, ids: Sequence[int], chat: str) -> None:
    """The chat has these (``posted``), or never will: no robot, or the code of its refusal."""
    await conn.execute("UPDATE alerts SET chat = %s WHERE id = ANY(%s::bigint[])", (chat, list(ids)))


async def unseen(
    conn: Connection,
    department: str | None = None,
    *,
    before_id: int | None = None,
    limit: int = 100,
    within: Within | None = None,
) -> list[Row]:
    """What nobody has looked at yet, the newest first, before the id ``before_id`` (keyset page).

    ``within`` leaves out those of orders of other channels, or without a parcel in its warehouses (R22).
    """
    asked = {"before": before_id, "department": department, "limit": limit}
    cursor = await conn.execute(_PAGE, asked | vars(within or Within("")))
    return await cursor.fetchall()


@dataclass(frozen=True)
class Look:
    """Who looks, and when: at the alerts of one ``department`` or of all, ``within`` what they are confined to."""

    by: str
    at: datetime
    department: str | None = None
    within: Within | None = None


async def seen(conn: Connection, ids: Sequence[int], look: Look) -> int:
    """Somebody has looked at these; how many of them nobody had seen before."""
    asked = {"ids": list(ids), "by": look.by, "at": look.at, "department": look.department}
    cursor = await conn.execute(_SEEN, asked | vars(look.within or Within("")))
    if cursor.rowcount:
        await audit.tell_of(conn, LIST)
    return cursor.rowcount


_UNSEEN = """
seen_at IS NULL
    AND (%(department)s::text IS NULL OR department = %(department)s)
    AND (%(channels)s::text[] IS NULL OR split_part(order_no, '-', 1) = ANY(%(channels)s))
    AND (%(warehouses)s::text[] IS NULL OR order_no IS NULL OR EXISTS (
        SELECT FROM parcels WHERE parcels.order_no = alerts.order_no AND warehouse = ANY(%(warehouses)s)))
"""
_PAGE = f"""
SELECT id, at, department, kind, order_no, text FROM alerts
WHERE {_UNSEEN} AND (%(before)s::bigint IS NULL OR id < %(before)s) ORDER BY id DESC LIMIT %(limit)s
""".encode()
_SEEN = f"""
UPDATE alerts SET seen_at = %(at)s, seen_by = %(by)s WHERE id = ANY(%(ids)s::bigint[]) AND {_UNSEEN}
""".encode()

# As the index alerts_for_the_chat has it, so that the reminders of years are never looked through.
_TO_TELL = """
SELECT id, kind, department, text FROM alerts
WHERE chat IS NULL AND kind ~ '^T[0-9]+P?$' AND kind <> 'T2'
ORDER BY id LIMIT 10000
"""
