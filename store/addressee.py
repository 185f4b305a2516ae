"""Whose message is it? Payments are found by their reference, traces by their tracking number."""

from __future__ import annotations

from models.inbox import Envelope, RefundTotal
from models.news import PaymentEvent, PaymentNews
from store.pool import Connection


async def find(conn: Connection, envelope: Envelope) -> str | None:
    """The order of a message that does not name it; None while nobody knows."""
    if envelope.trace is not None:
        return await _by_tracking(conn, envelope.trace.tracking_no)
    money = envelope.payment or envelope.refund_total
    return await _by_payment(conn, money.provider, money.reference) if money else None


async def is_recorded(conn: Connection, order_no: str) -> bool:
    """Whether the order is on record, which its own first step sees to."""
    cursor = await conn.execute("SELECT 1 FROM orders WHERE order_no = %s", (order_no,))
    return await cursor.fetchone() is not None


def as_news(told: RefundTotal) -> PaymentNews:
    """A provider's sum of refunds as the order hears it: what is new of it, the ledger says when it is booked."""
    return PaymentNews(
        event_id=told.event_id,
        event=PaymentEvent.REFUNDED,
        provider=told.provider,
        reference=told.reference,
        amount=told.refunded - (told.before or 0),
        so_far=told.refunded,
        currency=told.currency,
        at=told.at,
    )


async def _by_payment(conn: Connection, provider: str, reference: str) -> str | None:
    cursor = await conn.execute(
        """SELECT order_no FROM orders WHERE payment_provider = %(provider)s AND payment_reference = %(reference)s
           UNION SELECT order_no FROM payment_entries WHERE provider = %(provider)s AND reference = %(reference)s
           LIMIT 2""",
        {"provider": provider, "reference": reference},
    )
    found = await cursor.fetchall()
    # Two orders that claim one payment are a matter for people, not for a guess.
    return found[0]["order_no"] if len(found) == 1 else None


async def _by_tracking(conn: Connection, tracking_no: str) -> str | None:
    cursor = await conn.execute("SELECT order_no FROM parcels WHERE tracking_no = %s LIMIT 2", (tracking_no,))
    found = await cursor.fetchall()
    return found[0]["order_no"] if len(found) == 1 else None
