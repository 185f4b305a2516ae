"""The simulators behind a real socket, so that a cut connection is a cut connection."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from dev.simulators.app import create_app
from dev.simulators.config import SimulatorConfig
from dev.simulators.world import World
from tests.simulators.shop import SECRETS, Shop


@dataclass(frozen=True)
class Running:
    """Simulators that are being served at ``base``."""

    base: str
    world: World
    client: httpx.AsyncClient

    async def control(self, path: str, body: object = None) -> Any:
        """Press a button; it must work."""
        answer = await self.client.post(f"{self.base}/control{path}", json=body)
        answer.raise_for_status()
        return answer.json()

    async def get(self, path: str) -> Any:
        """Read what the simulators show."""
        return (await self.client.get(f"{self.base}{path}")).json()


def config(data_dir: Path | None = None, **more: Any) -> SimulatorConfig:
    """The shop is at http://shop; retries and automatic parcels do not dawdle."""
    quick = {"first_retry": timedelta(milliseconds=1), "pace": timedelta(milliseconds=1)}
    return SimulatorConfig(public_url="http://shop", data_dir=data_dir, **SECRETS, **(quick | more))


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[Running]:
    """Serve on a free port of this machine."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
        task = asyncio.create_task(server.serve([listener]))
        while not server.started:  # noqa: ASYNC110 - uvicorn offers no event to wait for.
            await asyncio.sleep(0)
        async with httpx.AsyncClient(timeout=10, verify=False) as client:
            yield Running(f"http://127.0.0.1:{listener.getsockname()[1]}", app.state.world, client)
        server.should_exit = True
        await task


@pytest.fixture
def shop() -> Shop:
    return Shop()


Serve = Callable[..., Any]


@pytest.fixture
async def outside(shop: Shop) -> AsyncIterator[Running]:
    async with serving(create_app(config(), shop.client())) as running:
        yield running
