"""Looking for what tells nobody of its changes: together for all who watch, and only while somebody does.

Temporal knows what is stuck and how its schedules ran, and has no way to say that it changed. So this process
looks again and again, once for everybody, and tells through the hub as if it had been told (R33).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import psycopg
import structlog
from temporalio.service import RPCError

from api import stuck
from api.house import House
from api.temporal_ui import TemporalUi
from store import notices
from store.reaching import RPC_TIMEOUT, TemporalAway, reaching_temporal

EVERY_S = 1.0
"""Half of the two seconds within which a change is to be seen."""
_RUN_BY_SCHEDULE = "TemporalScheduledById IS NOT NULL AND ExecutionStatus = 'Running'"

log = structlog.get_logger(__name__)

Look = Callable[[House], Awaitable[object]]
"""How it stands; two that are equal are no change."""


@dataclass(frozen=True)
class _NotSeen:
    """Nothing can be told of it for now; said once, however long it lasts."""

    error: str


@dataclass
class Lookout:
    """Looks at one thing while it is watched."""

    name: str
    look: Look
    _watchers: int = field(init=False, default=0)
    _looking: asyncio.Task[None] | None = field(init=False, default=None)

    @asynccontextmanager
    async def watched(self, house: House) -> AsyncIterator[None]:
        """For as long as this lasts somebody wants to know."""
        self._watchers += 1
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_on(house))
        try:
            yield
        finally:
            self._watchers -= 1
            if not self._watchers:
                self._looking.cancel()
                self._looking = None

    async def _look_on(self, house: House) -> None:
        seen = object()
        while True:
            found = await self._found(house)
            # The first look tells as well: what changed before it may have been read before that.
            if found != seen:
                seen = found
                if isinstance(found, _NotSeen):
                    log.warning("not_to_be_seen", name=self.name, error=found.error)
                house.hub.tell_of(self.name)
            await asyncio.sleep(EVERY_S)

    async def _found(self, house: House) -> object:
        try:
            with reaching_temporal():
                return await self.look(house)
        except (TemporalAway, RPCError, psycopg.OperationalError) as error:
            return _NotSeen(type(error).__name__)


class Lookouts:
    """Those of one application, by name."""

    def __init__(self, looks: Mapping[str, Look]) -> None:
        self._all = {name: Lookout(name, look) for name, look in looks.items()}

    def add(self, name: str, look: Look) -> None:
        """One more: development has clocks that can be moved."""
        self._all[name] = Lookout(name, look)

    @asynccontextmanager
    async def watched(self, house: House, names: Collection[str]) -> AsyncIterator[None]:
        """Look at those of these names; a name that is none of ours is told of by itself."""
        async with AsyncExitStack() as stack:
            for name in self._all.keys() & set(names):
                await stack.enter_async_context(self._all[name].watched(house))
            yield


async def _stuck(house: House) -> object:
    return await stuck.everything(house, TemporalUi(None))


async def _schedules(house: House) -> object:
    """Two questions for all of them, where a page asks one for each and for each of its runs."""
    listed = [
        (one.id, one.schedule and one.schedule.state.paused, one.info and one.info.next_action_times[:1])
        async for one in await house.client.list_schedules(rpc_timeout=RPC_TIMEOUT)
    ]
    running = [one.run_id async for one in house.client.list_workflows(_RUN_BY_SCHEDULE, rpc_timeout=RPC_TIMEOUT)]
    return sorted(listed, key=lambda one: one[0]), sorted(map(str, running))


async def _channels(house: House) -> object:
    """Which channels are behind, for T13: their notices are told to them by the thousand, and to nobody else."""
    async with house.pool.connection() as conn:
        return await notices.on_the_board(conn)


LOOKS: Mapping[str, Look] = {"channels": _channels, "schedules": _schedules, "stuck": _stuck}
"""What each process of the API looks at, once somebody listens to it by name."""
