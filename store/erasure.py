"""A person is erased: the key destroyed, the trade record left whole (R29, T21).

What goes: the contact's key, its sealed fields and blind indexes, the notes on the
person's orders, the bodies of their messages, the texts of their parcels' events, what was
counted against them, and their links to their orders. What stays: orders, lines, money, parcels, the record of acts;
they hold a contact id that leads nowhere.

ErasureRefused
├── NotEnded     an order of the person still needs them
└── Nobody       no contact of that id was ever kept
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from domain.order_status import ENDED
from domain.retention import parked_before, refused_before
from models.base import Actor
from runtime.crypto import Indexed
from store import audit
from store.pool import Connection, Row

_ENDED = sorted(ENDED)
_EMPTY = b""
"""What stands where a sealed text stood: that there was one is part of the trade record."""


class ErasureRefused(Exception):
    """The person is not erased; the text holds ids only."""


class NotEnded(ErasureRefused):
    """An order of the person still needs them: not ended, not settled, a message waits for it, or a case."""

    def __init__(self, contact_id: str, waiting: Sequence[str]) -> None:
        self.contact_id, self.waiting = contact_id, tuple(waiting)
        super().__init__(f"{contact_id} is still needed: {'; '.join(waiting)}")


class Nobody(ErasureRefused):
    """No contact of that id was ever kept."""

    def __init__(self, contact_id: str) -> None:
        super().__init__(f"there is no contact {contact_id}")


@dataclass(frozen=True)
class Extent:
    """What hangs on a contact. ``waiting`` says why it cannot be erased yet; empty means it can.

    ``same_buyer`` are other contacts under the same phone or account: a buyer has one for
    each order.
    """

    contact_id: str
    orders: tuple[str, ...]
    waiting: tuple[str, ...]
    notes: int
    messages: int
    tracking_texts: int
    same_buyer: tuple[str, ...]
    erased_at: datetime | None


# --- whom --------------------------------------------------------------------------


async def of_order(conn: Connection, order_no: str) -> list[str]:
    """The contact of an order; empty when the order is not on record."""
    return await _ids(conn, "SELECT contact_id FROM orders WHERE order_no = %s", order_no)


async def of_index(conn: Connection, kind: Indexed, index: bytes) -> list[str]:
    """Every contact under a blind index, without opening any (R27)."""
    column = {Indexed.PHONE: "phone_index", Indexed.ACCOUNT: "account_index", Indexed.ADDRESS: "address_index"}[kind]
    return await _ids(conn, f"SELECT contact_id FROM contacts WHERE {column} = %s ORDER BY contact_id", index)


async def extent(conn: Connection, contact_id: str) -> Extent:
    """What erasing this contact would take away; raises :class:`Nobody`. Changes nothing."""
    contact = await _contact(conn, contact_id)
    orders = await _ids(conn, "SELECT order_no FROM orders WHERE contact_id = %s ORDER BY order_no", contact_id)
    counted = await _one(conn, _COUNTS, {"contact_id": contact_id, "orders": orders})
    return Extent(
        contact_id=contact_id,
        orders=tuple(orders),
        waiting=tuple(await _waiting(conn, contact_id)),
        notes=counted["notes"],
        messages=counted["messages"],
        tracking_texts=counted["texts"],
        same_buyer=tuple(await _same_buyer(conn, contact)),
        erased_at=contact["erased_at"],
    )


# --- the deed ----------------------------------------------------------------------


async def erase(conn: Connection, contact_id: str, *, at: datetime, by: Actor, why: str) -> bool:
    """Erase the person in the caller's transaction; False when they were erased before.

    Raises :class:`NotEnded`, :class:`Nobody`. Nothing is half-erased.
    """
    contact = await _contact(conn, contact_id, lock=True)
    if contact["erased_at"] is not None:
        return False
    there = await extent(conn, contact_id)
    if there.waiting:
        raise NotEnded(contact_id, there.waiting)
    await _take_away(conn, there, at)
    await audit.append(conn, _entry(there, at, by, why))
    return True


async def without_key(conn: Connection, limit: int) -> list[tuple[str, datetime]]:
    """Contacts that a restore brought back without a key, before their erasure is on record; and since when."""
    cursor = await conn.execute(_WITHOUT_KEY, (limit,))
    return [(row["contact_id"], row["erased_at"]) for row in await cursor.fetchall()]


async def erase_restored(conn: Connection, contact_id: str, *, at: datetime, by: Actor, why: str) -> None:
    """Take away what else a restored backup holds of somebody whose key is gone: whatever state it shows (R29).

    The orders had ended when the person was erased; the backup is of an earlier day. So a message that
    it shows as waiting has long been delivered.
    """
    there = await extent(conn, contact_id)
    await _take_away(conn, there, at)
    await conn.execute(_LONG_DELIVERED, {"orders": list(there.orders), "at": at})
    await audit.append(conn, _entry(there, at, by, why))


async def _take_away(conn: Connection, there: Extent, at: datetime) -> None:
    names = {"contact_id": there.contact_id, "orders": list(there.orders), "at": at, "empty": _EMPTY}
    for statement in _TAKE_AWAY:
        await conn.execute(statement, names)


def _entry(there: Extent, at: datetime, by: Actor, why: str) -> audit.Entry:
    taken = {name: value for name, value in asdict(there).items() if name in ("notes", "messages", "tracking_texts")}
    return audit.Entry(
        subject=f"contact:{there.contact_id}",
        order_no=there.orders[0] if len(there.orders) == 1 else None,
        step_key=f"contact:{there.contact_id}#erased",
        at=at,
        by=by,
        act="contact_erased",
        why=why,
        details={**taken, "contact_id": there.contact_id, "orders": list(there.orders)},
    )


# --- by the clock ------------------------------------------------------------------


async def due(conn: Connection, at: datetime, kept: timedelta, *, after: str, limit: int) -> list[str]:
    """Contacts whose every order ended so long ago that T21 has passed at ``at``, by contact id.

    ``kept`` is the shop's T21; an order that began with another keeps that one. A contact
    that no order came to use counts from the day it was kept.
    """
    await conn.execute("SET LOCAL statement_timeout = '10min'")
    cursor = await conn.execute(_DUE, {"at": at, "kept": kept, "ended": _ENDED, "after": after, "limit": limit})
    return [row["contact_id"] for row in await cursor.fetchall()]


async def empty_ownerless(conn: Connection, at: datetime) -> int:
    """Empty the bodies of refused and parked messages whose time is over; returns how many.

    Such a message belongs to no contact, so no person's erasure can find it.
    """
    cursor = await conn.execute(
        """UPDATE inbox SET sealed = %(empty)s WHERE length(sealed) > 0 AND (
               (state = 'refused' AND received_at < %(refused)s) OR (state = 'parked' AND parked_at < %(parked)s))""",
        {"empty": _EMPTY, "refused": refused_before(at), "parked": parked_before(at)},
    )
    return cursor.rowcount


# --- looking -----------------------------------------------------------------------


async def _contact(conn: Connection, contact_id: str, *, lock: bool = False) -> Row:
    query = "SELECT contact_id, phone_index, account_index, erased_at FROM contacts WHERE contact_id = %s"
    cursor = await conn.execute(f"{query}{' FOR UPDATE' if lock else ''}".encode(), (contact_id,))
    row = await cursor.fetchone()
    if row is None:
        raise Nobody(contact_id)
    return row


async def _waiting(conn: Connection, contact_id: str) -> list[str]:
    cursor = await conn.execute(_WAITING, {"contact_id": contact_id, "ended": _ENDED})
    return [f"{row['order_no']} {row['why']}" for row in await cursor.fetchall()]


async def _same_buyer(conn: Connection, contact: Row) -> list[str]:
    cursor = await conn.execute(_SAME_BUYER, contact)
    return [row["contact_id"] for row in await cursor.fetchall()]


async def _ids(conn: Connection, query: str, value: object) -> list[str]:
    cursor = await conn.execute(query.encode(), (value,))
    return [next(iter(row.values())) for row in await cursor.fetchall()]


async def _one(conn: Connection, query: str, values: dict[str, object]) -> Row:
    row = await (await conn.execute(query.encode(), values)).fetchone()
    assert row is not None, "a query of counts always has a row"
    return row


_COUNTS = """
SELECT
    (SELECT count(*) FROM notes WHERE wrapped_key IS NOT NULL
        AND (order_no = ANY(%(orders)s) OR contact_id = %(contact_id)s)) AS notes,
    (SELECT count(*) FROM inbox WHERE order_no = ANY(%(orders)s) AND length(sealed) > 0) AS messages,
    (SELECT count(*) FROM tracking_events JOIN parcels USING (parcel_no)
        WHERE order_no = ANY(%(orders)s) AND length(text_sealed) > 0) AS texts
