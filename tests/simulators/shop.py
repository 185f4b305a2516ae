"""A stand-in for the shop's webhook doors: keeps what comes, accepts or refuses it."""

from __future__ import annotations

from typing import TypedDict

import httpx


class Secrets(TypedDict):
    """The keys both ends know."""

    stripe_api_key: str
    stripe_webhook_secret: str
    shopify_access_token: str
    shopify_webhook_secret: str
    carrier_key: str
    carrier_secret: str
    wecom_key: str
    notice_secrets: dict[str, str]
    woocommerce_key: str
    woocommerce_secret: str
    taobao_app_secret: str
    youzan_token: str
    stock_feed_secrets: dict[str, str]


SECRETS: Secrets = {
    "stripe_api_key": "sk_test_simulated",
    "stripe_webhook_secret": "whsec_simulated",
    "shopify_access_token": "shpat_simulated",
    "shopify_webhook_secret": "shopify-simulated",
    "carrier_key": "KEY",
    "carrier_secret": "SECRET",
    "woocommerce_key": "ck_simulated",
    "woocommerce_secret": "cs_simulated",
    "taobao_app_secret": "taobao-simulated",
    "youzan_token": "youzan-simulated",
    "stock_feed_secrets": {"wms": "stock-feed-simulated"},
    "wecom_key": "robot-key",
    "notice_secrets": {"own-pc": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
}


class Shop:
    """``received`` in the order it came; ``refuse_next`` answers 503 that many times first."""

    def __init__(self) -> None:
        self.received: list[httpx.Request] = []
        self.refuse_next = 0

    def client(self) -> httpx.AsyncClient:
        """A client all of whose requests end here."""
        return httpx.AsyncClient(transport=httpx.MockTransport(self._receive))

    def _receive(self, request: httpx.Request) -> httpx.Response:
        self.received.append(request)
        if self.refuse_next > 0:
            self.refuse_next -= 1
            return httpx.Response(503)
        return httpx.Response(200, json={"result": True, "returnCode": "200", "message": "成功"})
