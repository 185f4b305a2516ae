"""Youzan (有贊): pushes of trades and refunds.

The body is JSON; its ``msg`` is JSON again, URL-encoded, and ``sign`` is the lower-case MD5
of client_id + msg + client_secret (doc.youzanyun.com, message push). Only ``msg`` is signed:
what it says counts, not the ``status`` beside it. ``id`` is the order's, not the message's;
``msg_id`` names the message, and comes from newer pushes only.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote, unquote_plus

from api.adapters import Delivery, Identity, Terms, Translation, Unreadable, json_object, json_or_nothing
from api.problems import BadSignature
from domain.intake import Fault
from models.channels import reading, youzan_trade
from models.channels.telling import Teller
from models.inbox import Envelope
from runtime.settings import Settings

CHANNEL = "youzan"
CLOSED, REFUNDED = "trade_TradeClose", "trade_refund_RefundSuccess"
TOPICS = frozenset({"trade_TradeCreate", "trade_TradePaid", "trade_TradeBuyerPay", CLOSED, REFUNDED})


class Youzan:
    """The shop's Youzan channel."""

    source = CHANNEL
    # Anything else is taken for a failure and pushed again.
    accepted: Mapping[str, Any] = MappingProxyType({"code": 0, "msg": "success"})
    refused: Mapping[str, Any] | None = None

    def verify(self, delivery: Delivery, settings: Settings) -> None:
        """Compare the signature over ``msg`` in constant time; raises BadSignature."""
        if settings.youzan_client_id is None or settings.youzan_client_secret is None:
            raise BadSignature("this shop has no Youzan channel")
        push = delivery.content_or_nothing
        # The client id is ours, not the body's: else its end could be moved into the message.
        signed = f"{settings.youzan_client_id}{push.get('msg')}{settings.youzan_client_secret.get_secret_value()}"
        expected = hashlib.md5(signed.encode(), usedforsecurity=False).hexdigest()
        if not hmac.compare_digest(expected.encode(), str(push.get("sign")).encode()):
            raise BadSignature("sign does not fit msg")

    def identify(self, delivery: Delivery) -> Identity | None:
        """By order, time of change and state; None for a test push and for topics that are no business of ours."""
        push = delivery.content_or_nothing
        topic = str(push.get("type"))
        if topic not in TOPICS or push.get("test") is True:
            return None
        told = json_or_nothing(_decoded(push))
        facts = youzan_trade.facts(told) if told else delivery.digest
        order, changed = youzan_trade.order_and_time(told)
        message = push.get("msg_id")
        delivery_id = message[:200] if isinstance(message, str) and message else None
        return Identity(topic, reading.event_key(CHANNEL, topic, order, changed, facts), delivery_id)

    def translate(self, delivery: Delivery, terms: Terms) -> Translation:
        """The order, if the push holds one, with what it tells; raises Unreadable."""
        push = delivery.content
        told = json_object(_decoded(push))
        if youzan_trade.is_whole(told):
            return youzan_trade.translate(told, terms)
        return Translation(_notice(str(push.get("type")), told))


def _notice(topic: str, told: Mapping[str, Any]) -> Envelope:
    """A bare notice: it cannot start an order, yet money and endings count."""
    tid = reading.order_id(told.get("tid"), "tid")
    teller = Teller(CHANNEL, tid, youzan_trade.CURRENCY)
    if topic == REFUNDED:
        return Envelope(order_no=teller.order_no, payment=youzan_trade.refund(told, teller))
    if topic == CLOSED:
        return Envelope(order_no=teller.order_no, cancelled=youzan_trade.closed(told, teller))
    raise Unreadable([Fault("full_order_info", "is missing: the order itself has to come with its message")])


def _decoded(push: Mapping[str, Any]) -> str:
    msg = push.get("msg")
    if not isinstance(msg, str):
        return ""
    # Both ways of encoding are seen. Where a space is %20, a plus is a plus: that of a phone number, say.
    return unquote(msg) if "%20" in msg else unquote_plus(msg)
