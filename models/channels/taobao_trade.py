"""A Taobao trade in our words, with every fault named as Taobao names the field (R2).

All amounts are yuan as decimal text; all times are Beijing's and say no zone; texts end in
spaces. The lines stand under ``orders.order``. Of a line, ``divide_order_fee`` is what was
paid for it after every discount of line and trade was shared out, so that
``payment`` = Σ divide_order_fee + post_fee.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
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
from models.inbox import Envelope
from models.news import ChannelCancelled, PaymentNews
from models.order import PlaceOrder, order_number
from models.person import Address, Person
from models.translation import Terms, Translation, Unreadable, Version

CHANNEL, CURRENCY = "taobao", "CNY"
ON_DELIVERY = "cod"

_NAMES = Names(
    "orders.order",
    {"total": "payment", "shipping": "post_fee", "discount": "discount_fee", "placed_at": "created"},
    {"sku": "outer_sku_id", "quantity": "num", "unit_price": "price", "discount": "divide_order_fee"},
)
_CLOSED_PAID, _CLOSED_UNPAID = "TRADE_CLOSED", "TRADE_CLOSED_BY_TAOBAO"
_UNPAID = frozenset({"TRADE_NO_CREATE_PAY", "WAIT_BUYER_PAY", "PAY_PENDING", "WAIT_PRE_AUTH_CONFIRM", _CLOSED_UNPAID})
# Why a trade of this status may not start here (it may well be known already).
_NOT_NOW: Mapping[str, str] = {
    "SELLER_CONSIGNED_PART": "is partly shipped already; import it instead of starting it",
    "WAIT_BUYER_CONFIRM_GOODS": "is shipped already; import it instead of starting it",
    "TRADE_BUYER_SIGNED": "is signed already; import it instead of starting it",
    "TRADE_FINISHED": "is finished already; import it instead of starting it",
    "PAID_FORBID_CONSIGN": "may not be shipped yet; the platform tells again when it may",
}
_CHANGED = ("modified", "end_time", "created")


class News(TypedDict):
    """What the trade's state tells besides the order."""

    payment: PaymentNews | None
    cancelled: ChannelCancelled | None


def unwrapped(content: Mapping[str, Any]) -> dict[str, Any]:
    """The trade, or the fields of a bare notice, without what the platform wraps around them."""
    answer = part(content, "trade_fullinfo_get_response") or dict(content)
    return part(answer, "trade") or answer


def is_whole(told: Mapping[str, Any]) -> bool:
    """Whether the trade itself came, and not a bare notice: then it has lines, or should have."""
    return "orders" in told


