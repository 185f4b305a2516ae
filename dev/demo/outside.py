"""The world outside the shop: buyers who pay or do not, and the channels' own shops.

All of it goes through the control endpoints of the simulators, which then speak to the
shop as the real parties would: signed webhooks, in the providers' formats.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from typing import Any

import httpx

from models.order import order_number
from runtime.settings import Settings

STATUS_METAFIELD = "orderflow.status"
SHOPIFY_ADMIN = "/shopify/admin/api/2025-01"


class Outside:
    """``client`` has the simulators' base URL; ``shop`` the base URL of our API."""

    def __init__(self, client: httpx.AsyncClient, shop: httpx.AsyncClient, settings: Settings) -> None:
        self._client = client
        self._shop = shop
        self._settings = settings

    # --- Stripe -----------------------------------------------------------------

    async def open_payment(self, reference: str, order_no: str, amount: int) -> None:
        """A payment that waits for the buyer; ``amount`` in minor units of CNY."""
        intent = {"id": reference, "order_no": order_no, "amount": amount, "currency": "CNY"}
        await self._post("/control/stripe/payment_intents", intent)

    async def pay(self, reference: str, *, notices: int = 1, succeed: bool = True) -> None:
        """The buyer pays; Stripe tells us ``notices`` times (0: the webhook is lost)."""
        outcome = {"outcome": "succeeded" if succeed else "failed", "times": notices}
        await self._post(f"/control/stripe/payment_intents/{reference}/pay", outcome)

    async def payments(self) -> list[dict[str, Any]]:
        """Every payment at Stripe, with its refunds."""
        return list(await self._get("/control/stripe/payment_intents"))

    # --- Shopify ----------------------------------------------------------------

    async def place_at_shopify(self, order: dict[str, Any], *, webhooks: int = 1) -> None:
        """The buyer orders at the shop, which sends ``orders/create`` that often, all at once."""
        await self._post("/control/shopify/orders", order, times=webhooks)

    async def pay_at_shopify(self, order_id: int) -> None:
        """The buyer pays there: ``orders/paid``."""
        await self._post(f"/control/shopify/orders/{order_id}/pay")

    async def refund_and_cancel_at_shopify(self, order_id: int) -> dict[str, Any]:
        """The channel's own staff give the money back and cancel. Returns the refund; no webhook is sent."""
        headers = {"X-Shopify-Access-Token": self._settings.shopify_access_token.get_secret_value()}
        order = f"{SHOPIFY_ADMIN}/orders/{order_id}"
        suggested = (await self._post(f"{order}/refunds/calculate.json", {"refund": {}}, headers=headers))["refund"]
        moves = [{**move, "amount": move["maximum_refundable"], "kind": "refund"} for move in suggested["transactions"]]
        wanted = {"refund": {"currency": suggested["currency"], "note": "refunded by the shop", "transactions": moves}}
        refund = (await self._post(f"{order}/refunds.json", wanted, headers=headers))["refund"]
        await self._post(f"/control/shopify/orders/{order_id}/cancel", times=0)
        return dict(refund)

    async def shopify_order(self, order_id: int | str) -> dict[str, Any]:
        """Everything that the Shopify shop keeps of one order, money movements included."""
        return dict(await self._get(f"/control/shopify/orders/{order_id}"))

    async def send_shopify_webhook(self, topic: str, body: dict[str, Any]) -> None:
        """Post a webhook of our own making, signed as Shopify signs: HMAC-SHA256 over the raw body."""
        content = json.dumps(body, ensure_ascii=False).encode()
        secret = self._settings.shopify_webhook_secret.get_secret_value().encode()
        headers = {
            "Content-Type": "application/json",
            "X-Shopify-Topic": topic,
            "X-Shopify-Webhook-Id": str(uuid.uuid4()),
            "X-Shopify-Hmac-Sha256": base64.b64encode(hmac.new(secret, content, hashlib.sha256).digest()).decode(),
        }
        answer = await self._shop.post("/v1/webhooks/channels/shopify", content=content, headers=headers)
        answer.raise_for_status()

    # --- what the buyer sees ------------------------------------------------------

    async def shown(self, channel: str, channel_order_id: str) -> str:
        """The status that the channel's front end shows; empty when it was never told (R20)."""
        if channel == "shopify":
            fields = (await self.shopify_order(channel_order_id))["metafields"]
            return str(json.loads(fields[STATUS_METAFIELD]["value"])["status"]) if STATUS_METAFIELD in fields else ""
        answer = await self._client.get(f"/shopfront/orders/{order_number(channel, channel_order_id)}")
        return str(answer.json()["status"]) if answer.is_success else ""

    async def _post(self, path: str, body: Any = None, *, headers: dict[str, str] | None = None, **query: int) -> Any:
        answer = await self._client.post(path, json=body, headers=headers, params=query)
        answer.raise_for_status()
        return answer.json()

    async def _get(self, path: str) -> Any:
        answer = await self._client.get(path)
        answer.raise_for_status()
        return answer.json()
