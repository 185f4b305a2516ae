"""A shop in which orders really live: real Temporal, real PostgreSQL, the parties simulated over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from temporalio.testing import TimeSkipper, TimeSkippingConfig

import worker
from dev.simulators.app import create_app
from dev.simulators.config import SimulatorConfig
from runtime.settings import Settings
from store.pool import Pool
from tests.fixtures.prepared import PREPARED
from tests.fixtures.settings import SaidByTheTest
from tests.fixtures.temporal import connect, free_port, start_server
from tests.workflows.shop import Shop
from tests.workflows.workers import working

SECRET = "whsec_" + "c2VjcmV0" * 4


@pytest.fixture
def outside_port() -> int:
    """Where the outside world will be."""
    return free_port()


@pytest.fixture
def settings(database_url: str, tmp_path: Path, temporal_address: str, outside_port: int) -> Settings:
    """Development settings whose outside world is the simulator."""
    return SaidByTheTest(
        data_dir=tmp_path,
        database_url=database_url,
        temporal_address=temporal_address,
        simulator_port=outside_port,
        notice_urls={"web": f"http://127.0.0.1:{outside_port}/shopfront/notices"},
        notice_secrets={"web": SECRET},
    )


@pytest.fixture
async def outside(settings: Settings, outside_port: int) -> AsyncIterator[httpx.AsyncClient]:
    """The outside world on a real port, so that a cut line is really cut; it keeps all in memory.

    Its webhooks have nobody to reach: a test that wants the news sends it itself.
    """
    config = SimulatorConfig(
        public_url=settings.public_url,
        data_dir=None,
        stripe_api_key=settings.stripe_api_key.get_secret_value(),
        stripe_webhook_secret=settings.stripe_webhook_secret.get_secret_value(),
        shopify_access_token=settings.shopify_access_token.get_secret_value(),
        shopify_webhook_secret=settings.shopify_webhook_secret.get_secret_value(),
        carrier_key=settings.carrier_api_key.get_secret_value(),
        carrier_secret=settings.carrier_api_secret.get_secret_value(),
        wecom_key=settings.wecom_robot_key.get_secret_value() if settings.wecom_robot_key else "",
        coupon_secret=settings.coupon_secret.get_secret_value() if settings.coupon_secret else "",
        notice_secrets={name: secret.get_secret_value() for name, secret in settings.notice_secrets.items()},
    )
    deaf = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200, json={"result": True})))
    server = uvicorn.Server(uvicorn.Config(create_app(config, deaf), port=outside_port, log_level="error"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 uvicorn has no event for it.
        await asyncio.sleep(0.01)
    # Nothing here speaks TLS, and reading the world's certificates takes longer than many a test.
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{outside_port}", verify=False) as client:
        yield client
    server.should_exit = True
    await serving


@pytest.fixture(autouse=True)
def prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers whose sandbox has looked at the workflows once for all tests."""
    monkeypatch.setattr(worker, "sandbox", lambda: PREPARED)


@pytest.fixture
async def shop(
    settings: Settings, time_skipper: TimeSkipper, pool: Pool, outside: httpx.AsyncClient
) -> AsyncIterator[Shop]:
    """A shop with workers running and goods on the shelf."""
    built = Shop(time_skipper, pool, outside, settings)
    async with working(built):
        await built.stock_up()
        yield built


@pytest.fixture(scope="module")
def impatient_server() -> Iterator[str]:
    """A server that suggests continue-as-new after a few dozen events."""
    with start_server("limit.historyCount.suggestContinueAsNew=30") as address:
        yield address


@pytest.fixture
async def impatient_shop(
    impatient_server: str, settings: Settings, pool: Pool, outside: httpx.AsyncClient
) -> AsyncIterator[Shop]:
    """A shop whose orders and cases are pressed to continue as new."""
    skipper = TimeSkipper(await connect(impatient_server), config=TimeSkippingConfig(enabled=False))
    shop = Shop(skipper, pool, outside, settings)
    async with working(shop):
        await shop.stock_up()
        yield shop
