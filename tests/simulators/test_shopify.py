"""What the simulated Shopify sends."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import httpx

from tests.simulators.conftest import Running
from tests.simulators.shop import SECRETS, Shop

PLACED = {"id": 7001, "currency": "USD", "total_price": "403.00", "financial_status": "pending"}


def verified(request: httpx.Request) -> object:
    digest = hmac.new(SECRETS["shopify_webhook_secret"].encode(), request.content, hashlib.sha256).digest()
    assert request.headers["X-Shopify-Hmac-Sha256"] == base64.b64encode(digest).decode()
    return json.loads(request.content)


async def test_placing_paying_and_cancelling_are_signed_webhooks(outside: Running, shop: Shop) -> None:
    for path, body in (("", PLACED), ("/7001/pay", None), ("/7001/cancel", None)):
        await outside.control(f"/shopify/orders{path}", body)
        await outside.world.postman.settled()
    assert {str(one.url) for one in shop.received} == {"http://shop/v1/webhooks/channels/shopify"}
    assert [one.headers["X-Shopify-Topic"] for one in shop.received] == [
        "orders/create",
        "orders/paid",
        "orders/cancelled",
    ]
    assert verified(shop.received[0]) == PLACED


async def test_a_webhook_told_three_times_is_the_same_message(outside: Running, shop: Shop) -> None:
    await outside.control("/shopify/orders?times=3", PLACED)
    await outside.world.postman.settled()
    assert len({one.headers["X-Shopify-Webhook-Id"] for one in shop.received}) == 1
    assert len(shop.received) == 3


async def test_an_order_that_was_never_registered_is_adopted_without_money(outside: Running) -> None:
    headers = {"X-Shopify-Access-Token": SECRETS["shopify_access_token"]}
    base = f"{outside.base}/shopify/admin/api/2025-01/orders/42"
    assert (await outside.client.get(f"{base}/transactions.json", headers=headers)).json() == {"transactions": []}
    calculated = (await outside.client.post(f"{base}/refunds/calculate.json", json={}, headers=headers)).json()
    assert calculated["refund"]["transactions"][0]["maximum_refundable"] == "9999999.00"


async def test_a_wrong_token_sees_nothing(outside: Running) -> None:
    answer = await outside.client.get(f"{outside.base}/shopify/admin/api/2025-01/orders/42.json")
    assert answer.status_code == 401
