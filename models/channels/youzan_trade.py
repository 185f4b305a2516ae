"""A Youzan order in our words, with every fault named as Youzan names the field (R2).

Amounts are yuan as decimal text, times Beijing's without a zone, and nothing is written as
the text ``"null"``. ``payment`` of a line is what was paid for it after every discount was
shared out: ``pay_info.payment`` = Σ payment + post_fee. Refunds name the lines they are for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from domain import intake
from domain.intake import Fault
from domain.money import PaymentMethod
from models.channels.reading import (
    BEIJING,
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
    whole_number,
    word,
)
from models.channels.telling import Teller
from models.inbox import Envelope, RefundTotal
from models.news import ChannelCancelled, PaymentNews
from models.order import PlaceOrder, order_number
from models.person import Address, Person
from models.translation import Terms, Translation, Unreadable, Version

CHANNEL, CURRENCY = "youzan", "CNY"

_ROOT = "full_order_info"
_LINES = f"{_ROOT}.orders"
_NAMES = Names(
    _LINES,
    {
        "total": f"{_ROOT}.pay_info.payment",
        "shipping": f"{_ROOT}.pay_info.post_fee",
        "placed_at": f"{_ROOT}.order_info.created",
    },
    {"sku": "outer_sku_id", "quantity": "num", "unit_price": "price", "discount": "payment"},
)
_CLOSED = "TRADE_CLOSED"
_UNPAID = frozenset({"WAIT_BUYER_PAY", "WAIT_PAY_RETURN"})
_REFUND_DONE = 60
_PAY_ON_DELIVERY, _PAY_ON_DELIVERY_TEXT = 9, "CODPAY"
# Why an order of this status may not start here (it may well be known already).
_NOT_NOW: Mapping[str, str] = {
    "WAIT_GROUP": "may not be shipped yet; the platform tells again when it may",
    "WAIT_CONFIRM": "may not be shipped yet; the platform tells again when it may",
    "WAIT_BUYER_CONFIRM_GOODS": "is shipped already; import it instead of starting it",
    "TRADE_BUYER_SIGNED": "is signed already; import it instead of starting it",
    "TRADE_SUCCESS": "is finished already; import it instead of starting it",
}
# The platform's close_type as a reason code.
_CLOSED_BECAUSE: Mapping[object, str] = {
    1: "expired", 2: "refunded", 3: "cancelled", 4: "customer", 5: "seller", 6: "partly_refunded", 17: "inventory",
}  # fmt: skip


class News(TypedDict):
    """What the order's state tells besides the order."""

    payment: PaymentNews | None
    refund_total: RefundTotal | None
    cancelled: ChannelCancelled | None


def is_whole(told: Mapping[str, Any]) -> bool:
    """Whether the whole order came, and not a bare notice."""
    return bool(part(told, _ROOT))


def order_and_time(told: Mapping[str, Any]) -> tuple[str, str]:
    """The order's id and when it changed, as they were written; for identifying."""
    info = part(told, _ROOT, "order_info") or told
    return str(info.get("tid"))[:80], str(info.get("update_time"))[:40]


def facts(told: Mapping[str, Any]) -> list[object]:
    """What makes this event another one than its neighbour of the same second."""
    info = part(told, _ROOT, "order_info") or told
    refunds = [[refund.get("refund_id"), refund.get("refund_state")] for refund in parts(told, "refund_order")]
    return [*(info.get(name) for name in ("status", "pay_time", "refund_id", "close_type")), refunds]


def read(told: Mapping[str, Any], tid: str, terms: Terms) -> tuple[PlaceOrder | None, tuple[Fault, ...]]:
    """The canonical order; or None, and every reason why it cannot be one."""
    amounts = Amounts(CURRENCY)
    draft = _draft(part(told, _ROOT), tid, amounts)
    problem = _NOT_NOW.get(word(part(told, _ROOT, "order_info"), "status"))
    named = [Fault(f"{_ROOT}.order_info.status", problem)] if problem else []
    return canonical(draft, [*amounts.faults, *named], _NAMES, terms)


def person(told: Mapping[str, Any]) -> Person:
    """Who ordered. The answers under ``buyer_messages`` of a line stay where they are: they hold ID numbers."""
    whole = part(told, _ROOT)
    goes_to, buyer = part(whole, "address_info"), part(whole, "buyer_info")
    account = text(buyer, "yz_open_id") or buyer.get("buyer_id") or text(buyer, "outer_user_id")
    return Person(
        name=text(goes_to, "receiver_name"),
        phone=text(goes_to, "receiver_tel") or text(buyer, "buyer_phone"),
        address=_address(goes_to),
        remark=text(part(whole, "remark_info"), "buyer_message", longest=intake.LONGEST_REMARK),
        account=f"{CHANNEL}:{account}" if account else None,
    )


def news(told: Mapping[str, Any], teller: Teller, faults: Sequence[Fault]) -> News:
    """What became of the money and of the order; ``faults`` are those of the order itself."""
    info = part(told, _ROOT, "order_info")
    at = first_moment(info, ("update_time", "created"), BEIJING, beside=faults)
    refunded, ended = _refunded(told), word(info, "status") == _CLOSED
    return News(
        payment=_captured(told, teller),
        refund_total=teller.refunded_so_far(refunded, at) if refunded and not ended else None,
        cancelled=teller.cancelled(_reason(info), refunded, at) if ended else None,
    )