"""
# An early end is settled when all money went back (R3); a message in the inbox may be money that came late.
_WAITING = """
SELECT order_no, 'is not ended: ' || status AS why FROM orders
WHERE contact_id = %(contact_id)s AND status <> ALL(%(ended)s)
UNION ALL
SELECT o.order_no, 'is not refunded yet' FROM orders o JOIN payments p USING (order_no)
WHERE contact_id = %(contact_id)s AND status IN ('cancelled', 'rejected', 'intercepted') AND captured > refunded
UNION ALL
SELECT o.order_no, 'has a message that is not delivered yet' FROM orders o JOIN inbox i USING (order_no)
WHERE contact_id = %(contact_id)s AND i.state = 'received'
UNION ALL
SELECT o.order_no, 'has an open case: ' || case_no FROM orders o JOIN cases USING (order_no)
WHERE contact_id = %(contact_id)s AND closed_at IS NULL
ORDER BY 1, 2
"""
_SAME_BUYER = """
SELECT contact_id FROM contacts WHERE phone_index = %(phone_index)s AND contact_id <> %(contact_id)s
UNION SELECT contact_id FROM contacts WHERE account_index = %(account_index)s AND contact_id <> %(contact_id)s
ORDER BY 1
"""
_TAKE_AWAY = (
    """UPDATE contacts SET wrapped_key = NULL, name = NULL, phone = NULL, address = NULL, remark = NULL, email = NULL,
              phone_index = NULL, account_index = NULL, address_index = NULL, erased_at = %(at)s
       WHERE contact_id = %(contact_id)s""",
    """UPDATE notes SET wrapped_key = NULL, sealed = %(empty)s
       WHERE order_no = ANY(%(orders)s) OR contact_id = %(contact_id)s""",
    "UPDATE inbox SET sealed = %(empty)s WHERE order_no = ANY(%(orders)s)",
    """UPDATE tracking_events SET text_sealed = %(empty)s FROM parcels
       WHERE parcels.parcel_no = tracking_events.parcel_no AND order_no = ANY(%(orders)s)
         AND text_sealed IS NOT NULL""",
    "DELETE FROM risk_events WHERE order_no = ANY(%(orders)s)",
    "DELETE FROM tracking_links WHERE order_no = ANY(%(orders)s)",
)
_WITHOUT_KEY = """
SELECT contact_id, coalesce(erased_at, now()) AS erased_at FROM contacts c
WHERE wrapped_key IS NULL AND NOT EXISTS (
    SELECT FROM audit_entries a WHERE a.subject = 'contact:' || c.contact_id AND a.act = 'contact_erased')
