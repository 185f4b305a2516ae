"""Shopify's order webhooks: orders/create, orders/paid, orders/cancelled.

Every one of them carries the whole order, so whichever comes first starts it (accident 8).
Money is decimal text, times carry offsets. The signature is a base64 HMAC-SHA256 over the
raw body. Delivery ids differ per subscription: we also dedupe on order and updated_at.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from api.adapters import Delivery, Identity, Terms, Translation, Unreadable, json_object, json_or_nothing
from api.problems import BadSignature
from domain.intake import Fault
from domain.money import PaymentMethod
from models.channels import shopify_order
from models.channels.reading import Amounts, first_moment, parts, word
from models.channels.shopify_order import WITH_OFFSET
from models.inbox import Envelope
from models.news import ChannelCancelled, PaymentEvent, PaymentNews
from models.order import order_number
from runtime.settings import Settings

CHANNEL = "shopify"
TOPICS = frozenset({"orders/create", "orders/paid", "orders/cancelled"})

# Each of these says that the whole total was captured at some time.
# What is outstanding is said beside it; the rest has come.
_PART_PAID = "partially_paid"
_WAS_PAID = frozenset({"paid", "partially_refunded", "refunded"})
_REASON_CODE = re.compile(r"[a-z_]{1,30}")


class Shopify:
    """The shop's Shopify channel."""

    source = CHANNEL
    accepted: Mapping[str, Any] = MappingProxyType({"received": True})
    refused: Mapping[str, Any] | None = None

    def verify(self, delivery: Delivery, settings: Settings) -> None:
        """Compare the HMAC in constant time; raises BadSignature."""
        secret = settings.shopify_webhook_secret.get_secret_value().encode()
        expected = base64.b64encode(hmac.new(secret, delivery.body, sha256).digest())
        given = delivery.headers.get("x-shopify-hmac-sha256", "").encode()
        if not hmac.compare_digest(expected, given):
            raise BadSignature("X-Shopify-Hmac-Sha256 does not fit the body")

    def identify(self, delivery: Delivery) -> Identity | None:
        """By topic, order and time of change; by its digest where the body names none."""
        topic = delivery.headers.get("x-shopify-topic", "")
        if topic not in TOPICS:
            return None
        body = json_or_nothing(delivery.body)
        order_id, changed = body.get("id"), body.get("updated_at")
        known = isinstance(order_id, int | str) and isinstance(changed, str)
        key = f"{order_id}:{changed}" if known else delivery.digest
        return Identity(topic, f"{CHANNEL}:{topic}:{key}"[:300], _delivery_id(delivery))

    def translate(self, delivery: Delivery, terms: Terms) -> Translation:
        """The order, if it can be one, with what the message tells of it."""
        body = json_object(delivery.body)
        order_id = _order_id(body)
        order, faults = shopify_order.read(body, order_id, terms)
        cancelled = delivery.headers.get("x-shopify-topic") == "orders/cancelled"
        envelope = Envelope(
            order_no=order_number(CHANNEL, order_id),
            start=order,
            payment=_captured(body, order_id, faults),
            cancelled=_cancelled(body, order_id, faults) if cancelled else None,
        )
        return Translation(envelope, shopify_order.person(body), faults)


def _delivery_id(delivery: Delivery) -> str | None:
    return delivery.headers.get("x-shopify-webhook-id", "")[:200] or None


def _order_id(body: Mapping[str, Any]) -> str:
    order_id = body.get("id")
    text = str(order_id) if isinstance(order_id, int | str) and not isinstance(order_id, bool) else ""
    if not (text.isascii() and text.isdigit() and len(text) <= 40):
        raise Unreadable([Fault("id", "is missing or no order id")])
    return text


def _captured(body: Mapping[str, Any], order_id: str, faults: Sequence[Fault]) -> PaymentNews | None:
    """The channel says it holds the money. One event id, whichever message says so first."""
    amounts = Amounts(body.get("currency"))
    amount = amounts.read(body.get("total_price"), "total_price")
    # What a courier collects is booked when the parcel is signed for; the channel merely hears of it (R14).
    on_delivery = shopify_order.payment_method(body) is PaymentMethod.CASH_ON_DELIVERY
    status = word(body, "financial_status")
    if status == _PART_PAID and amount:
        amount = max(amount - (amounts.read(body.get("total_outstanding"), "total_outstanding") or amount), 0)
    elif status not in _WAS_PAID:
        return None
    if not amount or on_delivery:
        return None
    return PaymentNews(
        event_id=f"{CHANNEL}:{order_id}:captured" + (f":{amount}" if status == _PART_PAID else ""),
        so_far=amount,
        event=PaymentEvent.CAPTURED,
        provider=CHANNEL,
        reference=order_id,
        amount=amount,
        currency=amounts.currency,
        at=_when(body, ("processed_at", "updated_at", "created_at"), faults),
    )


def _cancelled(body: Mapping[str, Any], order_id: str, faults: Sequence[Fault]) -> ChannelCancelled:
    reason = word(body, "cancel_reason")
    return ChannelCancelled(
        event_id=f"{CHANNEL}:{order_id}:cancelled",
        channel=CHANNEL,
        reason=reason if _REASON_CODE.fullmatch(reason) else "other",
        refunded=_refunded(body),
        at=_when(body, ("cancelled_at", "updated_at", "created_at"), faults),
    )


def _refunded(body: Mapping[str, Any]) -> int:
    """What the channel gave back already, in minor units: the refunds that succeeded."""
    moves = [move for refund in parts(body, "refunds") for move in parts(refund, "transactions")]
    done = [move for move in moves if move.get("kind") == "refund" and move.get("status") == "success"]
    amounts = [Amounts(move.get("currency", body.get("currency"))).read(move.get("amount"), "refunds") for move in done]
    return sum(amount for amount in amounts if amount)


def _when(body: Mapping[str, Any], names: Sequence[str], faults: Sequence[Fault]) -> datetime:
    return first_moment(body, names, WITH_OFFSET, beside=faults)
