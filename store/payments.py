"""The ledger of an order's money: booked once, given back once (R3, accidents 5 and 6).

The sums in ``payments`` are always made anew from the entries. An amount counts whatever
its currency: money taken in the wrong one is a finding for the review (R6), and still
has to be given back in full, each capture in its own currency.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.order_status import OrderStatus
from domain.refunds import Capture, Given, Part, refund_plan
from models.news import PaymentEvent, PaymentNews
from models.steps import Ledger
from store.errors import NothingToRefund, UnknownOrder
from store.pool import Connection, Row

_ENDED_EARLY = [OrderStatus.CANCELLED, OrderStatus.REJECTED, OrderStatus.INTERCEPTED]


@dataclass(frozen=True)
class OpenRefund:
    """A part of a refund that is ordered and not yet confirmed; ``key`` goes to the provider."""

    key: str
    provider: str
    reference: str
    amount: int
    currency: str


async def ledger(conn: Connection, order_no: str, *, booked: bool = False) -> Ledger:
    """The sums in minor units, and what the shop may keep: nothing of an order that ended early."""
    cursor = await conn.execute(
        "SELECT p.captured, p.refunded, CASE WHEN o.status = ANY(%s) THEN 0 ELSE o.total END AS due"
        " FROM payments p JOIN orders o USING (order_no) WHERE p.order_no = %s",
        (_ENDED_EARLY, order_no),
    )
    row = await cursor.fetchone()
    if row is None:
        raise UnknownOrder(order_no)
    return Ledger(captured=row["captured"], refunded=row["refunded"], due=row["due"], booked=booked)


async def book(conn: Connection, order_no: str, news: PaymentNews) -> Ledger:
    """Write a provider's notice into the ledger; ``booked`` is False for an echo of what is there."""
    await _lock(conn, order_no)
    booked = await _enter(conn, order_no, news)
    await _count_again(conn, order_no)
    return await ledger(conn, order_no, booked=booked)


async def collect(conn: Connection, order_no: str, amount: int, *, parcel_no: str, at: datetime) -> None:
    """The carrier collected cash at the door (R14); once for a parcel."""
    await _lock(conn, order_no)
    await conn.execute(
        "INSERT INTO payment_entries (order_no, kind, amount, currency, key, at)"
        " SELECT order_no, 'collected', %s, currency, %s, %s FROM payments WHERE order_no = %s"
        " ON CONFLICT (key) DO NOTHING",
        (amount, f"collected:{parcel_no}", at, order_no),
    )
    await _count_again(conn, order_no)


async def order_refund(conn: Connection, order_no: str, key: str, amount: int, at: datetime) -> list[OpenRefund]:
    """Put the refund on the books before anyone is asked for it; return its parts still open.

    The same ``key`` again orders nothing more. Less is ordered if less is left. Raises
    NothingToRefund where money is left, but none that a provider took (cash at the door).
    The database refuses refunds over the captured sum, whatever this code believes.
    """
    row = await _lock(conn, order_no)
    if not await _parts(conn, order_no, key):
        left = row["captured"] - row["refunded"] - row["refunding"]
        plan = await _plan(conn, order_no, min(amount, left))
        if left > 0 and not plan:
            raise NothingToRefund(order_no)
        await _order_parts(conn, order_no, key, plan, at)
    parts = [part for part in await _parts(conn, order_no, key) if part["refund_reference"] is None]
    return [
        OpenRefund(part["key"], part["provider"], part["reference"], part["amount"], part["currency"]) for part in parts
    ]


async def refund_done(conn: Connection, part_key: str, refund_reference: str, at: datetime) -> None:
    """The provider has given this part back; its own notice of it may have been booked before us.

    Then the entry is there already, and only the order is closed.
    """
    part = await _part(conn, part_key)
    await _lock(conn, part["order_no"])
    await conn.execute(
        "INSERT INTO payment_entries"
        " (order_no, kind, amount, currency, provider, reference, refund_reference, key, at)"
        " SELECT order_no, 'refunded', amount, currency, provider, reference, %(refund)s,"
        "   'refunded:' || provider || ':' || %(refund)s, %(at)s FROM payment_entries WHERE key = %(key)s"
        " ON CONFLICT (key) DO NOTHING",
        {"refund": refund_reference, "at": at, "key": part_key},
    )
    await _close(conn, part["id"], refund_reference)
    await _count_again(conn, part["order_no"])


async def refund_refused(conn: Connection, part_key: str, code: str) -> None:
    """The provider will not give this part back: it is open no longer, and the money is still here."""
    part = await _part(conn, part_key)
    await _lock(conn, part["order_no"])
    await _close(conn, part["id"], f"refused:{code}")
    await _count_again(conn, part["order_no"])


