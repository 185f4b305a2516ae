"""The coupon service: a compensation that the buyer can spend (R17, R24).

Our own plain format, since the shops' coupon systems have none in common: ``POST {base}/v1/coupons``
with JSON, signed as a Standard Webhook is, and an Idempotency-Key. The buyer is named by channel
and the channel's own order id, never as a person (R21); the code reaches the buyer from there.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import httpx
from standardwebhooks import Webhook

from gateways.http import TIMEOUT, ask, json_object, reading, utc_now

PARTY = "coupons"


@dataclass(frozen=True, slots=True)
class CouponAccess:
    """Where the service is; ``secret`` (``whsec_…``) signs what we ask of it."""

    base: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CouponWish:
    """A coupon of ``amount`` minor units of ``currency`` for the buyer of that order."""

    channel: str
    channel_order_id: str
    amount: int
    currency: str
    reason: str


class CouponService:
    """Issues coupons; the same key is the same coupon."""

    def __init__(
        self, client: httpx.AsyncClient, access: CouponAccess, *, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._client = client
        self._access = access
        self._now = now

    async def issue(self, wish: CouponWish, *, key: str) -> str:
        """Issue it and return the service's id of it, which is not its code. Raises Unavailable, Refused."""
        body, now = _body(wish), self._now()
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": key,
            "webhook-id": key,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(self._access.secret).sign(key, now, body),
        }
        url = f"{self._access.base.rstrip('/')}/v1/coupons"
        request = self._client.build_request("POST", url, content=body.encode(), headers=headers, timeout=TIMEOUT)
        answer = json_object(PARTY, await ask(self._client, PARTY, request, _code))
        with reading(PARTY):
            return str(answer["id"])


def _body(wish: CouponWish) -> str:
    content = {
        "beneficiary": {"channel": wish.channel, "order": wish.channel_order_id},
        "amount": wish.amount,
        "currency": wish.currency,
        "reason": wish.reason,
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _code(answer: httpx.Response) -> str | None:
    try:
        return str(answer.json()["error"])
    except (KeyError, TypeError, ValueError):
        return None
