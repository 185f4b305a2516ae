"""The ledger of an order's money: booked once, given back once (R3, accidents 5 and 6).

The sums in ``payments`` are always made anew from the entries. An amount counts whatever
its currency: money taken in the wrong one is a finding for the review (R6), and still
has to be given back in full, each capture in its own currency.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.errors import MoreThanLeft
from domain.order_status import OrderStatus
from domain.refunds import Capture, Given, Part, refund_plan
from models.news import PaymentNews
from models.payments import Ledger, Sums
from store import payment_notices
from store.errors import NothingToRefund, UnknownOrder
from store.pool import Connection, Row

CASH = "cash"
"""Who holds what a carrier collected at the door: ourselves, so nobody can be asked for it by wire."""

_TAKEN = frozenset({"captured", "collected"})
_REFUSED = "refused:"
_ENDED_EARLY = [OrderStatus.CANCELLED, OrderStatus.REJECTED, OrderStatus.INTERCEPTED]


@dataclass(frozen=True)
class OpenRefund:
    """A part of a refund that is ordered and not yet confirmed; ``key`` goes to the provider."""

    key: str
    provider: str
    reference: str
    amount: int
    currency: str


@dataclass(frozen=True)
class Known:
    """Of one order of a refund: minor units given back and refused, and the providers' codes."""

    given: int
    missing: int
    refusal: str


@dataclass(frozen=True)
class OtherRoad:
    """So much of a refund was given back another way, under that way's own reference."""

    refund_id: str
    amount: int
    reference: str


async def ledger(conn: Connection, order_no: str, *, booked: bool = False) -> Ledger:
    """The sums in minor units, and what the shop may keep: nothing of an order that ended early."""
    cursor = await conn.execute(
        "SELECT p.captured, p.refunded, p.version, CASE WHEN o.status = ANY(%s) THEN 0 ELSE o.total END AS due"
        " FROM payments p JOIN orders o USING (order_no) WHERE p.order_no = %s",
        (_ENDED_EARLY, order_no),
    )
    row = await cursor.fetchone()
    if row is None:
        raise UnknownOrder(order_no)
    return Ledger(**row, booked=booked)


async def sums(conn: Connection, order_no: str) -> Sums:
    """The sums alone."""
    known = await ledger(conn, order_no)
    return Sums(captured=known.captured, refunded=known.refunded, version=known.version)


async def book(conn: Connection, order_no: str, news: PaymentNews) -> Ledger:
    """Write a provider's notice into the ledger; ``booked`` is False for an echo of what is there."""
    await lock(conn, order_no)
    booked = await payment_notices.enter(conn, order_no, news)
    await count_again(conn, order_no)
    return await ledger(conn, order_no, booked=booked)


async def collect(conn: Connection, order_no: str, amount: int, *, parcel_no: str, at: datetime) -> None:
    """The carrier collected cash at the door (R14); once for a parcel."""
    await lock(conn, order_no)
    await conn.execute(
        "INSERT INTO payment_entries (order_no, kind, amount, currency, key, at)"
        " SELECT order_no, 'collected', %s, currency, %s, %s FROM payments WHERE order_no = %s"
        " ON CONFLICT (key) DO NOTHING",
        (amount, f"collected:{parcel_no}", at, order_no),
    )
    await count_again(conn, order_no)


async def order_refund(conn: Connection, order_no: str, key: str, amount: int, at: datetime) -> list[OpenRefund]:
    """Put the refund on the books before anyone is asked for it; return its parts still open.

    The same ``key`` again orders nothing more. Less is ordered if less is left. Raises
    NothingToRefund where the sums and the captures behind them disagree. The database
    refuses refunds over the captured sum, whatever this code believes.
    """
    row = await lock(conn, order_no)
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


async def order_exactly(conn: Connection, order_no: str, key: str, amount: int, at: datetime) -> None:
    """As order_refund, but all of ``amount`` or nothing: raises MoreThanLeft."""
    await order_refund(conn, order_no, key, amount, at)
    ordered = sum(part["amount"] for part in await _parts(conn, order_no, key))
    if ordered != amount:
        raise MoreThanLeft(f"only {ordered} minor units of {order_no} are left to give back")


async def known_of(conn: Connection, order_no: str, key: str) -> Known:
    """What its providers made of what was ordered under this key."""
    parts = await _parts(conn, order_no, key)
    refused = [part for part in parts if (part["refund_reference"] or "").startswith(_REFUSED)]
    given = sum(part["amount"] for part in parts if part["refund_reference"] and part not in refused)
    codes = sorted({part["refund_reference"].removeprefix(_REFUSED) for part in refused})
    return Known(given, sum(part["amount"] for part in refused), ", ".join(codes))


