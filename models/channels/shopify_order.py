"""A Shopify order in our words, with every fault named as Shopify names the field (R2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
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
    no_moment,
    part,
    parts,
    text,
    word,
)
from models.channels.telling import Teller
from models.inbox import Envelope, RefundTotal
from models.news import ChannelCancelled, PaymentNews
from models.order import PlaceOrder, order_number
from models.person import Address, Person
from models.translation import Terms, Translation, Unreadable, Version

CHANNEL = "shopify"
WITH_OFFSET = None
"""Shopify writes an offset on every time; one without is no time."""
_CASH_ON_DELIVERY = "cash on delivery"
# Each of these says that the whole total was captured at some time.
_WAS_PAID = frozenset({"paid", "partially_refunded", "refunded"})
_PART_PAID = "partially_paid"
_REASON_CODE = re.compile(r"[a-z_]{1,30}")
_SHIPPING = "total_shipping_price_set.shop_money.amount"

_NAMES = Names(
    "line_items",
    {
        "placed_at": "created_at", "shipping": _SHIPPING, "tax": "total_tax", "discount": "total_discounts",
        "total": "total_price",
    },
    {"unit_price": "price", "discount": "discount_allocations", "title": "name"},
)  # fmt: skip


class News(TypedDict):
    """What the order's state tells besides the order."""

    payment: PaymentNews | None
    refund_total: RefundTotal | None
    cancelled: ChannelCancelled | None


def read(body: Mapping[str, Any], order_id: str, terms: Terms) -> tuple[PlaceOrder | None, tuple[Fault, ...]]:
    """The canonical order; or None, and every reason why it cannot be one."""
    amounts = Amounts(body.get("currency"))
    draft = _draft(body, order_id, amounts)
    undated = [] if draft["placed_at"] else [no_moment("created_at", WITH_OFFSET)]
    return canonical(draft, [*amounts.faults, *undated], _NAMES, terms)


def person(body: Mapping[str, Any]) -> Person:
    """Who ordered, as far as Shopify says; what is missing is found by the review (R6, R19)."""
    customer, shipping = part(body, "customer"), part(body, "shipping_address")
    names, account = joined(text(customer, "first_name"), text(customer, "last_name")), _account(customer)
    return Person(
        name=text(shipping, "name") or names or None,
        phone=text(shipping, "phone") or text(body, "phone") or text(customer, "phone"),
        address=_address(shipping) if shipping else None,
        remark=text(body, "note", longest=intake.LONGEST_REMARK),
        email=text(body, "email") or text(customer, "email"),
        account=f"{CHANNEL}:{account}" if account else None,
    )


def payment_method(body: Mapping[str, Any]) -> PaymentMethod:
    """Cash on delivery has a gateway of its own at Shopify; everything else is paid online (R4)."""
    names = body.get("payment_gateway_names")
    gateways = [*names, body.get("gateway")] if isinstance(names, list) else [body.get("gateway")]
    if any(isinstance(name, str) and _CASH_ON_DELIVERY in name.casefold() for name in gateways):
        return PaymentMethod.CASH_ON_DELIVERY
    return PaymentMethod.ONLINE


def news(body: Mapping[str, Any], teller: Teller, faults: Sequence[Fault]) -> News:
    """What became of the money and of the order; ``faults`` are those of the order itself."""
    refunded, ended = _refunded(body), body.get("cancelled_at") is not None
    at = _when(body, ("cancelled_at", "updated_at", "created_at") if ended else ("updated_at", "created_at"), faults)
    return News(
        payment=_captured(body, teller, faults),
        refund_total=teller.refunded_so_far(refunded, at) if refunded and not ended else None,
        cancelled=teller.cancelled(_reason(body), refunded, at) if ended else None,
    )


def translate(body: Mapping[str, Any], terms: Terms) -> Translation:
    """The whole order with what it tells; raises :class:`Unreadable`."""
    order_id = _order_id(body)
    order, faults = read(body, order_id, terms)
    teller = Teller(CHANNEL, order_id, str(body.get("currency")))
    envelope = Envelope(order_no=teller.order_no, start=order, **news(body, teller, faults))
    return Translation(envelope, person(body), faults, version(body))


def version(body: Mapping[str, Any]) -> Version | None:
    """How new this order is; None where it names no time."""
    changed = moment(body.get("updated_at"), WITH_OFFSET)
    return Version.of(changed, facts(body)) if changed else None


def facts(body: Mapping[str, Any]) -> list[object]:
    """What makes this event another one than its neighbour of the same second."""
    refunds = [refund.get("id") for refund in parts(body, "refunds")]
    return [*(body.get(name) for name in ("financial_status", "cancelled_at", "total_price")), refunds]


def _captured(body: Mapping[str, Any], teller: Teller, faults: Sequence[Fault]) -> PaymentNews | None:
    """The channel says it holds the money. One event id, whichever message says so first."""
    amount = Amounts(body.get("currency")).read(body.get("total_price"), "total_price")
    # What a courier collects is booked when the parcel is signed for; the channel merely hears of it (R14).
    if not amount or payment_method(body) is PaymentMethod.CASH_ON_DELIVERY:
        return None
    at, status = _when(body, ("processed_at", "updated_at", "created_at"), faults), word(body, "financial_status")
    if status == _PART_PAID:
        return _captured_in_part(body, teller, amount, at)
    return teller.captured(amount, at) if status in _WAS_PAID else None


