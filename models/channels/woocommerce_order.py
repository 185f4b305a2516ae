"""A WooCommerce order in our words, with every fault named as WooCommerce names the field (R2).

Line totals are without tax and after coupons, fees have lines of their own, and times come
twice: those of ``…_gmt`` are UTC, the others are the site's and say no zone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict

from domain import intake
from domain.intake import Fault
from domain.money import PaymentMethod
from models.channels.reading import (
    Amounts,
    Names,
    canonical,
    first_moment,
    joined,
    moment,
    order_id,
    part,
    parts,
    priced,
    text,
    word,
)
from models.channels.telling import Teller
from models.channels.woocommerce_regions import region
from models.inbox import Envelope, RefundTotal
from models.news import ChannelCancelled, PaymentNews
from models.order import PlaceOrder, order_number
from models.person import Address, Person
from models.translation import Terms, Translation, Version

CHANNEL = "woocommerce"

_NAMES = Names(
    "line_items",
    {"placed_at": "date_created_gmt", "shipping": "shipping_total", "tax": "total_tax", "discount": "fee_lines"},
    {"unit_price": "subtotal", "discount": "total", "title": "name"},
)
_ENDED = frozenset({"cancelled", "refunded", "trash"})
# The goods of such an order have left some house already: starting it would send them twice.
_DONE = "completed"
_CHANGED = ("date_modified_gmt", "date_created_gmt")


class News(TypedDict):
    """What the order's state tells besides the order."""

    payment: PaymentNews | None
    refund_total: RefundTotal | None
    cancelled: ChannelCancelled | None


def read(body: Mapping[str, Any], number: str, terms: Terms) -> tuple[PlaceOrder | None, tuple[Fault, ...]]:
    """The canonical order; or None, and every reason why it cannot be one."""
    amounts = Amounts(body.get("currency"))
    draft = _draft(body, number, amounts)
    faults = list(amounts.faults)
    if word(body, "status") == _DONE:
        faults.append(Fault("status", "is completed: its goods have left already; import it instead of starting it"))
    return canonical(draft, faults, _NAMES, terms)


def person(body: Mapping[str, Any]) -> Person:
    """Who ordered. An e-mail address is kept as it came: nothing here depends on it being one."""
    billing, shipping = part(body, "billing"), part(body, "shipping")
    goes_to = shipping if text(shipping, "address_1") else billing
    account = body.get("customer_id")
    return Person(
        name=_name(goes_to) or _name(billing) or None,
        phone=text(shipping, "phone") or text(billing, "phone"),
        address=_address(goes_to),
        remark=text(body, "customer_note", longest=intake.LONGEST_REMARK),
        email=text(billing, "email"),
        account=f"{CHANNEL}:{account}" if isinstance(account, int) and account > 0 else None,
    )


def news(body: Mapping[str, Any], teller: Teller, faults: Sequence[Fault]) -> News:
    """What became of the money and of the order; ``faults`` are those of the order itself."""
    refunded, status = _refunded(body), word(body, "status")
    ended = status in _ENDED
    at = first_moment(body, _CHANGED, beside=faults)
    return News(
        payment=_payment(body, teller, at),
        refund_total=teller.refunded_so_far(refunded, at) if refunded and not ended else None,
        cancelled=teller.cancelled(status, refunded, at) if ended else None,
    )


def translate(body: Mapping[str, Any], terms: Terms) -> Translation:
    """The whole order with what it tells; raises :class:`Unreadable`."""
    teller = Teller(CHANNEL, order_id(body.get("id"), "id"), str(body.get("currency")))
    order, faults = read(body, teller.order_id, terms)
    envelope = Envelope(order_no=teller.order_no, start=order, **news(body, teller, faults))
    return Translation(envelope, person(body), faults, version(body))


def facts(body: Mapping[str, Any]) -> list[object]:
    """What makes this event another one than its neighbour of the same second."""
    return [body.get(name) for name in ("status", "date_paid_gmt", "refunds")]


