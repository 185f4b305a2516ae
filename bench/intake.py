"""Taking orders in by webhook, beside a bare FastAPI insert of the same body with the same server and client (R1)."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import itertools
import json
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime

import httpx

from bench.driver import LOOK_EVERY, PATIENCE, NotFinished
from bench.figures import Figure, rates
from bench.ground import Ground, free_ports, running
from dev.catalogue import BOOK
from dev.demo.buyers import buyer
from dev.demo.canonical import Basket, Wanted
from dev.demo.shopify_orders import order_webhook
from dev.stack import answers
from dev.stack.part import Part
from store import inbox

ROUNDS, AT_ONCE, LEAST = 6, 8, 0.8


async def of_doors(ground: Ground, orders: int) -> list[Figure]:
    """Orders a second of both; behind ours the message is verified, read, sealed and kept once.

    The next round waits until all have been brought to their orders, so that neither is measured while the
    other's work is still being done. The second row has that work in it: a burst from its first message until
    Temporal has the last of its orders.
    """
    each = max(40, orders)
    [bare_port] = free_ports(1)
    parts = (
        Part("api", (sys.executable, "-m", "cli", "api"), ready=_answers(ground.settings.api_port)),
        Part("bare", _uvicorn(bare_port), ready=_answers(bare_port)),
    )
    async with (
        running(parts[0], ground.directory, ground.environment),
        running(parts[1], ground.directory, ground.environment),
        # The servers close what was idle for five seconds, and a burst may take as long to be worked off.
        httpx.AsyncClient(timeout=60, limits=httpx.Limits(keepalive_expiry=2)) as client,
    ):
        ours_url = f"http://127.0.0.1:{ground.settings.api_port}/v1/webhooks/channels/shopify"
        bare_url = f"http://127.0.0.1:{bare_port}/orders"
        bodies = _bodies()
        ours: list[float] = []
        begun: list[float] = []
        bare: list[float] = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            ours.append(await _rate(client, ours_url, ground, [next(bodies) for _ in range(each)]))
            await _all_forwarded(ground)
            begun.append(each / (time.perf_counter() - began))
            bare.append(await _rate(client, bare_url, ground, [next(bodies) for _ in range(each)]))
    return [
        rates("webhooks of new orders", ours, bare, LEAST),
        rates("the same, until each order began", begun, bare),
    ]


async def _all_forwarded(ground: Ground) -> None:
    end = time.monotonic() + PATIENCE.total_seconds()
    while left := await _left(ground):
        if time.monotonic() > end:
            raise NotFinished({"messages that reached no order": str(left)})
        await asyncio.sleep(LOOK_EVERY.total_seconds())


async def _left(ground: Ground) -> int:
    async with ground.pool.connection() as conn:
        waiting, _ = await inbox.waiting(conn)
    return waiting


def _answers(port: int) -> Callable[[], Awaitable[bool]]:
    return answers.http(f"http://127.0.0.1:{port}/healthz")


def _uvicorn(port: int) -> tuple[str, ...]:
    return (
        *(sys.executable, "-m", "uvicorn", "bench.bare:app", "--host", "127.0.0.1", "--port", str(port)),
        *("--log-level", "warning", "--no-access-log"),
    )


def _bodies() -> Iterator[bytes]:
    for number in itertools.count(7_000_000_000_001):
        order = order_webhook(
            Basket((Wanted(BOOK),)),
            buyer("bench", str(number)),
            order_id=number,
            placed_at=datetime.now(UTC),
            paid=True,
            with_address=True,
        )
        yield json.dumps(order, ensure_ascii=False).encode()


async def _rate(client: httpx.AsyncClient, url: str, ground: Ground, bodies: list[bytes]) -> float:
    # Signed beforehand: the sender's work is not what is measured.
    waiting = iter([(body, _signed(ground, body)) for body in bodies])

    async def sender() -> None:
        for body, headers in waiting:
            answer = await client.post(url, content=body, headers=headers)
            answer.raise_for_status()

    began = time.perf_counter()
    await asyncio.gather(*(sender() for _ in range(AT_ONCE)))
    return len(bodies) / (time.perf_counter() - began)


def _signed(ground: Ground, body: bytes) -> dict[str, str]:
    secret = ground.settings.shopify_webhook_secret.get_secret_value().encode()
    digest = hmac.new(secret, body, hashlib.sha256).digest()
    return {
        "Content-Type": "application/json",
        "X-Shopify-Topic": "orders/create",
        "X-Shopify-Webhook-Id": hashlib.sha256(body).hexdigest(),
        "X-Shopify-Hmac-Sha256": base64.b64encode(digest).decode(),
    }
