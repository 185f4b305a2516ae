"""Taobao and Tmall: the messages of the platform's message service (消息服務 TMC) about trades and refunds.

Each message arrives as a form with the service's own fields (``id``, ``topic``, ``pub_time``,
``user_id``, ``content``) and is signed with the app secret by the platform's one signature
algorithm (open.taobao.com, docId 101617; the same signs the connection of the service
itself, docId 101663): all parameters but ``sign``, sorted by name, written name after value,
digested as ``sign_method`` says, in upper-case hex. ``content`` holds the trade
(``trade_fullinfo_get_response``), or only the few fields of the bare notice.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs

from api.adapters import Delivery, Identity, Terms, Translation, Unreadable, json_object, json_or_nothing, storable
from api.problems import BadSignature
from domain.intake import Fault
from models.channels import reading, taobao_trade
from models.channels.telling import Teller
from models.inbox import Envelope
from runtime.settings import Settings
from runtime.taobao_sign import signature

CHANNEL = "taobao"
_TRADE, _REFUND = "taobao_trade_", "taobao_refund_"
PAID, CLOSED, REFUNDED = f"{_TRADE}TradeBuyerPay", f"{_TRADE}TradeClose", f"{_REFUND}RefundSuccess"
TOPICS = frozenset({f"{_TRADE}TradeCreate", PAID, f"{_TRADE}TradeChanged", CLOSED, REFUNDED})


class Taobao:
    """The shop's Taobao or Tmall channel."""

    source = CHANNEL
    accepted: Mapping[str, Any] = MappingProxyType({"success": True})
    refused: Mapping[str, Any] | None = None

    def verify(self, delivery: Delivery, settings: Settings) -> None:
        """Compare the signature over all fields in constant time; raises BadSignature."""
        if settings.taobao_app_secret is None:
            raise BadSignature("this shop has no Taobao channel")
        form = _form(delivery)
        expected = signature(settings.taobao_app_secret.get_secret_value(), form)
        if expected is None:
            raise BadSignature("sign_method is none of the platform's")
        if not hmac.compare_digest(expected.encode(), form.get("sign", "").encode()):
            raise BadSignature("sign does not fit the message")

    def identify(self, delivery: Delivery) -> Identity | None:
        """By trade, time of change and state; None for a topic that is no business of ours."""
        form = _form(delivery)
        topic, content = form.get("topic", ""), json_or_nothing(form.get("content", ""))
        if topic not in TOPICS:
            return None
        told = taobao_trade.unwrapped(content)
        facts = taobao_trade.facts(told) if told else delivery.digest
        order, changed = str(told.get("tid"))[:80], str(told.get("modified"))[:40]
        return Identity(topic, reading.event_key(CHANNEL, topic, order, changed, facts), _message_id(form))

    def translate(self, delivery: Delivery, terms: Terms) -> Translation:
        """The trade, if it came along and can be an order, with what the message tells of it; raises Unreadable."""
        form = _form(delivery)
        told = taobao_trade.unwrapped(json_object(form.get("content", "")))
        if taobao_trade.is_whole(told):
            return taobao_trade.translate(told, terms)
        teller = Teller(CHANNEL, taobao_trade.trade_id(told), taobao_trade.CURRENCY)
        return Translation(_notice(form, told, teller))


def _notice(form: Mapping[str, str], told: Mapping[str, Any], teller: Teller) -> Envelope:
    """A bare notice: it cannot start an order, yet money and endings count."""
    topic, published = form.get("topic", ""), {"modified": told.get("modified"), "pub_time": form.get("pub_time")}
    if topic == REFUNDED:
        at = reading.first_moment(published, tuple(published), reading.BEIJING)
        return Envelope(order_no=teller.order_no, payment=taobao_trade.refund(told, teller, at))
    if topic == CLOSED:
        at = reading.first_moment(published, tuple(published), reading.BEIJING)
        return Envelope(order_no=teller.order_no, cancelled=teller.cancelled("closed", 0, at))
    if topic == PAID and told.get("type") != taobao_trade.ON_DELIVERY:
        at = reading.first_moment(published, tuple(published), reading.BEIJING)
        return Envelope(order_no=teller.order_no, payment=teller.captured(taobao_trade.paid(told), at))
    raise Unreadable([Fault("orders.order", "is missing: the trade itself has to come with its message")])


def _message_id(form: Mapping[str, str]) -> str | None:
    return storable(form.get("id", ""))[:200] or None


def _form(delivery: Delivery) -> dict[str, str]:
    try:
        fields = parse_qs(delivery.body.decode(), keep_blank_values=True, max_num_fields=50)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}