def _captured_in_part(body: Mapping[str, Any], teller: Teller, total: int, at: datetime) -> PaymentNews | None:
    """What is outstanding is said beside the total; the rest has come."""
    outstanding = Amounts(body.get("currency")).read(body.get("total_outstanding"), "total_outstanding") or total
    return teller.captured_so_far(total - outstanding, at) if outstanding < total else None


def _refunded(body: Mapping[str, Any]) -> int:
    """What the channel gave back already, in minor units: the refunds that succeeded."""
    moves = [move for refund in parts(body, "refunds") for move in parts(refund, "transactions")]
    done = [move for move in moves if move.get("kind") == "refund" and move.get("status") == "success"]
    amounts = [Amounts(move.get("currency", body.get("currency"))).read(move.get("amount"), "refunds") for move in done]
    return sum(amount for amount in amounts if amount)


def _reason(body: Mapping[str, Any]) -> str:
    reason = word(body, "cancel_reason")
    return reason if _REASON_CODE.fullmatch(reason) else "other"


def _order_id(body: Mapping[str, Any]) -> str:
    order_id = body.get("id")
    written = str(order_id) if isinstance(order_id, int | str) and not isinstance(order_id, bool) else ""
    if not (written.isascii() and written.isdigit() and len(written) <= 40):
        raise Unreadable([Fault("id", "is missing or no order id")])
    return written


def _when(body: Mapping[str, Any], names: Sequence[str], faults: Sequence[Fault]) -> datetime:
    return first_moment(body, names, WITH_OFFSET, beside=faults)


def _draft(body: Mapping[str, Any], order_id: str, amounts: Amounts) -> dict[str, Any]:
    """Our field names with whatever values could be read."""
    lines = [_line(item, number, amounts) for number, item in enumerate(parts(body, "line_items"))]
    method = payment_method(body)
    online = method is PaymentMethod.ONLINE
    return {
        "order_no": order_number(CHANNEL, order_id),
        "channel": CHANNEL,
        "channel_order_id": order_id,
        "lines": lines,
        "currency": amounts.currency,
        "shipping": _charges(body, amounts),
        "tax": 0 if body.get("taxes_included") is True else amounts.read(body.get("total_tax"), "total_tax", missing=0),
        "discount": _order_discount(body, lines, amounts),
        "total": amounts.read(body.get("total_price"), "total_price"),
        "payment_method": method,
        "payment_provider": CHANNEL if online else None,
        "payment_reference": order_id if online else None,
        "placed_at": _first(moment(body.get(name), WITH_OFFSET) for name in ("processed_at", "created_at")),
    }


def _line(item: Mapping[str, Any], number: int, amounts: Amounts) -> dict[str, Any]:
    sku, quantity = text(item, "sku"), item.get("quantity")
    return {
        "line_no": number + 1,
        "sku": sku or "",
        "title": (text(item, "name") or text(item, "title") or "")[: intake.LONGEST_TITLE],
        # pydantic would read the text "2" as a number; Shopify sends whole numbers.
        "quantity": quantity if isinstance(quantity, int) and not isinstance(quantity, bool) else None,
        "unit_price": amounts.read(item.get("price"), f"line_items.{number}.price"),
        "discount": _line_discount(item, number, amounts),
    }


def _line_discount(item: Mapping[str, Any], number: int, amounts: Amounts) -> int | None:
    return _sum(
        amounts.read(share.get("amount"), f"line_items.{number}.discount_allocations.{place}.amount")
        for place, share in enumerate(parts(item, "discount_allocations"))
    )


def _order_discount(body: Mapping[str, Any], lines: list[dict[str, Any]], amounts: Amounts) -> int | None:
    """What of the discounts no line bears: a discount on the shipping, for instance."""
    total = amounts.read(body.get("total_discounts"), "total_discounts", missing=0)
    borne = _sum(line["discount"] for line in lines)
    return None if total is None or borne is None else max(0, total - borne)


def _charges(body: Mapping[str, Any], amounts: Amounts) -> int | None:
    """Shipping; tips and duties are charges without a field of their own and stand with it."""
    shipping = part(body, "total_shipping_price_set", "shop_money").get("amount")
    duties = part(body, "original_total_duties_set", "shop_money").get("amount")
    charges = (
        amounts.read(shipping, _SHIPPING, missing=0),
        amounts.read(body.get("total_tip_received"), "total_tip_received", missing=0),
        amounts.read(duties, "original_total_duties_set.shop_money.amount", missing=0),
    )
    return _sum(charges)


def _sum(amounts: Iterable[int | None]) -> int | None:
    """The sum, or None while one of them could not be read."""
    known = tuple(amounts)
    return None if None in known else sum(amount or 0 for amount in known)


def _address(shipping: Mapping[str, Any]) -> Address:
    street = joined(text(shipping, "address1"), text(shipping, "address2"))
    return Address(
        country=text(shipping, "country_code", longest=2) or "",
        region=text(shipping, "province") or "",
        city=text(shipping, "city") or "",
        street=street,
        postcode=text(shipping, "zip") or "",
    )


def _account(customer: Mapping[str, Any]) -> str | None:
    """Shopify's number of the customer."""
    number = customer.get("id")
    return str(number) if isinstance(number, int) and not isinstance(number, bool) else text(customer, "id")


def _first(moments: Iterable[datetime | None]) -> datetime | None:
    return next((moment for moment in moments if moment), None)