ORDER BY contact_id LIMIT %s
"""
_LONG_DELIVERED = """
UPDATE inbox SET state = 'forwarded', forwarded_at = %(at)s, next_attempt_at = NULL
WHERE order_no = ANY(%(orders)s) AND state = 'received'
"""
# Pydantic writes 1095 days as P3Y, and means 365 days by a year; PostgreSQL would mean a calendar year.
_KEPT = """
(SELECT CASE WHEN own IS NULL THEN %(kept)s ELSE make_interval(
    days => (extract(year FROM own) * 365 + extract(day FROM own))::int,
    secs => extract(epoch FROM own - date_trunc('day', own))) END
 FROM (SELECT (o.policy #>> '{durations,T21}')::interval AS own) t)
"""
_DUE = f"""
SELECT c.contact_id FROM contacts c
WHERE c.erased_at IS NULL AND c.contact_id > %(after)s
  AND NOT EXISTS (
      SELECT FROM orders o WHERE o.contact_id = c.contact_id
      AND NOT (o.status = ANY(%(ended)s) AND coalesce(o.archived_at, o.updated_at) + {_KEPT} <= %(at)s)
  )
  AND (c.created_at + %(kept)s <= %(at)s OR EXISTS (SELECT FROM orders o WHERE o.contact_id = c.contact_id))
ORDER BY c.contact_id LIMIT %(limit)s
"""
