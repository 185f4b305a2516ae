"""WooCommerce's order webhooks: order.created, order.updated, order.deleted.

The signature is a base64 HMAC-SHA256 over the raw body; every message but a deletion
carries the whole order, so whichever comes first starts it (accident 8). Source of what is
said of its delivery here: WC_Webhook of WooCommerce itself.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from api.adapters import Delivery, Identity, Terms, Translation
from api.problems import BadSignature
from models.channels import reading, woocommerce_order
from models.channels.telling import Teller
from models.inbox import Envelope
from runtime.settings import Settings

CHANNEL = "woocommerce"
DELETED = "order.deleted"
TOPICS = frozenset({"order.created", "order.updated", DELETED})

# What WooCommerce posts, unsigned, when a webhook is saved; it wants exactly 200 in answer.
_PING = re.compile(rb"webhook_id=\d{1,20}")
# The buyer is still at the checkout: there is no order yet.
_DRAFTS = frozenset({"checkout-draft", "auto-draft"})


class WooCommerce:
    """The shop's WooCommerce channel."""

    source = CHANNEL
    accepted: Mapping[str, Any] = MappingProxyType({"received": True})
    # WooCommerce disables a hook after five failures in a row, and a 422 is one.
    refused: Mapping[str, Any] | None = MappingProxyType({"received": True, "kept_as": "refused"})

    def verify(self, delivery: Delivery, settings: Settings) -> None:
        """Compare the HMAC in constant time; the ping says nothing and needs none. Raises BadSignature."""
        if _PING.fullmatch(delivery.body):
            return
        if settings.woocommerce_webhook_secret is None:
            raise BadSignature("this shop has no WooCommerce channel")
        secret = settings.woocommerce_webhook_secret.get_secret_value().encode()
        expected = base64.b64encode(hmac.new(secret, delivery.body, sha256).digest())
        if not hmac.compare_digest(expected, delivery.headers.get("x-wc-webhook-signature", "").encode()):
            raise BadSignature("X-WC-Webhook-Signature does not fit the body")

    def identify(self, delivery: Delivery) -> Identity | None:
        """By order, time of change and state; None for the ping, other topics and unfinished checkouts."""
        topic = delivery.headers.get("x-wc-webhook-topic", "")
        body = delivery.content_or_nothing
        if topic not in TOPICS or reading.word(body, "status") in _DRAFTS:
            return None
        facts = woocommerce_order.facts(body) if body else delivery.digest
        order, changed = str(body.get("id"))[:80], str(body.get("date_modified_gmt"))[:40]
        return Identity(topic, reading.event_key(CHANNEL, topic, order, changed, facts), _delivery_id(delivery))

    def translate(self, delivery: Delivery, terms: Terms) -> Translation:
        """The order, if it can be one, with what the message tells of it; raises Unreadable."""
        body = delivery.content
        if delivery.headers.get("x-wc-webhook-topic") == DELETED:
            teller = Teller(CHANNEL, reading.order_id(body.get("id"), "id"), str(body.get("currency")))
            # Only the id is left of a deleted order: neither a time nor an amount is told.
            ended = teller.cancelled("deleted", 0, datetime.now(UTC))
            return Translation(Envelope(order_no=teller.order_no, cancelled=ended))
        return woocommerce_order.translate(body, terms)


def _delivery_id(delivery: Delivery) -> str | None:
    """WooCommerce makes its delivery id of the webhook and the second alone.

    Two orders of one second share it, so it counts only together with the body.
    """
    given = delivery.headers.get("x-wc-webhook-delivery-id", "")
    return f"{given[:80]}:{delivery.digest}" if given else None
