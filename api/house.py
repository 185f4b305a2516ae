"""What the API works with: settings, pool, Temporal client, vault. Opened by the lifespan, never at import."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeAlias
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from temporalio.client import Client

from api.errands import Errands
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
from store.taking_in import Intake

__all__ = ["TERMS_VERSION", "Errands", "House", "InHouse", "house_of", "open_house"]

Ahead: TypeAlias = Callable[[Iterable[str]], Awaitable[Mapping[str, timedelta]]]
"""By how much the clocks of these workflows are ahead of the wall clock; those that are not are left out."""


async def nobody_ahead(workflow_ids: Iterable[str]) -> Mapping[str, timedelta]:
    """A workflow's clock is the wall clock, unless a server of development lets it be moved."""
    del workflow_ids
    return {}


@dataclass(frozen=True)
class House:
    """Everything a door may reach."""

    settings: Settings
    pool: Pool
    client: Client
    vault: Vault
    hub: Hub
    rates: Rates
    intake: Intake
    provider: IdentityProvider | None = None
    errands: Errands = field(default_factory=Errands)
    uses: Uses = field(default_factory=Uses)
    ahead: Ahead = nobody_ahead
    verifying: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while the record is verified: a snapshot and a connection for minutes, one at a time."""

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
        rates, intake = Rates.of(settings, pool, vault), Intake(pool, vault)
        house = House(settings, pool, client, vault, hub, rates, intake, provider_of(settings))
        yield house
        await hub.close()
        await house.errands.finish()


async def house_of(request: Request) -> House:
    """The house of the app that serves this request; ``state.ahead`` is there where clocks can be moved."""
    house: House = request.app.state.house
    return replace(house, ahead=getattr(request.app.state, "ahead", nobody_ahead))


InHouse = Annotated[House, Depends(house_of)]
