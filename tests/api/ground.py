"""What an API stands on in tests: its settings, the simulated outside world, the workers behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
from pydantic import SecretStr
from temporalio.client import Client

import worker
from dev.simulators.__main__ import config_from
from dev.simulators.app import create_app as create_outside
from runtime.settings import Settings
from store.pool import Pool
from tests.api.caller import NOBODY_LISTENS, Caller, served
from tests.fixtures.settings import SaidByTheTest

OWN_CHANNELS = ("app", "site")
"""The channels whose front ends are the shop's own."""


def shop_settings(database_url: str, data_dir: Path) -> Settings:
    """Development settings whose Temporal cannot be reached, and whose outside world is the simulator."""
    return SaidByTheTest(
        data_dir=data_dir,
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


@asynccontextmanager
async def outside_of(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """The simulated payment provider and carriers, all in memory; their webhooks are sent by the tests."""
    deaf = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200, json={"result": True})))
    config = replace(config_from(settings, auto=False, pace=timedelta(seconds=2)), data_dir=None)
    app = create_outside(config, deaf)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://outside.test") as client:
        yield client


@asynccontextmanager
async def shop_at_work(
    settings: Settings, temporal: Client, pool: Pool, outside: httpx.AsyncClient
) -> AsyncIterator[Caller]:
    """The API with real orders behind it: workers on that Temporal, goods on the shelf."""
    hands = worker.build_hands(settings, temporal, pool, outside)
    async with AsyncExitStack() as stack:
        for one in worker.build_workers(temporal, settings, hands):
            await stack.enter_async_context(one)
        app, client = await stack.enter_async_context(served(settings))
        caller = Caller(client, settings, pool, app)
        await caller.stock_up()
        yield caller
