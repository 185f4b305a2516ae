"""Lists, counts, searches and the board over a million orders, through the product's own doors (accident 10, R33)."""

from __future__ import annotations

import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from statistics import quantiles
from typing import Any
from uuid import uuid4

import httpx

from api.auth import issue_token
from bench.copies import an_order, copy
from bench.figures import AimFor, Figure
from bench.ground import Ground, running
from dev.stack import answers
from dev.stack.part import Part
from domain.permissions import Role
from runtime.crypto import Indexed, vault_of
from store import board, catalogue
from store.pool import Connection

ORDERS, ASKED, MOST_MS, BOARD_MOST_MS = 1_000_000, 60, 50.0, 200.0
PHONE = "+8613800138000"
LONG_AGO = (datetime.now(UTC) - timedelta(days=200)).isoformat()
BOARD_SINCE = (datetime.now(UTC) - timedelta(days=91)).isoformat()
Ask = Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]

_STATUSES = "archived,archived,archived,archived,signed,shipped,picking,awaiting_payment,manual_review,cancelled"
_VARIED = f"""jsonb_build_object(
    'order_no', (ARRAY['web', 'app', 'shop'])[1 + n %% 3] || '-' || n, 'channel_order_id', n::text,
    'channel', (ARRAY['web', 'app', 'shop'])[1 + n %% 3], 'contact_id', 'ct_' || n / 4,
    'status', (string_to_array('{_STATUSES}', ','))[1 + (n %% 1000 * 7919) %% 10],
    'waiting_for', CASE WHEN (n %% 1000 * 7919) %% 10 = 8 THEN 'review decision' ELSE '' END,
    'due_at', CASE WHEN (n %% 1000 * 7919) %% 10 IN (7, 8) THEN now() + n * interval '1 second' END,
    'risk', CASE WHEN n %% 50 = 0 THEN 'review' ELSE 'none' END,
    'placed_at', now() - n * interval '30 seconds', 'recorded_at', now() - n * interval '29 seconds'
)"""


async def of_a_million(ground: Ground, orders: int) -> list[Figure]:
    """The 95th percentile of each question, in milliseconds, beside that of the door that asks SELECT 1."""
    del orders
    async with ground.pool.connection() as conn:
        await _fill(ground, conn)
        await board.fold(conn)
    await _analyse(ground)
    port = ground.settings.api_port
    api = Part(
        name="api", command=(sys.executable, "-m", "cli", "api"), ready=answers.http(f"http://127.0.0.1:{port}/healthz")
    )
    token = issue_token(ground.settings, Role.OPERATIONS)
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        running(api, ground.directory, ground.environment),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60) as client,
    ):
        floor = await _p95(client, _get("/readyz"))
        deep = (await client.get("/v1/orders", params={"placed_to": LONG_AGO})).json()["next_cursor"]
        questions = {**_QUESTIONS, "the page after that": _get("/v1/orders", placed_to=LONG_AGO, cursor=deep)}
        lists = [_row(what, await _p95(client, ask), floor, MOST_MS) for what, ask in questions.items()]
        return lists + [_row(what, await _p95(client, ask), floor, BOARD_MOST_MS) for what, ask in _BOARD.items()]


async def _fill(ground: Ground, conn: Connection) -> None:
    await conn.execute("SET statement_timeout = 0")
    await catalogue.put_warehouse(conn, "SH", name="Shanghai", region="上海市", city="上海市")
    await catalogue.put_product(conn, "TEA", title="Tea", weight_g=500, volume_cm3=1_000)
    await an_order(conn, "web-0", "TEA")
    await copy(conn, "orders", "order_no", "web-0", ORDERS, _VARIED)
    await conn.execute(
        "INSERT INTO payments (order_no, currency, captured, refunding, refunded)"
        " SELECT order_no, 'CNY', 19900, 0, 0 FROM orders ON CONFLICT DO NOTHING"
    )
    await conn.execute(
        "INSERT INTO parcels"
        " (parcel_no, order_no, warehouse, state, carrier, tracking_no, weight_g, value_minor, insured)"
        " SELECT order_no || '-P1', order_no, 'SH', 'signed', 'SF', 'SF' || row_number() OVER (), 500, 19900, false"
        " FROM orders WHERE status IN ('archived', 'signed', 'shipped')"
    )
    index = vault_of(ground.settings).blind_index(Indexed.PHONE, PHONE)
    await conn.execute(
        "INSERT INTO contacts (contact_id, channel, key_version, phone_index, created_at)"
        " SELECT 'ct_' || n, 'web', '1', CASE WHEN n = 5 THEN %s ELSE sha256(n::text::bytea) END, now()"
        " FROM generate_series(0, %s) AS person (n)",
        (index, ORDERS // 4),
    )


async def _analyse(ground: Ground) -> None:
    async with ground.pool.connection() as conn:
        await conn.set_autocommit(True)
        await conn.execute("VACUUM ANALYZE")
        await conn.set_autocommit(False)


def _get(path: str, **query: Any) -> Ask:
    return lambda client: client.get(path, params=query)


def _search(**wanted: str) -> Ask:
    return lambda client: client.post("/v1/orders/search", json=wanted, headers={"Idempotency-Key": str(uuid4())})


_QUESTIONS: Mapping[str, Ask] = {
    "the newest": _get("/v1/orders"),
    "in one status": _get("/v1/orders", status="manual_review"),
    "one channel, one status": _get("/v1/orders", channel="shop", status="shipped"),
    "marked by risk": _get("/v1/orders", risk="review"),
    "first due first": _get("/v1/orders", sort="due"),
    "placed before a day": _get("/v1/orders", placed_to=LONG_AGO),
    "counted, all": _get("/v1/orders/count"),
    "counted, one status": _get("/v1/orders/count", status="manual_review"),
    "by order number": _search(order_no="web-999"),
    "by tracking number": _search(tracking_no="SF4711"),
    "by phone": _search(phone=PHONE),
}

_BOARD: Mapping[str, Ask] = {
    "the board, a day": _get("/v1/board"),
    "the board, 91 days": _get("/v1/board", since=BOARD_SINCE),
    "the board, a channel": _get("/v1/board", since=BOARD_SINCE, channel="shop"),
    "carriers compared": _get("/v1/carriers/compared", since=BOARD_SINCE),
}


async def _p95(client: httpx.AsyncClient, ask: Ask) -> float:
    took = []
    for _ in range(ASKED):
        began = time.perf_counter()
        answer = await ask(client)
        took.append((time.perf_counter() - began) * 1000)
        answer.raise_for_status()
    return quantiles(took, n=20)[-1]


def _row(what: str, ours: float, floor: float, most_ms: float) -> Figure:
    return Figure(what, "ms", ours, floor, ours / floor, most_ms, AimFor.ORDER)
