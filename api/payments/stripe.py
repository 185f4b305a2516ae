"""Stripe's webhooks: unordered, repeated for three days, signed with a time (±5 min).

The order is named by ``metadata.order_no``, or found by the payment it expects.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError
from stripe import SignatureVerificationError, WebhookSignature

from api.adapters import Delivery, Identity, Terms, Translation, Unreadable
from api.problems import BadSignature
from domain.intake import Fault
from models.base import ORDER_NO
from models.faults import faults_of
from models.inbox import Envelope, RefundTotal
from models.news import PaymentEvent, PaymentNews
from runtime.settings import Settings

PROVIDER = "stripe"
TOLERANCE_S = 300

# Which field of the payment intent holds the amount that the event is about.
_INTENT_EVENTS: Mapping[str, tuple[PaymentEvent, str]] = MappingProxyType(
    {
        "payment_intent.succeeded": (PaymentEvent.CAPTURED, "amount_received"),
        "payment_intent.payment_failed": (PaymentEvent.FAILED, "amount"),
        "payment_intent.amount_capturable_updated": (PaymentEvent.AUTHORISED, "amount_capturable"),
    }
)
_REFUNDED = "charge.refunded"
# Each names one refund. The sum that charge.refunded tells holds the same money: it is booked once.
_REFUND_EVENTS = frozenset({"refund.created", "refund.updated", "refund.failed"})
# A refund that failed or was cancelled has taken its money back, at once or days later.
_REFUND_STATES: Mapping[str, PaymentEvent] = MappingProxyType(
    {
        "succeeded": PaymentEvent.REFUNDED,
        "pending": PaymentEvent.REFUNDED,
        "requires_action": PaymentEvent.REFUNDED,
        "failed": PaymentEvent.REFUND_FAILED,
        "canceled": PaymentEvent.REFUND_FAILED,
    }
)
_REASON = re.compile(r"[a-z_]{1,60}")
_EVENT_ID = re.compile(r"[A-Za-z0-9_]{1,120}")
_SIGNED_AT = re.compile(r"(?:^|,)t=(\d{1,12})(?:,|$)")


class Stripe:
    """The shop's Stripe account."""

    source = PROVIDER
    accepted: Mapping[str, Any] = MappingProxyType({"received": True})
    refused: Mapping[str, Any] | None = None

    def verify(self, delivery: Delivery, settings: Settings) -> None:
        """Let Stripe's own library check the signature; raises BadSignature."""
        header = delivery.headers.get("stripe-signature", "")
        secret = settings.stripe_webhook_secret.get_secret_value()
        try:
            WebhookSignature.verify_header(delivery.body.decode(), header, secret, TOLERANCE_S)
        except (SignatureVerificationError, UnicodeDecodeError, ValueError):
            raise BadSignature("Stripe-Signature does not fit the body, or is older than 5 minutes") from None
        # The library refuses what is too old only.
        signed_at = _SIGNED_AT.search(header)
        if signed_at is None or int(signed_at[1]) > datetime.now(UTC).timestamp() + TOLERANCE_S:
            raise BadSignature("Stripe-Signature is dated more than 5 minutes ahead")

    def identify(self, delivery: Delivery) -> Identity | None:
        """By the event's id, which a repeat keeps."""
        event = delivery.content_or_nothing
        kind, event_id = event.get("type"), event.get("id")
        if isinstance(kind, str) and kind != _REFUNDED and kind not in _INTENT_EVENTS and not _of_a_refund(event):
            return None
        known = isinstance(event_id, str) and _EVENT_ID.fullmatch(event_id)
        topic = kind if isinstance(kind, str) else "unreadable"
        return Identity(topic, f"{PROVIDER}:{event_id if known else delivery.digest}")

    def translate(self, delivery: Delivery, terms: Terms) -> Translation:
        """What happened to the money, in minor units."""
        del terms
        event = delivery.content
        data = event.get("data")
        subject = data.get("object") if isinstance(data, dict) else None
        if not isinstance(data, dict) or not isinstance(subject, dict):
            raise Unreadable([Fault("data.object", "is missing")])
        try:
            if event.get("type") == _REFUNDED:
                envelope = Envelope(order_no=_order_no(subject), refund_total=_refund_total(event, data, subject))
            elif str(event.get("type")) in _REFUND_EVENTS:
                envelope = Envelope(order_no=_order_no(subject), payment=_refund(event, subject))
            else:
                envelope = Envelope(order_no=_order_no(subject), payment=_payment(event, subject))
        except ValidationError as error:
            raise Unreadable(faults_of(error.errors())) from None
        return Translation(envelope)


def _payment(event: Mapping[str, Any], intent: Mapping[str, Any]) -> PaymentNews:
    kind = event.get("type")
    if not isinstance(kind, str) or kind not in _INTENT_EVENTS:
        raise Unreadable([Fault("type", "is missing or no event that is known here")])
    meaning, field = _INTENT_EVENTS[kind]
    return PaymentNews.model_validate(
        {
            "event_id": event.get("id"),
            "event": meaning,
            "provider": PROVIDER,
            "reference": intent.get("id"),
            "amount": intent.get(field),
            "currency": str(intent.get("currency")).upper(),
            "at": _when(event),
        }
    )


def _of_a_refund(event: Mapping[str, Any]) -> bool:
    """Whether the event is of a single refund, in a state that says what became of its money."""
    if str(event.get("type")) not in _REFUND_EVENTS:
        return False
    data = event.get("data")
    refund = data.get("object") if isinstance(data, dict) else None
    # What cannot be read goes on, to be refused with its faults.
    return not isinstance(refund, dict) or refund.get("status") in _REFUND_STATES


def _refund(event: Mapping[str, Any], refund: Mapping[str, Any]) -> PaymentNews:
    meaning = _REFUND_STATES.get(str(refund.get("status")))
    why = str(refund.get("failure_reason") or "") if meaning is PaymentEvent.REFUND_FAILED else ""
    return PaymentNews.model_validate(
        {
            "event_id": event.get("id"),
            "event": meaning,
            "provider": PROVIDER,
            "reference": refund.get("payment_intent"),
            "refund_reference": refund.get("id"),
            "amount": refund.get("amount"),
            "currency": str(refund.get("currency")).upper(),
            "at": _when(event),
            "why": why if _REASON.fullmatch(why) else "",
        }
    )


def _refund_total(event: Mapping[str, Any], data: Mapping[str, Any], charge: Mapping[str, Any]) -> RefundTotal:
    before = data.get("previous_attributes")
    return RefundTotal.model_validate(
        {
            "event_id": event.get("id"),
            "provider": PROVIDER,
            "reference": charge.get("payment_intent"),
            "refunded": charge.get("amount_refunded"),
            "before": before.get("amount_refunded") if isinstance(before, dict) else None,
            "currency": str(charge.get("currency")).upper(),
            "at": _when(event),
        }
    )


def _order_no(subject: Mapping[str, Any]) -> str | None:
    metadata = subject.get("metadata")
    named = metadata.get("order_no") if isinstance(metadata, dict) else None
    return named if isinstance(named, str) and ORDER_NO.fullmatch(named) else None


def _when(event: Mapping[str, Any]) -> datetime:
    created = event.get("created")
    if not isinstance(created, int) or isinstance(created, bool) or not 0 < created < 10**11:
        raise Unreadable([Fault("created", "is missing or no time")])
    return datetime.fromtimestamp(created, UTC)
