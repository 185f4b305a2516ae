"""Whoever calls the API in a test: with tokens, signatures, sample orders; every person is invented."""

from __future__ import annotations

import asyncio
import base64
import copy
import hashlib
import hmac
import itertools
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from api.auth import issue_token
from runtime.settings import Settings
from store.pool import Pool
from tests.fixtures.orders import stock_up

NOBODY_LISTENS = "127.0.0.1:9"
SHOPIFY_SAMPLES = Path(__file__).parents[2].parent / "shared" / "data" / "shopify"
_NUMBERS = itertools.count(1)

ORDER: Mapping[str, Any] = {
    "channel": "site",
    "placed_at": "2030-01-02T20:00:00+08:00",
    "buyer": {"name": "王測試", "phone": "13800138000", "account": "Invented-Buyer-1", "email": "buyer@example.com"},
    "address": {
        "country": "CN",
        "region": "广东省",
        "city": "深圳市",
        "district": "南山区",
        "street": "虛構路1號2棟",
        "postcode": "518000",
    },
    "remark": "請放門口的虛構花盆旁",
    "lines": [
        {"sku": "TEA", "title": "Tea", "quantity": 2, "unit_price": 19_900, "discount": 100},
        {"sku": "CUP", "title": "Cup", "quantity": 1, "unit_price": 5_000},
    ],
    "currency": "CNY",
    "shipping": 1_000,
    "tax": 200,
    "discount": 300,
    "total": 45_600,
    "payment": {"method": "online", "provider": "stripe"},
}
PERSONAL = ("王測試", "13800138000", "虛構路", "虛構花盆", "buyer@example.com", "Invented-Buyer-1")
"""What must not stand anywhere in the clear."""


def an_order(**changes: Any) -> dict[str, Any]:
    """An order with a number of its own; ``changes`` replace fields, by dotted path with ``__``."""
    order = copy.deepcopy(dict(ORDER))
    number = f"T{next(_NUMBERS)}-{uuid4().hex[:6]}"
    order["channel_order_id"] = number
    order["payment"]["reference"] = f"pi_{number}"
    for path, value in changes.items():
        put(order, path.split("__"), value)
    return order


def put(whole: Any, path: list[str], value: Any) -> None:
    """Set one field deep inside; ``...`` removes it."""
    *way, last = [int(part) if part.isdigit() else part for part in path]
    for part in way:
        whole = whole[part]
    if value is ...:
        del whole[last]
    else:
        whole[last] = value


def _counting(table: str) -> str:
    but = " WHERE subject <> 'denied'" if table in ("audit_entries", "audit_chains") else ""
    return f"SELECT '{table}' AS name, count(*) AS rows FROM {table}{but}"


def order_no(order: Mapping[str, Any]) -> str:
    """The number under which the order stands with us."""
    return f"{order['channel']}-{order['channel_order_id']}"


def shopify_sample(name: str) -> dict[str, Any]:
    """A real body of a Shopify webhook; skips the test where the shared samples are not there."""
    path = SHOPIFY_SAMPLES / f"{name}.json"
    if not path.exists():
        pytest.skip(f"LOUD: the shared sample {path.name} is not here, so this was NOT tested")
    sample: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return sample


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[tuple[FastAPI, httpx.AsyncClient]]:
    """The app with its lifespan, and a client that reaches it."""
    app = create_app(settings)
    # What the app does not catch is answered with 500, as it would be over a wire.
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client,
    ):
        yield app, client


# That somebody asked is noted (T16) and counted, whatever came of it; the rest is written by the clock, at any time.
_WHATEVER_IS_ASKED = {
    "right_uses", "rate_counts", "board_cells", "board_deltas", "channel_pulls", "inbox_hours", "audit_anchors",
    "audit_anchor_heads",
}  # fmt: skip


