"""Alerts: what a department must look at, each of them once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from domain.alert_kinds import Saying
from models.steps import Alert
from store import audit
from store.pool import Connection, Row
from store.scopes import Within

_LIST = "alerts"

RAISED = """alerted AS (
    INSERT INTO alerts (at, department, kind, order_no, text, facts, key)
    SELECT %(at)s, a.department, a.kind, %(order_no)s, a.text, a.facts, a.key
    FROM jsonb_to_recordset(%(alerts)s) AS a (department text, kind text, text text, facts jsonb, key text)
    ON CONFLICT (key) DO NOTHING RETURNING id
)"""
"""The alerts of a step as part of its statement: ``alerts`` are rows as :func:`rows` makes them."""
TOLD_OF = f"SELECT pg_notify('{audit.LISTEN}', '{_LIST}') FROM alerted LIMIT 1"
"""The part after it, which tells the watchers that there are others now (R33)."""


async def raise_alert(
    conn: Connection, told: Saying, *, at: datetime, department: str, key: str, order_no: str | None = None
) -> bool:
    """Raise it, unless the same ``key`` was raised before; neither text nor facts hold personal data (R21)."""
    cursor = await conn.execute(
        "INSERT INTO alerts (at, department, kind, order_no, text, facts, key) VALUES (%s, %s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (key) DO NOTHING",
        (at, department, told.kind, order_no, told.text, Jsonb(told.facts), key),
    )
    if raised := cursor.rowcount == 1:
        await audit.tell_of(conn, _LIST)
    return raised


async def raise_beside(conn: Connection, told: Mapping[str, Alert], *, at: datetime, order_no: str) -> None:
    """Raise those of a step that moves no row in whose statement they could go, by their keys."""
    await conn.execute(_RAISE, {"at": at, "order_no": order_no, "alerts": rows(told)})


def rows(told: Mapping[str, Alert]) -> Jsonb:
    """The alerts of a step, by the keys that keep each single, as :data:`RAISED` writes them."""
    return Jsonb([one.model_dump() | {"key": key} for key, one in told.items()])


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
        await audit.tell_of(conn, _LIST)
    return cursor.rowcount


_RAISE = f"WITH {RAISED} {TOLD_OF}".encode()
_UNSEEN = """
seen_at IS NULL
    AND (%(department)s::text IS NULL OR department = %(department)s)
    AND (%(channels)s::text[] IS NULL OR split_part(order_no, '-', 1) = ANY(%(channels)s))
    AND (%(warehouses)s::text[] IS NULL OR order_no IS NULL OR EXISTS (
        SELECT FROM parcels WHERE parcels.order_no = alerts.order_no AND warehouse = ANY(%(warehouses)s)))
"""
_PAGE = f"""
SELECT id, at, department, kind, order_no, text, facts FROM alerts
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
