"""The real app over HTTP on real PostgreSQL; with Temporal away, or with real orders living behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from temporalio.client import Client

import worker
from api import placing
from dev.simulators.__main__ import config_from
from dev.simulators.app import create_app as create_outside
from runtime.settings import Settings
from store.pool import Pool
from tests.api.caller import NOBODY_LISTENS, Caller, served
from tests.fixtures.temporal import connect

OWN_CHANNELS = ("app", "site")
"""The channels whose front ends are the shop's own."""


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Development settings whose Temporal cannot be reached, and whose outside world is the simulator."""
    return Settings(
        data_dir=tmp_path,
        database_url=database_url,
        temporal_address=NOBODY_LISTENS,
        public_url="http://shop.test",
        stripe_api_base="http://outside.test/stripe",
        shopify_api_base="http://outside.test/shopify",
        woocommerce_api_base="http://outside.test/woocommerce",
        taobao_api_base="http://outside.test/taobao/router/rest",
        youzan_api_base="http://outside.test/youzan/api",
        carrier_api_base="http://outside.test/kuaidi100",
        wecom_api_base="http://outside.test/wecom",
        notice_urls={channel: f"http://outside.test/shopfront/notices/{channel}" for channel in OWN_CHANNELS},
        notice_secrets=dict.fromkeys(OWN_CHANNELS, SecretStr("whsec_" + "dGVzdC1vbmx5LXNlY3JldA==")),
    )


@pytest.fixture
async def api(settings: Settings, pool: Pool, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Caller]:
    """The API while Temporal is away; nobody waits long for an order that cannot be recorded."""
    monkeypatch.setattr(placing, "RECORDED_WITHIN_S", 0.1)
    async with served(settings) as (app, client):
        yield Caller(client, settings, pool, app)


@pytest.fixture
async def temporal(temporal_address: str) -> AsyncIterator[Client]:
    """A client of the real dev server; what is left running is ended afterwards."""
    client = await connect(temporal_address)
    yield client
    async for running in client.list_workflows("ExecutionStatus = 'Running'"):
        await client.get_workflow_handle(running.id).terminate("the test has ended")


@pytest.fixture
async def outside(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """The simulated payment provider and carriers, all in memory; their webhooks are sent by the tests."""
    deaf = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200, json={"result": True})))
    config = replace(config_from(settings, auto=False, pace=timedelta(seconds=2)), data_dir=None)
    app = create_outside(config, deaf)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://outside.test") as client:
        yield client


@pytest.fixture
async def shop(
    settings: Settings, temporal: Client, temporal_address: str, pool: Pool, outside: httpx.AsyncClient
) -> AsyncIterator[Caller]:
    """The API with real orders behind it: Temporal, workers, goods on the shelf."""
    at_work = settings.model_copy(update={"temporal_address": temporal_address, "workflow_sandbox": False})
    hands = worker.build_hands(at_work, temporal, pool, outside)
    async with AsyncExitStack() as stack:
        for one in worker.build_workers(temporal, at_work, hands):
            await stack.enter_async_context(one)
        app, client = await stack.enter_async_context(served(at_work))
        caller = Caller(client, at_work, pool, app)
        await caller.stock_up()
        yield caller