def lines_of(trade: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The trade's lines that are still part of it: a line closed before paying was never bought."""
    lines = parts(part(trade, "orders"), "order")
    if trade.get("status") == _CLOSED_UNPAID:
        return lines
    return [line for line in lines if line.get("status") != _CLOSED_UNPAID]


def read(trade: Mapping[str, Any], tid: str, terms: Terms) -> tuple[PlaceOrder | None, tuple[Fault, ...]]:
    """The canonical order; or None, and every reason why it cannot be one."""
    amounts = Amounts(CURRENCY)
    draft = _draft(trade, tid, amounts)
    problem = _NOT_NOW.get(word(trade, "status"))
    faults = [*amounts.faults, *([Fault("status", problem)] if problem else [])]
    return canonical(draft, faults, _NAMES, terms)


def person(trade: Mapping[str, Any]) -> Person:
    """Who ordered; the phone is the mobile's, else the landline's."""
    account = text(trade, "buyer_open_uid") or text(trade, "buyer_nick")
    return Person(
        name=text(trade, "receiver_name"),
        phone=text(trade, "receiver_mobile") or text(trade, "receiver_phone"),
        address=_address(trade),
        remark=text(trade, "buyer_message", longest=intake.LONGEST_REMARK),
        email=text(trade, "buyer_email"),
        account=f"{CHANNEL}:{account}" if account else None,
    )


def news(trade: Mapping[str, Any], teller: Teller, faults: Sequence[Fault]) -> News:
    """Whether the trade is paid, and whether it has ended; ``faults`` are those of the order itself.

    TRADE_CLOSED is a paid trade of which everything was given back; closed "by Taobao" it
    was never paid.
    """
    status, at = word(trade, "status"), first_moment(trade, _CHANGED, BEIJING, beside=faults)
    amount = Amounts(CURRENCY).read(trade.get("payment"), "payment") or 0
    on_delivery = _method(trade) is PaymentMethod.CASH_ON_DELIVERY
    paid_at = None if on_delivery or status in _UNPAID else moment(trade.get("pay_time"), BEIJING)
    ended = {_CLOSED_PAID: amount if paid_at else 0, _CLOSED_UNPAID: 0}.get(status)
    return News(
        payment=teller.captured(amount, paid_at) if paid_at and amount else None,
        cancelled=None if ended is None else teller.cancelled("refunded" if ended else "closed", ended, at),
    )


def translate(trade: Mapping[str, Any], terms: Terms) -> Translation:
    """The whole trade with what it tells; raises :class:`Unreadable`."""
    tid = trade_id(trade)
    teller = Teller(CHANNEL, tid, CURRENCY)
    order, faults = read(trade, tid, terms)
    envelope = Envelope(order_no=teller.order_no, start=order, **news(trade, teller, faults))
    return Translation(envelope, person(trade), faults, version(trade))


def trade_id(told: Mapping[str, Any]) -> str:
    """The trade's id with every digit; raises :class:`Unreadable`."""
    return order_id(told.get("tid_str") or told.get("tid"), "tid")


def facts(told: Mapping[str, Any]) -> list[object]:
    """What makes this event another one than its neighbour of the same second."""
    lines = [[line.get("oid"), line.get("refund_status")] for line in lines_of(told)]
    return [told.get(name) for name in ("status", "pay_time", "refund_id")] + lines


def version(trade: Mapping[str, Any]) -> Version | None:
    """How new this trade is; None where it names no time."""
    changed = moment(trade.get("modified"), BEIJING)
    return Version.of(changed, facts(trade)) if changed else None


def paid(notice: Mapping[str, Any]) -> int:
    """The amount of a bare notice of payment, in fen; raises Unreadable."""
    return _amount(notice, "payment")


def refund(notice: Mapping[str, Any], teller: Teller, at: datetime) -> PaymentNews:
    """One refund of one line, done; raises Unreadable."""
    refund_id = whole_number(notice.get("refund_id"))
    if refund_id is None:
        raise Unreadable([Fault("refund_id", "is missing or no id")])
    return teller.refunded(str(refund_id), _amount(notice, "refund_fee"), at)


def _amount(notice: Mapping[str, Any], name: str) -> int:
    amounts = Amounts(CURRENCY)
    amount = amounts.read(notice.get(name), name)
    if amount is None:
        raise Unreadable(amounts.faults)
    return amount


def _method(trade: Mapping[str, Any]) -> PaymentMethod:
    return PaymentMethod.CASH_ON_DELIVERY if trade.get("type") == ON_DELIVERY else PaymentMethod.ONLINE


def _draft(trade: Mapping[str, Any], tid: str, amounts: Amounts) -> dict[str, Any]:
    """Our field names with whatever values could be read.

    No payment provider is named: the payment is the platform's, and we cannot close it there.
    """
    lines = lines_of(trade)
    shared = all("divide_order_fee" in line for line in lines)
    return {
        "order_no": order_number(CHANNEL, tid),
        "channel": CHANNEL,
        "channel_order_id": tid,
        "lines": [_line(line, number, amounts) for number, line in enumerate(lines)],
        "currency": CURRENCY,
        "shipping": amounts.read(trade.get("post_fee"), "post_fee", missing=0),
        # Only where it was not shared out among the lines is the trade's own discount still to be taken off.
        "discount": 0 if shared else amounts.read(trade.get("discount_fee"), "discount_fee", missing=0),
        "total": amounts.read(trade.get("payment"), "payment"),
        "payment_method": _method(trade),
        "placed_at": moment(trade.get("created"), BEIJING),
    }


def _line(line: Mapping[str, Any], number: int, amounts: Amounts) -> dict[str, Any]:
    where, count = f"orders.order.{number}", whole_number(line.get("num"))
    price = amounts.read(line.get("price"), f"{where}.price")
    field = "divide_order_fee" if "divide_order_fee" in line else "payment"
    net = amounts.read(line.get(field), f"{where}.{field}")
    return {
        "line_no": number + 1,
        "sku": text(line, "outer_sku_id") or text(line, "outer_iid") or "",
        "title": joined(text(line, "title"), text(line, "sku_properties_name"))[: intake.LONGEST_TITLE],
        "quantity": count,
        **priced(count, None if price is None else price * (count or 1), net),
    }


def _address(trade: Mapping[str, Any]) -> Address | None:
    district, town = text(trade, "receiver_district") or "", text(trade, "receiver_town")
    street = text(trade, "receiver_address")
    if not street and not district:
        return None
    return Address(
        country=_country(trade),
        region=text(trade, "receiver_state") or "",
        # A county that answers to the province directly comes as a district without a city.
        city=text(trade, "receiver_city") or district,
        district=district,
        street=joined(town if town != district else None, street),
        postcode=text(trade, "receiver_zip") or "",
    )


def _country(trade: Mapping[str, Any]) -> str:
    """Taobao names the country in words, and only where it is not China."""
    named = text(trade, "receiver_country")
    return "CN" if named in (None, "中国", "中國", "CN") else ""
