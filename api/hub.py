"""One ear at the database for all who watch: what it hears goes to every listener (R33).

A listener who is too slow is let go rather than waited for, and comes back with the id of the
last thing it heard. So memory is bounded, whoever listens.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import psycopg
import structlog

from store import audit, happenings
from store.happenings import Happening
from store.pool import Pool

MOST_LISTENERS = 500
MOST_WAITING = 200
"""Batches that may wait for one listener; whoever is further behind is let go."""
_GATHER_S, _STILL_THERE_S = 0.1, 20.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 10.0
_READY_WITHIN_S = 5.0

log = structlog.get_logger(__name__)


class HubFull(Exception):
    """So many listen already that another would be at the others' cost."""


class HubDeaf(Exception):
    """The database cannot be listened to at this moment."""


@dataclass(frozen=True)
class Batch:
    """What happened, and the id up to which it has been told. None: something was missed, read anew."""

    last_id: int
    happenings: tuple[Happening, ...] | None


_THE_END = Batch(0, None)


@dataclass(eq=False)
class Listener:
    """One who watches; ``dropped`` once it was too slow, or the house is closing."""

    waiting: asyncio.Queue[Batch] = field(default_factory=lambda: asyncio.Queue(MOST_WAITING))
    dropped: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, batch: Batch) -> None:
        """Hand it over, or let the listener go; nobody waits for it."""
        try:
            self.waiting.put_nowait(batch)
        except asyncio.QueueFull:
            self.drop()

    def drop(self) -> None:
        """Nothing more is kept for this listener; a stream that waits wakes up, and ends."""
        self.dropped.set()
        while not self.waiting.empty():
            self.waiting.get_nowait()
        self.waiting.put_nowait(_THE_END)


class Hub:
    """Listens on one connection while anybody watches, and from then on until the house closes."""

    def __init__(self, pool: Pool, listen_url: str) -> None:
        self._pool, self._listen_url = pool, listen_url
        self._listeners: set[Listener] = set()
        self._hearing = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._has_heard = False
        self._last_id = 0

    @asynccontextmanager
    async def listener(self) -> AsyncIterator[Listener]:
        """A listener who hears of everything from now on; raises :class:`HubFull`, :class:`HubDeaf`."""
        if len(self._listeners) >= MOST_LISTENERS:
            raise HubFull
        listener = Listener()
        self._listeners.add(listener)
        try:
            await self._be_hearing()
            yield listener
        finally:
            self._listeners.discard(listener)

    def tell_of(self, part: str) -> None:
        """Tell everybody of a change that no database tells of: it was looked for, and seen."""
        self._tell(Batch(self._last_id, (happenings.of_part(part, datetime.now(UTC)),)))

    async def close(self) -> None:
        """Stop listening; every stream ends."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        for listener in self._listeners:
            listener.drop()

    async def _be_hearing(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._listen_on())
        try:
            await asyncio.wait_for(self._hearing.wait(), _READY_WITHIN_S)
        except TimeoutError:
            raise HubDeaf from None

    async def _listen_on(self) -> None:
        """Listen for ever; after a broken connection everybody is told that something may be missing."""
        pause = _FIRST_PAUSE_S
        while True:
            try:
                await self._listen()
            except psycopg.Error as error:
                log.warning("hub_deaf", error=type(error).__name__)
            if self._hearing.is_set():
                pause = _FIRST_PAUSE_S
            self._hearing.clear()
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_S)

    async def _listen(self) -> None:
        async with await psycopg.AsyncConnection.connect(self._listen_url, autocommit=True) as ear:
            await ear.execute(f"LISTEN {audit.LISTEN}")
            async with self._pool.connection() as conn:
                self._last_id = max(self._last_id, await happenings.newest(conn))
            if self._has_heard:
                self._tell(Batch(self._last_id, None))
            self._has_heard = True
            self._hearing.set()
            while True:
                if heard := await self._heard(ear):
                    await self._pass_on(heard)

    async def _heard(self, ear: psycopg.AsyncConnection[tuple[object, ...]]) -> list[str]:
        """What was told in a moment: an order takes several steps at once, and is looked up once."""
        heard = [told.payload async for told in ear.notifies(timeout=_STILL_THERE_S, stop_after=1)]
        if not heard:
            # A connection that died without a word is found out by asking something.
            await ear.execute("SELECT 1")
            return []
        return heard + [told.payload async for told in ear.notifies(timeout=_GATHER_S)]

    async def _pass_on(self, heard: list[str]) -> None:
        """Ids of entries are looked up; the name of a list is passed on as it is."""
        if not self._listeners:
            return
        ids = [int(one) for one in heard if one.isdecimal()]
        found = [happenings.of_part(one, datetime.now(UTC)) for one in sorted({*heard}) if not one.isdecimal()]
        if ids:
            async with self._pool.connection() as conn:
                found += await happenings.of_entries(conn, ids)
        self._last_id = max(self._last_id, *ids, 0)
        if found:
            self._tell(Batch(self._last_id, tuple(found)))

    def _tell(self, batch: Batch) -> None:
        for listener in tuple(self._listeners):
            listener.tell(batch)
            if listener.dropped.is_set():
                self._listeners.discard(listener)
