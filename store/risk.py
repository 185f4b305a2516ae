"""What counts against a buyer, by blind index, and the marks that come of it (R27).

Events are written in the transaction of the step they are. An order counts once for each
kind of event. Over the threshold within the window the buyer's indexes go on the blacklist
by themselves, until the mark expires; a person's own entry is never overwritten by a counter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from domain.order_status import OrderStatus
from domain.risk import COUNTED_BY, RiskEvent, Setting, event_of
from models.base import SYSTEM
from models.steps import Step
from store import audit, rules
from store.pool import Connection

_HAS_LEFT = sorted(
    {
        OrderStatus.PARTLY_SHIPPED,
        OrderStatus.SHIPPED,
        OrderStatus.PARTLY_SIGNED,
        OrderStatus.SIGNED,
        OrderStatus.ARCHIVED,
    }
)
"""Where a refund is of goods the buyer got; the refund of a cancelled order counts as its cancellation."""

KEPT = timedelta(days=400)
"""Longer than the longest window that can be configured."""


@dataclass(frozen=True)
class Listed:
    """What the blacklist holds of a buyer: kinds a person put there, and (event, kind) a counter marked."""

    blacklisted: tuple[str, ...]
    marked: tuple[tuple[str, str], ...]


async def listed(conn: Connection, contact_id: str, at: datetime) -> Listed:
    """Which of the buyer's account, phone and address are on the blacklist at that instant."""
    cursor = await conn.execute(_LISTED, {"contact_id": contact_id, "at": at})
    rows = await cursor.fetchall()
    return Listed(
        blacklisted=tuple(row["kind"] for row in rows if row["source"] == "hand"),
        marked=tuple((row["reason"], row["kind"]) for row in rows if row["source"] == "counter"),
    )


async def note_step(conn: Connection, step: Step) -> None:
    """Count what this step is against its buyer, and mark them where it is once too often.

    Costs nothing for nearly every step. Must run in the step's own transaction.
    """
    event = event_of(step.act, step.before, step.after, step.why)
    if event is None or (event is RiskEvent.REFUND and not await _has_left(conn, step.order_no)):
        return
    indexes = await _indexes(conn, step.order_no, COUNTED_BY[event])
    if not indexes:
        return
    await _one_at_a_time(conn, event, indexes)
    await _count(conn, step, event, indexes)
    counter = (await rules.current(conn)).counter(event)
    if counter.enabled:
        await _mark_if_often(conn, step, event, indexes, counter)


async def forget(conn: Connection, before: datetime) -> int:
    """Forget events of before that time: no window reaches so far back. Returns how many."""
    cursor = await conn.execute("DELETE FROM risk_events WHERE at < %s", (before,))
    return cursor.rowcount


async def _has_left(conn: Connection, order_no: str) -> bool:
    cursor = await conn.execute("SELECT status FROM orders WHERE order_no = %s", (order_no,))
    row = await cursor.fetchone()
    return row is not None and row["status"] in _HAS_LEFT


async def _indexes(conn: Connection, order_no: str, kinds: Sequence[str]) -> Mapping[str, bytes]:
    """The buyer's blind indexes by kind, as far as they are known."""
    cursor = await conn.execute(
        "SELECT account_index AS account, phone_index AS phone, address_index AS address"
        " FROM orders JOIN contacts USING (contact_id) WHERE order_no = %s",
        (order_no,),
    )
    row = await cursor.fetchone()
    return {} if row is None else {kind: bytes(row[kind]) for kind in kinds if row[kind] is not None}


async def _one_at_a_time(conn: Connection, event: RiskEvent, indexes: Mapping[str, bytes]) -> None:
    """Two orders of one buyer that end at once must see each other, or the threshold is passed unseen."""
    for key in sorted(_lock_key(event, index) for index in indexes.values()):
        await conn.execute("SELECT pg_advisory_xact_lock(%s)", (key,))


def _lock_key(event: RiskEvent, index: bytes) -> int:
    return int.from_bytes(blake2b(event.encode() + index, digest_size=8).digest(), signed=True)


