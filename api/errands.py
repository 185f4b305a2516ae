"""Work that goes on after the answer. Nothing is lost with it: the inbox holds what it was about (DESIGN, idea 3)."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

_QUIET_S, _LONGEST_WAIT_S = 0.1, 1.0
"""So long nothing more came: then what waits is done. At the latest after the longer one, however busy the door is."""
_AT_ONCE = 8
"""More calls than that at a time make Temporal slower for each, until it answers none of them in time."""
_MOST_IN_HAND = 5_000
"""What comes on top is left to the Schedule."""
_LAST_ERRANDS_S = 5.0

Later = Callable[[], Coroutine[Any, Any, object]]

log = structlog.get_logger(__name__)


class Errands:
    """Of one process. Those that are sent later let the answers of a burst go first."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[object]] = set()
        self._later: deque[tuple[float, Later]] = deque()
        self._carriers = 0
        self._last_came = 0.0

    def send(self, errand: Coroutine[Any, Any, object]) -> asyncio.Task[object]:
        """Start it; the set keeps it from being collected while it runs."""
        task = asyncio.create_task(errand)
        self._running.add(task)
        task.add_done_callback(self._back)
        return task

    def send_later(self, errand: Later) -> None:
        """Start it as soon as the door is quiet, within a second at the latest."""
        if len(self._later) >= _MOST_IN_HAND:
            log.warning("errand_left_to_the_schedule", waiting=len(self._later))
            return
        self._last_came = asyncio.get_running_loop().time()
        self._later.append((self._last_came, errand))
        if self._carriers < _AT_ONCE:
            self._carriers += 1
            self.send(self._carry())

    async def finish(self) -> None:
        """Wait a little for what is under way; the Schedule takes up the rest."""
        if self._running:
            await asyncio.wait(self._running, timeout=_LAST_ERRANDS_S)
        late = tuple(self._running)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _carry(self) -> None:
        """Do what waits, one after the other, until nothing does."""
        try:
            while self._later:
                await self._quiet()
                if self._later:
                    _, errand = self._later.popleft()
                    # A task of its own: one that fails is told of like any other, and takes nobody with it.
                    await asyncio.wait([self.send(errand())])
        finally:
            self._carriers -= 1

    async def _quiet(self) -> None:
        while self._later and (left := self._may_begin() - asyncio.get_running_loop().time()) > 0:  # noqa: ASYNC110
            await asyncio.sleep(left)

    def _may_begin(self) -> float:
        """When the oldest of what waits is done; each message that comes meanwhile moves it."""
        return min(self._last_came + _QUIET_S, self._later[0][0] + _LONGEST_WAIT_S)

    def _back(self, task: asyncio.Task[object]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("errand_failed", error=type(error).__name__)
