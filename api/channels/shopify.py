"""Shopify's order webhooks: orders/create, orders/paid, orders/updated, orders/cancelled.

Every one of them carries the whole order, so whichever comes first starts it (accident 8).
Money is decimal text, times carry offsets. The signature is a base64 HMAC-SHA256 over the
raw body. Delivery ids differ per subscription: we also dedupe on order and updated_at.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from api.adapters import Delivery, Identity, Terms, Translation
from api.problems import BadSignature
from models.channels import reading, shopify_order
from runtime.settings import Settings

CHANNEL = "shopify"
TOPICS = frozenset({"orders/create", "orders/paid", "orders/updated", "orders/cancelled"})


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
        """By topic, order, time of change and state; by its digest where the body cannot be read."""
        topic = delivery.headers.get("x-shopify-topic", "")
        if topic not in TOPICS:
            return None
        body = delivery.content_or_nothing
        facts = shopify_order.facts(body) if body else delivery.digest
        order, changed = str(body.get("id"))[:80], str(body.get("updated_at"))[:40]
        return Identity(topic, reading.event_key(CHANNEL, topic, order, changed, facts), _delivery_id(delivery))

    def translate(self, delivery: Delivery, terms: Terms) -> Translation:
        """The order, if it can be one, with what the message tells of it; raises Unreadable."""
        return shopify_order.translate(delivery.content, terms)


def _delivery_id(delivery: Delivery) -> str | None:
    return delivery.headers.get("x-shopify-webhook-id", "")[:200] or None
