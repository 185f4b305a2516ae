"""Starts the parts in order, keeps each of them alive, and ends them in reverse.

It knows nothing of what the parts are: ``dev.stack.catalog`` has the table.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from dev.stack import child
from dev.stack.errors import PartFailed
from dev.stack.part import Part, PartState

_ASK_EVERY = 0.1
_FIRST_PAUSE = timedelta(milliseconds=500)
_LONGEST_PAUSE = timedelta(seconds=10)
_STEADY_AFTER = timedelta(seconds=30)


@dataclass
class Keeping:
    """A part and how it is doing; read by the table on the screen."""

    part: Part
    log: Path
    state: PartState = PartState.WAITING
    process: asyncio.subprocess.Process | None = None
    restarts: int = 0
    started: float = 0.0
    birth: asyncio.Task[None] | None = None
    keeper: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The process id while it lives."""
        return self.process.pid if self.process is not None and self.process.returncode is None else None

    @property
    def uptime(self) -> timedelta | None:
        """How long the present process has lived."""
        return timedelta(seconds=time.monotonic() - self.started) if self.pid is not None else None


class Supervisor:
    """Runs a table of parts. ``on_change`` hears of every change of a part's state."""

    def __init__(
        self,
        parts: Sequence[Part],
        *,
        log_dir: Path,
        environment: Mapping[str, str],
        on_change: Callable[[Keeping], None] = lambda _: None,
    ) -> None:
        self.table = [Keeping(part, log_dir / f"{part.name}.log") for part in parts]
        self._environment = environment
        self._on_change = on_change
        log_dir.mkdir(parents=True, exist_ok=True)

    async def start(self) -> None:
        """Start every part, each after the one before it is ready; PartFailed when one cannot."""
        for kept in self.table:
            self._move(kept, PartState.STARTING)
            await kept.part.prepare()
            await self._launch(kept)
            await self._await_ready(kept)
            if not kept.part.once:
                kept.keeper = asyncio.create_task(self._keep(kept), name=f"keep {kept.part.name}")

    async def stop(self) -> None:
        """End every part, the last one first; returns when no process is left."""
        for kept in reversed(self.table):
            if kept.keeper is not None:
                kept.keeper.cancel()
                await asyncio.gather(kept.keeper, return_exceptions=True)
            if kept.birth is not None:
                await kept.birth
            if kept.process is not None and kept.state is not PartState.DONE:
                self._move(kept, PartState.STOPPING)
                await child.end(kept.process, kept.part.stop_signal, kept.part.stop_within)
                self._move(kept, PartState.STOPPED)

    async def _launch(self, kept: Keeping) -> None:
        # A start that is interrupted half-way would leave a process nobody knows; ``stop`` waits for the birth.
        kept.birth = asyncio.create_task(self._bear(kept))
        await asyncio.shield(kept.birth)

    async def _bear(self, kept: Keeping) -> None:
        kept.process = await child.start(kept.part, kept.log, self._environment)
        kept.started = time.monotonic()

    async def _await_ready(self, kept: Keeping) -> None:
        try:
            async with asyncio.timeout(kept.part.ready_within.total_seconds()):
                await (self._await_end(kept) if kept.part.once else self._ask_until_ready(kept))
        except TimeoutError:
            raise self._failure(kept, f"did not answer within {kept.part.ready_within.total_seconds():.0f} s") from None

    async def _await_end(self, kept: Keeping) -> None:
        code = await _process(kept).wait()
        if code != 0:
            raise self._failure(kept, f"ended with exit code {code}")
        self._move(kept, PartState.DONE)

    async def _ask_until_ready(self, kept: Keeping) -> None:
        while not await kept.part.ready():
            self._still_alive(kept)
            await asyncio.sleep(_ASK_EVERY)
        # Something else may have answered in the place of a part that died meanwhile.
        self._still_alive(kept)
        self._move(kept, PartState.READY)

    def _still_alive(self, kept: Keeping) -> None:
        code = _process(kept).returncode
        if code is not None:
            raise self._failure(kept, f"ended with exit code {code} while starting")

    async def _keep(self, kept: Keeping) -> None:
        """Start the part again whenever it dies, more slowly the sooner it dies again."""
        pause: timedelta | None = None
        while True:
            process = _process(kept)
            await process.wait()
            child.end_group(process.pid)
            pause = pause_before_restart(pause, lived=timedelta(seconds=time.monotonic() - kept.started))
            self._move(kept, PartState.RESTARTING)
            await asyncio.sleep(pause.total_seconds())
            await self._launch_again(kept)

    async def _launch_again(self, kept: Keeping) -> None:
        kept.restarts += 1
        self._move(kept, PartState.STARTING)
        await self._launch(kept)
        try:
            await self._await_ready(kept)
        except PartFailed:
            # It failed again: end what is left of it, and the keeper tries once more after a longer pause.
            await child.end(_process(kept), kept.part.stop_signal, kept.part.stop_within)

    def _move(self, kept: Keeping, state: PartState) -> None:
        kept.state = state
        self._on_change(kept)

    def _failure(self, kept: Keeping, problem: str) -> PartFailed:
        self._move(kept, PartState.FAILED)
        return PartFailed(kept.part.name, problem, kept.log, child.tail(kept.log))


def pause_before_restart(earlier: timedelta | None, *, lived: timedelta) -> timedelta:
    """Twice the earlier pause, up to a limit; short again after the part has lived steadily."""
    if earlier is None or lived > _STEADY_AFTER:
        return _FIRST_PAUSE
    return min(earlier * 2, _LONGEST_PAUSE)


def _process(kept: Keeping) -> asyncio.subprocess.Process:
    if kept.process is None:
        raise LookupError(f"{kept.part.name} was never started")
    return kept.process