async def currencies(conn: Connection, order_no: str) -> tuple[str, ...]:
    """The currencies in which money was captured (R6)."""
    cursor = await conn.execute(
        "SELECT DISTINCT currency FROM payment_entries WHERE order_no = %s AND kind = 'captured' ORDER BY 1",
        (order_no,),
    )
    return tuple(row["currency"] for row in await cursor.fetchall())


def _key_of(news: PaymentNews) -> str:
    """What makes the notice single.

    A provider tells one capture in several notices (the event, its repeat, our own question
    when we close), each with an id of its own; payment and amount are what they share.
    """
    if news.event is PaymentEvent.CAPTURED:
        return f"captured:{news.provider}:{news.reference}:{news.amount}"
    if news.event is PaymentEvent.REFUNDED and news.refund_reference:
        return f"refunded:{news.provider}:{news.refund_reference}"
    return f"{news.event}:{news.provider}:{news.event_id}"


async def _lock(conn: Connection, order_no: str) -> Row:
    cursor = await conn.execute("SELECT * FROM payments WHERE order_no = %s FOR UPDATE", (order_no,))
    row = await cursor.fetchone()
    if row is None:
        raise UnknownOrder(order_no)
    return row


async def _enter(conn: Connection, order_no: str, news: PaymentNews) -> bool:
    cursor = await conn.execute(
        "INSERT INTO payment_entries"
        " (order_no, kind, amount, currency, provider, reference, refund_reference, key, at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (key) DO NOTHING",
        (
            order_no, news.event, news.amount, news.currency, news.provider, news.reference, news.refund_reference,
            _key_of(news), news.at,
        ),
    )  # fmt: skip
    return cursor.rowcount == 1


async def _close(conn: Connection, part_id: int, refund_reference: str) -> None:
    await conn.execute(
        "UPDATE payment_entries SET refund_reference = %s WHERE id = %s AND refund_reference IS NULL",
        (refund_reference, part_id),
    )


async def _count_again(conn: Connection, order_no: str) -> None:
    """Make the sums anew from the entries.

    A refund may be told before its capture: it counts as soon as the capture is there, so
    nobody gives back a second time what has gone back already (accident 8). And our own
    refund may be told while it is still open here: until it is closed it counts as open.
    """
    await conn.execute(_COUNT, {"order_no": order_no})


_COUNT = """
UPDATE payments p SET
    captured = s.captured,
    refunding = least(s.refunding, s.captured),
    refunded = least(s.refunded, s.captured - least(s.refunding, s.captured))
FROM (
    SELECT
        coalesce(sum(amount) FILTER (WHERE kind IN ('captured', 'collected')), 0) AS captured,
        coalesce(sum(amount) FILTER (WHERE kind = 'refund_ordered' AND refund_reference IS NULL), 0) AS refunding,
        coalesce(sum(amount) FILTER (WHERE kind = 'refunded'), 0) AS refunded
    FROM payment_entries WHERE order_no = %(order_no)s
) s
WHERE p.order_no = %(order_no)s
"""


async def _plan(conn: Connection, order_no: str, amount: int) -> list[Part]:
    cursor = await conn.execute(
        "SELECT kind, amount, currency, provider, reference FROM payment_entries WHERE order_no = %s"
        " AND (kind IN ('captured', 'refunded') OR (kind = 'refund_ordered' AND refund_reference IS NULL))"
        " ORDER BY id",
        (order_no,),
    )
    rows = await cursor.fetchall()
    captures = [
        Capture(row["provider"], row["reference"], row["amount"], row["currency"])
        for row in rows
        if row["kind"] == "captured"
    ]
    given = [Given(row["provider"], row["reference"], row["amount"]) for row in rows if row["kind"] != "captured"]
    return refund_plan(captures, given, amount)


async def _order_parts(conn: Connection, order_no: str, key: str, plan: list[Part], at: datetime) -> None:
    for number, part in enumerate(plan, start=1):
        await conn.execute(
            "INSERT INTO payment_entries (order_no, kind, amount, currency, provider, reference, key, at)"
            " VALUES (%s, 'refund_ordered', %s, %s, %s, %s, %s, %s)",
            (order_no, part.amount, part.currency, part.provider, part.reference, f"{key}#{number}", at),
        )
    ordered = sum(part.amount for part in plan)
    await conn.execute("UPDATE payments SET refunding = refunding + %s WHERE order_no = %s", (ordered, order_no))


async def _parts(conn: Connection, order_no: str, key: str) -> list[Row]:
    cursor = await conn.execute(
        "SELECT * FROM payment_entries WHERE order_no = %s AND kind = 'refund_ordered'"
        " AND regexp_replace(key, '#[0-9]+$', '') = %s ORDER BY id",
        (order_no, key),
    )
    return await cursor.fetchall()


async def _part(conn: Connection, part_key: str) -> Row:
    cursor = await conn.execute("SELECT * FROM payment_entries WHERE key = %s AND kind = 'refund_ordered'", (part_key,))
    row = await cursor.fetchone()
    if row is None:
        raise LookupError("no refund was ordered under this key")
    return row