async def _count(conn: Connection, step: Step, event: RiskEvent, indexes: Mapping[str, bytes]) -> None:
    await conn.execute(
        "INSERT INTO risk_events (event, order_no, kind, value_index, at)"
        " SELECT %s, %s, i.kind, i.value_index, %s FROM unnest(%s::text[], %s::bytea[]) AS i (kind, value_index)"
        " ON CONFLICT DO NOTHING",
        (event, step.order_no, step.at, list(indexes), list(indexes.values())),
    )


async def _mark_if_often(
    conn: Connection, step: Step, event: RiskEvent, indexes: Mapping[str, bytes], counter: Setting
) -> None:
    """Over the threshold on one index, every index the event counts on is marked."""
    counted = await _counted(conn, event, indexes, step.at, counter.values["window_days"])
    if max(counted.values()) < counter.values["threshold"]:
        return
    marked = await _mark(conn, event, indexes, step.at, step.at + timedelta(days=counter.values["expires_days"]))
    if marked:
        await _record(conn, step, event, {"counted": max(counted.values()), "kinds": marked, **counter.values})


async def _counted(
    conn: Connection, event: RiskEvent, indexes: Mapping[str, bytes], at: datetime, window_days: int
) -> dict[str, int]:
    cursor = await conn.execute(
        "SELECT i.kind, count(e.order_no) AS number FROM unnest(%(kinds)s::text[], %(indexes)s::bytea[])"
        " AS i (kind, value_index) LEFT JOIN risk_events e ON (e.kind, e.value_index, e.event) ="
        " (i.kind, i.value_index, %(event)s) AND e.at > %(since)s AND e.at <= %(at)s GROUP BY i.kind",
        {
            "kinds": list(indexes),
            "indexes": list(indexes.values()),
            "event": event,
            "since": at - timedelta(days=window_days),
            "at": at,
        },
    )
    return {row["kind"]: row["number"] for row in await cursor.fetchall()}


async def _mark(
    conn: Connection, event: RiskEvent, indexes: Mapping[str, bytes], at: datetime, until: datetime
) -> list[str]:
    cursor = await conn.execute(
        _MARK,
        {"event": event, "kinds": list(indexes), "indexes": list(indexes.values()), "at": at, "until": until},
    )
    return sorted(row["kind"] for row in await cursor.fetchall())


async def _record(conn: Connection, step: Step, event: RiskEvent, details: Mapping[str, object]) -> None:
    """In the buyer's record and the order's timeline: marked by whom, for what, until when (R23)."""
    cursor = await conn.execute("SELECT contact_id FROM orders WHERE order_no = %s", (step.order_no,))
    row = await cursor.fetchone()
    assert row is not None
    entry = audit.Entry(
        subject=f"contact:{row['contact_id']}",
        order_no=step.order_no,
        at=step.at,
        by=SYSTEM,
        act="buyer_marked",
        why=event,
        details=details,
    )
    await audit.append(conn, entry)


_LISTED = """
SELECT b.kind, b.source, b.reason FROM contacts c JOIN blacklist b
    ON (b.kind, b.value_index) IN (('account', c.account_index), ('phone', c.phone_index), ('address', c.address_index))
WHERE c.contact_id = %(contact_id)s AND (b.expires_at IS NULL OR b.expires_at > %(at)s) ORDER BY b.kind
"""

_MARK = """
INSERT INTO blacklist (kind, value_index, reason, added_by, added_at, expires_at, source)
SELECT i.kind, i.value_index, %(event)s, 'orderflow', %(at)s, %(until)s, 'counter'
FROM unnest(%(kinds)s::text[], %(indexes)s::bytea[]) AS i (kind, value_index) ORDER BY i.kind
ON CONFLICT (kind, value_index) DO UPDATE SET
    reason = excluded.reason, added_by = excluded.added_by, added_at = excluded.added_at,
    expires_at = greatest(blacklist.expires_at, excluded.expires_at), source = 'counter'
WHERE blacklist.source = 'counter' OR blacklist.expires_at <= excluded.added_at
RETURNING kind
"""
