"""Parcels that move by themselves: each goes its way in the background, one step per pace."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta


class Walks:
    """Keeps the tasks, so that they can be stopped; what was walked is on the shelf, not here."""

    def __init__(self, pace: timedelta) -> None:
        self._pace = pace
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, step: Callable[[], bool]) -> None:
        """Call ``step`` once per pace until it answers False."""
        task = asyncio.create_task(self._walk(step))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finished(self) -> None:
        """Wait until every walk has come to its end."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        """Stop everybody where they are."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _walk(self, step: Callable[[], bool]) -> None:
        going = True
        while going:
            await asyncio.sleep(self._pace.total_seconds())
            going = step()