@dataclass
class Caller:
    """One caller, who can take any role."""

    http: httpx.AsyncClient
    settings: Settings
    pool: Pool
    app: FastAPI

    # --- asking -------------------------------------------------------------------

    def token(self, role: str, subject: str | None = None) -> dict[str, str]:
        """The Authorization header of a role."""
        return {"Authorization": f"Bearer {issue_token(self.settings, role, subject)}"}

    async def get(self, path: str, role: str = "operations", **query: Any) -> httpx.Response:
        """A reading, as operations see it unless told otherwise."""
        return await self.http.get(path, params=query, headers=self.token(role))

    async def post(
        self, path: str, body: Any, role: str = "operations", *, key: str | None = None, subject: str | None = None
    ) -> httpx.Response:
        """A POST under a fresh key, or the one given."""
        headers = self.token(role, subject) | {"Idempotency-Key": key or str(uuid4())}
        return await self.http.post(path, json=body, headers=headers)

    async def place(self, order: Mapping[str, Any], *, key: str | None = None) -> httpx.Response:
        """POST /v1/orders, as an integrator."""
        return await self.post("/v1/orders", dict(order), "integrator", key=key)

    async def placed(self, **changes: Any) -> str:
        """An order that is on record; its number."""
        order = an_order(**changes)
        answer = await self.place(order)
        assert answer.status_code == 201, answer.text
        return order_no(order)

    # --- webhooks -----------------------------------------------------------------

    async def shopify(
        self, topic: str, body: Any, *, webhook_id: str | None = None, secret: str | None = None
    ) -> httpx.Response:
        """A Shopify webhook with a real signature."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        known = secret or self.settings.shopify_webhook_secret.get_secret_value()
        signature = base64.b64encode(hmac.new(known.encode(), raw, hashlib.sha256).digest()).decode()
        headers = {
            "X-Shopify-Topic": topic,
            "X-Shopify-Hmac-Sha256": signature,
            "X-Shopify-Webhook-Id": webhook_id or str(uuid4()),
            "Content-Type": "application/json",
        }
        return await self.http.post("/v1/webhooks/channels/shopify", content=raw, headers=headers)

    async def stripe(self, event: Mapping[str, Any], *, at: float | None = None, secret: str = "") -> httpx.Response:
        """A Stripe webhook, signed at that time."""
        raw = json.dumps(event).encode()
        moment = str(int(at or time.time()))
        known = secret or self.settings.stripe_webhook_secret.get_secret_value()
        signature = hmac.new(known.encode(), moment.encode() + b"." + raw, hashlib.sha256).hexdigest()
        headers = {"Stripe-Signature": f"t={moment},v1={signature}"}
        return await self.http.post("/v1/webhooks/payments/stripe", content=raw, headers=headers)

    async def kuaidi100(self, param: Any, *, salt: str | None = None) -> httpx.Response:
        """A push of Kuaidi100's."""
        text = param if isinstance(param, str) else json.dumps(param, ensure_ascii=False)
        known = salt or self.settings.kuaidi100_salt.get_secret_value()
        sign = hashlib.md5((text + known).encode(), usedforsecurity=False).hexdigest().upper()
        form = urlencode({"param": text, "sign": sign})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return await self.http.post("/v1/webhooks/carriers/kuaidi100", content=form, headers=headers)

    # --- looking ------------------------------------------------------------------

    async def value(self, query: str, *parameters: object) -> Any:
        """The one value that a query comes to."""
        async with self.pool.connection() as conn:
            cursor = await conn.execute(query.encode(), parameters)
            row = await cursor.fetchone()
        return None if row is None else next(iter(row.values()))

    async def rows(self) -> Counter[str]:
        """How many rows stand in each table, but for the record of refused attempts: nothing was half-stored."""
        async with self.pool.connection() as conn:
            # A table without pages has no rows; most have none, and counting reads all that is known of a table.
            cursor = await conn.execute(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
                " AND pg_relation_size(oid) > 0"
            )
            names = [row["relname"] async for row in cursor if row["relname"] not in _WHATEVER_IS_ASKED]
            counted = await conn.execute(" UNION ALL ".join(map(_counting, names)).encode())
            return Counter({row["name"]: row["rows"] async for row in counted})

    async def until(self, order: str, status: str, seconds: float = 15) -> dict[str, Any]:
        """The order, once it stands in this status."""
        end = time.monotonic() + seconds
        found: dict[str, Any] = {}
        while time.monotonic() < end:
            answer = await self.get(f"/v1/orders/{order}")
            found = answer.json()
            if answer.status_code == 200 and found["status"]["code"] == status:
                return found
            await asyncio.sleep(0.05)
        raise AssertionError(f"{order} did not become {status}; it is {found.get('status')}")

    async def eventually(self, ask: Callable[[], Awaitable[httpx.Response]], seconds: float = 15) -> httpx.Response:
        """The answer, once it is 200."""
        end = time.monotonic() + seconds
        answer = await ask()
        while answer.status_code != 200 and time.monotonic() < end:
            await asyncio.sleep(0.05)
            answer = await ask()
        assert answer.status_code == 200, answer.text
        return answer

    async def holds(self, true: Callable[[], Awaitable[bool]], seconds: float = 20) -> None:
        """Return once it is true."""
        end = time.monotonic() + seconds
        while not await true():
            assert time.monotonic() < end, "it did not become true"
            await asyncio.sleep(0.05)

    async def stock_up(self, **pieces: int) -> None:
        """Goods on the shelf."""
        async with self.pool.connection() as conn:
            for sku, number in (pieces or {"TEA": 100, "CUP": 100, "sku-hosted-1": 5}).items():
                await stock_up(conn, sku, number)


def paid(order: str, amount: int, reference: str, event_id: str | None = None) -> dict[str, Any]:
    """Stripe's event for a payment that succeeded."""
    intent = {
        "id": reference,
        "object": "payment_intent",
        "amount": amount,
        "amount_received": amount,
        "currency": "cny",
        "metadata": {"order_no": order} if order else {},
    }
    return stripe_event("payment_intent.succeeded", intent, event_id)


def stripe_event(kind: str, subject: dict[str, Any], event_id: str | None = None, **data: Any) -> dict[str, Any]:
    """An event as Stripe sends it."""
    return {
        "id": event_id or f"evt_{uuid4().hex[:24]}",
        "object": "event",
        "type": kind,
        "created": int(time.time()),
        "data": {"object": subject, **data},
    }
