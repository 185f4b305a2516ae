"""The simulated world as the gateways see it, without a socket in between."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
from fastapi import FastAPI

from dev.simulators.app import create_app
from dev.simulators.config import SimulatorConfig
from dev.simulators.world import World
from gateways.kuaidi100 import Kuaidi100Access
from gateways.payments import ProviderAccess
from gateways.platforms import PlatformAccess
from tests.simulators.shop import SECRETS, Shop


@dataclass(frozen=True)
class Outside:
    """A client that reaches the simulators, and the shop that receives what they send."""

    client: httpx.AsyncClient
    shop: Shop
    app: FastAPI

    @property
    def world(self) -> World:
        """What the simulated parties keep."""
        world: World = self.app.state.world
        return world

    async def control(self, path: str, body: object = None) -> httpx.Response:
        """Press one of the simulators' buttons."""
        return await self.client.post(f"http://outside/control{path}", json=body)


@pytest.fixture
async def outside() -> AsyncIterator[Outside]:
    shop = Shop()
    config = SimulatorConfig(public_url="http://shop", data_dir=None, **SECRETS)
    app = create_app(config, shop.client())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        yield Outside(client, shop, app)
    await app.state.world.walks.close()
    await app.state.world.postman.close()
    app.state.world.shelf.close()


@pytest.fixture
def stripe_access() -> ProviderAccess:
    return ProviderAccess("http://outside/stripe", SECRETS["stripe_api_key"])


@pytest.fixture
def shopify_access() -> ProviderAccess:
    return ProviderAccess("http://outside/shopify", SECRETS["shopify_access_token"])


@pytest.fixture
def kuaidi100_access() -> Kuaidi100Access:
    return Kuaidi100Access(
        base="http://outside/kuaidi100",
        key=SECRETS["carrier_key"],
        secret=SECRETS["carrier_secret"],
        salt="pinch",
        callback_url="http://shop/v1/webhooks/carriers/kuaidi100",
    )


@pytest.fixture
def platforms() -> dict[str, PlatformAccess]:
    """Where each simulated platform is, and what opens it."""
    return {
        "shopify": PlatformAccess("http://outside/shopify", SECRETS["shopify_access_token"]),
        "woocommerce": PlatformAccess(
            "http://outside/woocommerce", SECRETS["woocommerce_secret"], user=SECRETS["woocommerce_key"]
        ),
        "taobao": PlatformAccess(
            "http://outside/taobao/router/rest", SECRETS["taobao_app_secret"], user="app", session="grant"
        ),
        "youzan": PlatformAccess("http://outside/youzan/api", SECRETS["youzan_token"]),
    }