async def compensate(conn: Connection, order_no: str, road: OtherRoad, at: datetime) -> None:
    """A person gave the money back by another road; what was still asked of the provider is asked no longer."""
    await lock(conn, order_no)
    await conn.execute(
        "UPDATE payment_entries SET refund_reference = 'elsewhere:' || %s::text"
        " WHERE order_no = %s AND kind = 'refund_ordered' AND refund_reference IS NULL AND starts_with(key, %s)",
        (road.reference, order_no, f"{road.refund_id}:"),
    )
    await conn.execute(
        "INSERT INTO payment_entries (order_no, kind, amount, currency, reference, key, at)"
        " SELECT order_no, 'compensated', %s, currency, %s, %s, %s FROM payments WHERE order_no = %s"
        " ON CONFLICT (key) DO NOTHING",
        (road.amount, road.reference, f"compensated:{road.refund_id}", at, order_no),
    )
    await count_again(conn, order_no)


async def refund_done(conn: Connection, part_key: str, refund_reference: str, at: datetime) -> None:
    """The provider has given this part back; its own notice of it may have been booked before us.

    Then the entry is there already, and only the order is closed.
    """
    part = await _part(conn, part_key)
    await lock(conn, part["order_no"])
    await conn.execute(
        "INSERT INTO payment_entries"
        " (order_no, kind, amount, currency, provider, reference, refund_reference, key, at)"
        " SELECT order_no, 'refunded', amount, currency, provider, reference, %(refund)s,"
        "   'refunded:' || provider || ':' || %(refund)s, %(at)s FROM payment_entries WHERE key = %(key)s"
        " ON CONFLICT (key) DO NOTHING",
        {"refund": refund_reference, "at": at, "key": part_key},
    )
    await _close(conn, part["id"], refund_reference)
    await count_again(conn, part["order_no"])


async def refund_refused(conn: Connection, part_key: str, code: str) -> None:
    """The provider will not give this part back: it is open no longer, and the money is still here."""
    part = await _part(conn, part_key)
    await lock(conn, part["order_no"])
    await _close(conn, part["id"], f"{_REFUSED}{code}")
    await count_again(conn, part["order_no"])


async def currencies(conn: Connection, order_no: str) -> tuple[str, ...]:
    """The currencies in which money was captured (R6)."""
    cursor = await conn.execute(
        "SELECT DISTINCT currency FROM payment_entries WHERE order_no = %s AND kind = 'captured' ORDER BY 1",
        (order_no,),
    )
    return tuple(row["currency"] for row in await cursor.fetchall())


async def lock(conn: Connection, order_no: str) -> Row:
    """The order's sums, locked until the transaction ends; raises UnknownOrder."""
    cursor = await conn.execute("SELECT * FROM payments WHERE order_no = %s FOR UPDATE", (order_no,))
    row = await cursor.fetchone()
    if row is None:
        raise UnknownOrder(order_no)
    return row


async def _close(conn: Connection, part_id: int, refund_reference: str) -> None:
    await conn.execute(
        "UPDATE payment_entries SET refund_reference = %s WHERE id = %s AND refund_reference IS NULL",
        (refund_reference, part_id),
    )


async def count_again(conn: Connection, order_no: str) -> None:
    """Make the sums anew from the entries; what they are, the view payment_sums says.

    A refund may be told before its capture: it counts as soon as the capture is there, so
    nobody gives back a second time what has gone back already (accident 8). And our own
    refund may be told while it is still open here: until it is closed it counts as open.
    """
    await conn.execute(_COUNT, {"order_no": order_no})


_COUNT = """
UPDATE payments p SET
    captured = s.captured, refunding = s.refunding, refunded = s.refunded, version = p.version + 1
FROM payment_sums s WHERE s.order_no = p.order_no AND p.order_no = %(order_no)s
"""


async def _plan(conn: Connection, order_no: str, amount: int) -> list[Part]:
    cursor = await conn.execute(
        "SELECT kind, amount, currency, coalesce(provider, %s) AS provider, coalesce(reference, key) AS reference"
        " FROM payment_entries_standing WHERE order_no = %s"
        " AND (kind IN ('captured', 'collected', 'refunded', 'compensated')"
        "   OR (kind = 'refund_ordered' AND refund_reference IS NULL)) ORDER BY id",
        (CASH, order_no),
    )
    rows = await cursor.fetchall()
    captures = [
        Capture(row["provider"], row["reference"], row["amount"], row["currency"])
        for row in rows
        if row["kind"] in _TAKEN
    ]
    given = [Given(row["provider"], row["reference"], row["amount"]) for row in rows if row["kind"] not in _TAKEN]
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
