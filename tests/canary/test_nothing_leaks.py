"""The marked person was here; nobody but the vault knows (R21)."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from psycopg import sql

from store.pool import open_pool
from tests.api.caller import Caller
from tests.canary.house import CanaryHouse, running
from tests.canary.marks import COURIER, NAME, PHONE, found_in
from tests.canary.walk import Walk
from tests.fixtures.postgres import TEMPLATE

pytestmark = pytest.mark.timeout(300)


@dataclass(frozen=True)
class Left:
    """What was left behind in each place, and two orders that must be found there."""

    orders: tuple[str, str]
    contact_id: str
    refusals: list[httpx.Response]
    metrics: bytes
    logs: bytes
    temporal: bytes
    dump: bytes


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory, postgres_server: str) -> Iterator[Left]:
    """Walk once, and gather what every place holds after everything was shut down."""
    folder = tmp_path_factory.mktemp("canary")
    with psycopg.connect(postgres_server, autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS canary WITH (FORCE)")
        server.execute(sql.SQL("CREATE DATABASE canary TEMPLATE {}").format(sql.Identifier(TEMPLATE)))
        before, _, query = postgres_server.partition("?")
        address = f"{before.rpartition('/')[0]}/canary" + (f"?{query}" if query else "")
        with running(folder, address) as house:
            orders, contact_id, refusals, metrics = asyncio.run(walk(house))
        yield Left(
            orders, contact_id, refusals, metrics, house.everything_logged(), house.temporal_bytes(), house.dump()
        )
        server.execute("DROP DATABASE canary WITH (FORCE)")


async def walk(house: CanaryHouse) -> tuple[tuple[str, str], str, list[httpx.Response], bytes]:
    """The whole way; returns both orders, a contact, the refusals, and the metrics."""
    async with (
        open_pool(house.settings.database_url) as pool,
        httpx.AsyncClient(base_url=house.api, timeout=20, trust_env=False) as client,
        httpx.AsyncClient(base_url=house.outside, timeout=20, trust_env=False) as outside,
    ):
        caller = Caller(client, house.settings, pool, FastAPI())
        await caller.stock_up()
        one = Walk(caller, outside)
        orders = (await one.buy_over_rest(), await one.buy_over_shopify())
        await one.keep_a_contact()
        await one.be_refused_everywhere(orders[0])
        contact_id = await caller.value("SELECT contact_id FROM orders WHERE order_no = %s", orders[0])
        return orders, contact_id, one.refusals, (await client.get("/metrics")).content


def test_the_search_finds_a_mark_however_it_is_written() -> None:
    for plain in (NAME, PHONE, COURIER):
        text = f"xx{plain}yy"
        for written in (
            text.encode(), text.encode("utf-16-le"), text.encode("gbk"), text.encode().hex().encode(),
            ascii(text).encode(), *(base64.b64encode(b"z" * pad + text.encode()) for pad in range(3)),
        ):  # fmt: skip
            assert found_in(written), written
    assert found_in(b"nobody is in here") == []


def test_temporals_database_holds_the_orders_and_no_person(left: Left) -> None:
    for known in (*left.orders, left.contact_id):
        assert known.encode() in left.temporal, "the search looks at the wrong place"
    assert found_in(left.temporal) == []


def test_the_logs_speak_of_the_requests_and_of_no_person(left: Left) -> None:
    assert left.logs.count(b"\n") > 50
    assert b"worker_ready" in left.logs
    assert found_in(left.logs) == [], _lines(left.logs)


def test_the_metrics_count_and_name_no_person(left: Left) -> None:
    assert b"orderflow_http_requests" in left.metrics
    assert found_in(left.metrics) == []


def test_the_database_holds_the_person_only_sealed(left: Left) -> None:
    for known in (*left.orders, left.contact_id):
        assert known.encode() in left.dump, "the search looks at the wrong place"
    assert left.dump.count(b"INSERT INTO public.notes") >= 4
    assert left.dump.count(b"INSERT INTO public.tracking_events") >= 2
    assert found_in(left.dump) == [], _lines(left.dump)


def test_no_refusal_repeats_the_person_it_refused(left: Left) -> None:
    assert len(left.refusals) > 40
    leaks = {
        f"{answer.request.method} {answer.request.url.path}": found
        for answer in left.refusals
        if (found := found_in(_said(answer)))
    }
    assert leaks == {}


def _said(answer: httpx.Response) -> bytes:
    """The answer but for ``instance``: that is the address which the caller wrote (RFC 9457)."""
    problem = answer.json()
    assert problem.pop("instance", None) in (None, answer.request.url.path)
    return json.dumps(problem, ensure_ascii=False).encode() + str(answer.headers).encode()


def _lines(content: bytes) -> str:
    """The lines with a mark in them, for whoever has to mend it."""
    return "\n".join(line.decode(errors="replace")[:600] for line in content.splitlines() if found_in(line))
