"""What the API works with: settings, pool, Temporal client, vault. Opened by the lifespan, never at import."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, TypeAlias
from zoneinfo import ZoneInfo

import structlog
from fastapi import Depends, Request
from temporalio.client import Client

from api.hub import Hub
from api.rates import Rates
from api.uses import Uses
from models.order import Policy
from runtime.crypto import Vault, vault_of
from runtime.identity_provider import IdentityProvider, provider_of
from runtime.policy import TERMS_VERSION, policy_in_force
from runtime.settings import Settings
from runtime.temporal import connect
from store.pool import Pool, open_pool

__all__ = ["TERMS_VERSION", "Errands", "House", "InHouse", "house_of", "open_house"]

_LAST_ERRANDS_S = 5.0

log = structlog.get_logger(__name__)

Ahead: TypeAlias = Callable[[Iterable[str]], Awaitable[Mapping[str, timedelta]]]
"""By how much the clocks of these workflows are ahead of the wall clock; those that are not are left out."""


async def nobody_ahead(workflow_ids: Iterable[str]) -> Mapping[str, timedelta]:
    """A workflow's clock is the wall clock, unless a server of development lets it be moved."""
    del workflow_ids
    return {}


class Errands:
    """Work that goes on after the answer. Nothing is lost with it: the inbox holds what it was about."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def send(self, errand: Coroutine[Any, Any, Any]) -> None:
        """Start it; the set keeps it from being collected while it runs."""
        task = asyncio.create_task(errand)
        self._running.add(task)
        task.add_done_callback(self._back)

    async def finish(self) -> None:
        """Wait a little for what is under way; the Schedule takes up the rest."""
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=_LAST_ERRANDS_S)
            for task in late:
                task.cancel()

    def _back(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("errand_failed", error=type(error).__name__)


@dataclass(frozen=True)
class House:
    """Everything a door may reach."""

    settings: Settings
    pool: Pool
    client: Client
    vault: Vault
    hub: Hub
    rates: Rates
    provider: IdentityProvider | None = None
    errands: Errands = field(default_factory=Errands)
    uses: Uses = field(default_factory=Uses)
    ahead: Ahead = nobody_ahead

    def now(self) -> datetime:
        """Wall-clock UTC: when a request arrived. What happens to an order bears workflow time."""
        return datetime.now(UTC)

    def shop_zone(self) -> ZoneInfo:
        """The shop's own time zone: what is printed for people bears it."""
        return ZoneInfo(self.settings.shop_timezone)

    def policy(self) -> Policy:
        """The policy an order begins with, and keeps."""
        return policy_in_force(self.settings)


@asynccontextmanager
async def open_house(settings: Settings) -> AsyncIterator[House]:
    """Open what the doors need. Temporal may be down: its client connects when it is first used."""
    client = await connect(settings, lazy=True)
    async with open_pool(settings.database_url, min_size=2, max_size=16) as pool:
        hub = Hub(pool, settings.database_url)
        vault = vault_of(settings)
        house = House(settings, pool, client, vault, hub, Rates.of(settings, pool, vault), provider_of(settings))
        yield house
        await hub.close()
        await house.errands.finish()


async def house_of(request: Request) -> House:
    """The house of the app that serves this request; ``state.ahead`` is there where clocks can be moved."""
    house: House = request.app.state.house
    return replace(house, ahead=getattr(request.app.state, "ahead", nobody_ahead))


InHouse = Annotated[House, Depends(house_of)]
