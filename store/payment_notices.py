"""Providers' notices as entries of the ledger: single ones by their id, sums by what they add (accidents 6 and 8)."""

from __future__ import annotations

from models.news import PaymentEvent, PaymentNews
from store.pool import Connection

_OF_ONE_REFUND = (PaymentEvent.REFUNDED, PaymentEvent.REFUND_FAILED)


async def enter(conn: Connection, order_no: str, news: PaymentNews) -> bool:
    """Write the notice into the ledger, whose sums are locked; False for an echo, or a sum that holds nothing new."""
    amount = news.amount if news.so_far is None else news.so_far - await known_so_far(conn, order_no, news)
    if amount < 0 or (amount == 0 and news.so_far):
        return False
    entered = await _insert(conn, order_no, news, amount)
    if entered and news.event is PaymentEvent.REFUNDED and news.refund_reference:
        await _take_off_sums(conn, order_no, news)
    return entered


async def known_so_far(conn: Connection, order_no: str, news: PaymentNews) -> int:
    """What the ledger has of such events of this payment; a refund that is ordered counts as told (accident 6)."""
    cursor = await conn.execute(
        "SELECT coalesce(sum(amount), 0)::bigint AS known FROM payment_entries_standing"
        " WHERE order_no = %(order_no)s AND provider = %(provider)s AND reference = %(reference)s AND ("
        "   kind = %(event)s OR (%(event)s = 'refunded' AND kind = 'refund_ordered' AND refund_reference IS NULL))",
        {"order_no": order_no, "provider": news.provider, "reference": news.reference, "event": news.event},
    )
    row = await cursor.fetchone()
    return int(row["known"]) if row else 0


async def is_booked(conn: Connection, order_no: str, news: PaymentNews) -> bool:
    """Whether the ledger would learn nothing from this: an echo of our own refund need not reach the order."""
    if news.event is not PaymentEvent.REFUNDED:
        return False
    if news.so_far is not None:
        return news.so_far <= await known_so_far(conn, order_no, news)
    cursor = await conn.execute("SELECT 1 FROM payment_entries WHERE key = %s", (_key_of(news),))
    return await cursor.fetchone() is not None


async def _take_off_sums(conn: Connection, order_no: str, news: PaymentNews) -> None:
    """A refund has got its name: the sum in which it was told before holds that much less."""
    cursor = await conn.execute(
        "SELECT id, amount FROM payment_entries WHERE order_no = %s AND kind = 'refunded' AND refund_reference IS NULL"
        " AND provider = %s AND reference = %s AND amount > 0 ORDER BY id",
        (order_no, news.provider, news.reference),
    )
    left = news.amount
    for row in await cursor.fetchall():
        less = min(left, row["amount"])
        await conn.execute("UPDATE payment_entries SET amount = amount - %s WHERE id = %s", (less, row["id"]))
        left -= less


async def _insert(conn: Connection, order_no: str, news: PaymentNews, amount: int) -> bool:
    cursor = await conn.execute(
        "INSERT INTO payment_entries"
        " (order_no, kind, amount, currency, provider, reference, refund_reference, key, at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (key) DO NOTHING",
        (
            order_no, news.event, amount, news.currency, news.provider, news.reference, news.refund_reference,
            _key_of(news), news.at,
        ),
    )  # fmt: skip
    return cursor.rowcount == 1


def _key_of(news: PaymentNews) -> str:
    """What makes the notice single.

    A provider tells one capture in several notices (the event, its repeat, our own question
    when we close), each with an id of its own; payment and amount are what they share.
    """
    if news.event is PaymentEvent.CAPTURED:
        return f"captured:{news.provider}:{news.reference}:{news.amount}"
    if news.event in _OF_ONE_REFUND and news.refund_reference:
        return f"{news.event}:{news.provider}:{news.refund_reference}"
    return f"{news.event}:{news.provider}:{news.event_id}"
