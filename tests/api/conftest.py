"""The real app over HTTP on real PostgreSQL; with Temporal away, or with real orders living behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from temporalio.client import Client

from api import placing
from runtime.settings import Settings
from store.pool import Pool
from tests.api.caller import Caller, served
from tests.api.ground import outside_of, shop_at_work, shop_settings
from tests.fixtures.temporal import connect, end_all


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Development settings whose Temporal cannot be reached, and whose outside world is the simulator."""
    return shop_settings(database_url, tmp_path)


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
    await end_all(client)


@pytest.fixture
async def outside(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """The simulated payment provider and carriers; their webhooks are sent by the tests."""
    async with outside_of(settings) as client:
        yield client


@pytest.fixture
async def shop(
    settings: Settings, temporal: Client, temporal_address: str, pool: Pool, outside: httpx.AsyncClient
) -> AsyncIterator[Caller]:
    """The API with real orders behind it: Temporal, workers, goods on the shelf."""
    at_work = settings.model_copy(update={"temporal_address": temporal_address, "workflow_sandbox": False})
    async with shop_at_work(at_work, temporal, pool, outside) as caller:
        yield caller