def version(body: Mapping[str, Any]) -> Version | None:
    """How new this order is; None where it names no time."""
    changed = moment(body.get("date_modified_gmt"))
    return Version.of(changed, facts(body)) if changed else None


def _payment(body: Mapping[str, Any], teller: Teller, at: datetime) -> PaymentNews | None:
    amount = Amounts(body.get("currency")).read(body.get("total"), "total")
    # What a courier collects is booked when the parcel is signed for; the shop merely hears of it (R14).
    if not amount or _method(body) is PaymentMethod.CASH_ON_DELIVERY:
        return None
    paid_at = moment(body.get("date_paid_gmt"))
    if paid_at is not None:
        return teller.captured(amount, paid_at)
    return teller.failed(amount, at) if word(body, "status") == "failed" else None


def _refunded(body: Mapping[str, Any]) -> int:
    """What the shop gave back so far; WooCommerce writes refunds as negative amounts."""
    amounts = Amounts(body.get("currency"))
    given = [amounts.read(refund.get("total"), "refunds", signed=True) for refund in parts(body, "refunds")]
    return sum(abs(amount) for amount in given if amount is not None)


def _method(body: Mapping[str, Any]) -> PaymentMethod:
    return PaymentMethod.CASH_ON_DELIVERY if body.get("payment_method") == "cod" else PaymentMethod.ONLINE


def _draft(body: Mapping[str, Any], number: str, amounts: Amounts) -> dict[str, Any]:
    """Our field names with whatever values could be read.

    No payment provider is named: the payment is the channel's, and we cannot close it there.
    """
    added, taken_off = _fees(body, amounts)
    shipping = amounts.read(body.get("shipping_total"), "shipping_total", missing=0)
    return {
        "order_no": order_number(CHANNEL, number),
        "channel": CHANNEL,
        "channel_order_id": number,
        "lines": [_line(item, number, amounts) for number, item in enumerate(parts(body, "line_items"))],
        "currency": amounts.currency,
        "shipping": None if shipping is None else shipping + added,
        "tax": amounts.read(body.get("total_tax"), "total_tax", missing=0),
        "discount": taken_off,
        "total": amounts.read(body.get("total"), "total"),
        "payment_method": _method(body),
        "placed_at": moment(body.get("date_created_gmt")),
    }


def _line(item: Mapping[str, Any], number: int, amounts: Amounts) -> dict[str, Any]:
    # Its "price" is a float made of the totals: only the totals are the truth.
    before = amounts.read(item.get("subtotal"), f"line_items.{number}.subtotal")
    after = amounts.read(item.get("total"), f"line_items.{number}.total")
    quantity = item.get("quantity")
    count = quantity if isinstance(quantity, int) and not isinstance(quantity, bool) else None
    return {
        "line_no": number + 1,
        "sku": text(item, "sku") or "",
        "title": text(item, "name", longest=intake.LONGEST_TITLE) or "",
        "quantity": count,
        **priced(count, before, after),
    }


def _fees(body: Mapping[str, Any], amounts: Amounts) -> tuple[int, int]:
    """Fees added, which stand with the shipping, and fees taken off, which are a discount."""
    fees = [
        amounts.read(fee.get("total"), f"fee_lines.{number}.total", signed=True) or 0
        for number, fee in enumerate(parts(body, "fee_lines"))
    ]
    return sum(fee for fee in fees if fee > 0), -sum(fee for fee in fees if fee < 0)


def _name(part_of: Mapping[str, Any]) -> str:
    return joined(text(part_of, "first_name"), text(part_of, "last_name"))


def _address(part_of: Mapping[str, Any]) -> Address | None:
    if not any(text(part_of, name) for name in ("address_1", "city", "postcode")):
        return None
    country = text(part_of, "country", longest=2) or ""
    return Address(
        country=country,
        region=region(country, text(part_of, "state") or ""),
        city=text(part_of, "city") or "",
        street=joined(text(part_of, "company"), text(part_of, "address_1"), text(part_of, "address_2")),
        postcode=text(part_of, "postcode") or "",
    )
