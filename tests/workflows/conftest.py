"""A shop in which orders really live: real Temporal, real PostgreSQL, the parties simulated over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from temporalio.testing import TimeSkipper

import worker
from dev.simulators.app import create_app
from dev.simulators.config import SimulatorConfig
from runtime.settings import Settings
from store.pool import Pool
from tests.workflows.shop import Shop

STRIPE_KEY, SECRET = "sk_test_1", "whsec_" + "c2VjcmV0" * 4


@pytest.fixture
def settings(database_url: str, tmp_path: Path, temporal_address: str) -> Settings:
    """Development settings whose outside world is the simulator."""
    return Settings(
        data_dir=tmp_path,
        database_url=database_url,
        temporal_address=temporal_address,
        public_url="http://shop.test",
        stripe_api_base="http://outside.test/stripe",
        stripe_api_key=STRIPE_KEY,
        shopify_api_base="http://outside.test/shopify",
        carrier_api_base="http://outside.test/kuaidi100",
        notice_urls={"web": "http://outside.test/shopfront/notices"},
        notice_secrets={"web": SECRET},
    )


@pytest.fixture
async def outside(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """The outside world: a client that reaches the simulators, which keep all in memory.

    Their webhooks have nobody to reach: a test that wants the news sends it itself.
    """
    config = SimulatorConfig(
        public_url="http://shop.test",
        data_dir=None,
        stripe_api_key=settings.stripe_api_key.get_secret_value(),
        stripe_webhook_secret=settings.stripe_webhook_secret.get_secret_value(),
        shopify_access_token=settings.shopify_access_token.get_secret_value(),
        shopify_webhook_secret=settings.shopify_webhook_secret.get_secret_value(),
        carrier_key=settings.carrier_api_key.get_secret_value(),
        carrier_secret=settings.carrier_api_secret.get_secret_value(),
        notice_secrets={name: secret.get_secret_value() for name, secret in settings.notice_secrets.items()},
    )
    deaf = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200, json={"result": True})))
    app = create_app(config, deaf)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://outside.test") as client:
        yield client


@pytest.fixture
async def shop(
    settings: Settings, time_skipper: TimeSkipper, pool: Pool, outside: httpx.AsyncClient
) -> AsyncIterator[Shop]:
    """A shop with workers running and goods on the shelf."""
    hands = worker.build_hands(settings, time_skipper.client, pool, outside)
    async with AsyncExitStack() as stack:
        for one in worker.build_workers(time_skipper.client, settings, hands):
            await stack.enter_async_context(one)
        built = Shop(time_skipper, pool, outside, settings)
        await built.stock_up()
        yield built