def translate(told: Mapping[str, Any], terms: Terms) -> Translation:
    """The whole order with what it tells; raises :class:`Unreadable`."""
    tid = order_id(order_and_time(told)[0], f"{_ROOT}.order_info.tid")
    teller = Teller(CHANNEL, tid, CURRENCY)
    order, faults = read(told, tid, terms)
    envelope = Envelope(order_no=teller.order_no, start=order, **news(told, teller, faults))
    return Translation(envelope, person(told), faults, version(told))


def version(told: Mapping[str, Any]) -> Version | None:
    """How new this order is; None where it names no time."""
    changed = moment(part(told, _ROOT, "order_info").get("update_time"), BEIJING)
    return Version.of(changed, facts(told)) if changed else None


def closed(notice: Mapping[str, Any], teller: Teller) -> ChannelCancelled:
    """A bare notice of closing says nothing of money: each refund has a message of its own."""
    return teller.cancelled(_reason(notice), 0, first_moment(notice, ("update_time",), BEIJING))


def refund(notice: Mapping[str, Any], teller: Teller) -> PaymentNews:
    """One refund, done, known by its own id; raises Unreadable."""
    amounts = Amounts(CURRENCY)
    amount, refund_id = amounts.read(notice.get("refunded_fee"), "refunded_fee"), notice.get("refund_id")
    if not isinstance(refund_id, str | int) or not refund_id:
        amounts.faults.append(Fault("refund_id", "is missing or no id"))
    if amount is None or amounts.faults:
        raise Unreadable(amounts.faults)
    return teller.refunded(str(refund_id)[:80], amount, first_moment(notice, ("update_time",), BEIJING))


def _captured(told: Mapping[str, Any], teller: Teller) -> PaymentNews | None:
    whole = part(told, _ROOT)
    info = part(whole, "order_info")
    paid_at = None if word(info, "status") in _UNPAID else moment(info.get("pay_time"), BEIJING)
    amount = Amounts(CURRENCY).read(part(whole, "pay_info").get("payment"), "payment")
    if not paid_at or not amount or _method(info) is PaymentMethod.CASH_ON_DELIVERY:
        return None
    return teller.captured(amount, paid_at)


def _refunded(told: Mapping[str, Any]) -> int:
    """The sum of the refunds that are done, over all lines."""
    amounts = Amounts(CURRENCY)
    done = [refund for refund in parts(told, "refund_order") if refund.get("refund_state") == _REFUND_DONE]
    return sum(amounts.read(refund.get("refund_fee"), "refund_fee") or 0 for refund in done)


def _reason(info: Mapping[str, Any]) -> str:
    return _CLOSED_BECAUSE.get(whole_number(info.get("close_type")), "other")


def _method(info: Mapping[str, Any]) -> PaymentMethod:
    on_delivery = info.get("pay_type") == _PAY_ON_DELIVERY or info.get("pay_type_str") == _PAY_ON_DELIVERY_TEXT
    return PaymentMethod.CASH_ON_DELIVERY if on_delivery else PaymentMethod.ONLINE


def _draft(whole: Mapping[str, Any], tid: str, amounts: Amounts) -> dict[str, Any]:
    """Our field names with whatever values could be read.

    No payment provider is named: the payment is the platform's, and we cannot close it there.
    """
    info, pay = part(whole, "order_info"), part(whole, "pay_info")
    return {
        "order_no": order_number(CHANNEL, tid),
        "channel": CHANNEL,
        "channel_order_id": tid,
        "lines": [_line(line, number, amounts) for number, line in enumerate(parts(whole, "orders"))],
        "currency": CURRENCY,
        "shipping": amounts.read(pay.get("post_fee"), f"{_ROOT}.pay_info.post_fee", missing=0),
        "total": amounts.read(pay.get("payment"), f"{_ROOT}.pay_info.payment"),
        "payment_method": _method(info),
        "placed_at": moment(info.get("created"), BEIJING),
    }


def _line(line: Mapping[str, Any], number: int, amounts: Amounts) -> dict[str, Any]:
    count = whole_number(line.get("num"))
    price = amounts.read(line.get("price"), f"{_LINES}.{number}.price")
    net = amounts.read(line.get("payment"), f"{_LINES}.{number}.payment")
    return {
        "line_no": number + 1,
        "sku": text(line, "outer_sku_id") or text(line, "outer_item_id") or "",
        "title": joined(text(line, "title"), _variant(line))[: intake.LONGEST_TITLE],
        "quantity": count,
        **priced(count, None if price is None else price * (count or 1), net),
    }


def _variant(line: Mapping[str, Any]) -> str:
    """What was chosen of the goods: a JSON list inside a text, [{"k": "color", "v": "red"}]."""
    try:
        chosen = json.loads(str(line.get("sku_properties_name")))
    except (ValueError, RecursionError):
        return ""
    choices = chosen if isinstance(chosen, list) else []
    return joined(*(text(choice, "v") for choice in choices if isinstance(choice, dict)))


def _address(goes_to: Mapping[str, Any]) -> Address | None:
    street, city = text(goes_to, "delivery_address"), text(goes_to, "delivery_city")
    if not street and not city:
        return None
    return Address(
        country="CN",
        region=text(goes_to, "delivery_province") or "",
        city=city or "",
        district=text(goes_to, "delivery_district") or "",
        street=street or "",
        postcode=text(goes_to, "delivery_postal_code") or "",
    )
