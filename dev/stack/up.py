"""``orderflow up``: check the ground, start the parts, run the demo if asked, stay, and end cleanly."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dev.stack import ground
from dev.stack.catalog import LOGS
from dev.stack.part import Part
from dev.stack.screen import Screen
from dev.stack.supervisor import Supervisor

INTERRUPTED = 130
"""An errand that was broken off has not succeeded; a stack that was told to stop has."""

_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


async def _nothing_to_do() -> int:
    return 0


@dataclass(frozen=True)
class Run:
    """One ``up``. ``errand`` runs once all parts are ready and gives the exit code; ``stay`` goes on after it."""

    parts: Sequence[Part]
    data_dir: Path
    environment: dict[str, str] = field(repr=False)
    screen: Screen
    errand: Callable[[], Awaitable[int]] = _nothing_to_do
    welcome: Callable[[], None] = lambda: None
    stay: bool = True


async def up(run: Run) -> int:
    """Run the stack until told to end; returns the exit code, or raises a StackError.

    No child is alive when it returns, whichever way it ends.
    """
    with ground.sole_use(run.data_dir):
        ground.check_ports(run.parts)
        supervisor = Supervisor(
            run.parts, log_dir=run.data_dir / LOGS, environment=run.environment, on_change=run.screen.changed
        )
        told_to_end = _listen_for_endings()
        try:
            return await _until(told_to_end, _life(run, supervisor), code_when_told=0 if run.stay else INTERRUPTED)
        finally:
            await _end(run, supervisor)


async def _life(run: Run, supervisor: Supervisor) -> int:
    with run.screen.table(supervisor.table):
        await supervisor.start()
    run.welcome()
    code = await run.errand()
    if run.stay:
        with run.screen.table(supervisor.table):
            await asyncio.Event().wait()
    return code


async def _end(run: Run, supervisor: Supervisor) -> None:
    with run.screen.table(supervisor.table):
        await supervisor.stop()


def _listen_for_endings() -> asyncio.Event:
    """Set at Ctrl-C, SIGTERM or a closed terminal; saying it twice changes nothing."""
    told, loop = asyncio.Event(), asyncio.get_running_loop()

    def hear(*_: object) -> None:
        # What was said once is not listened for again. Python takes handlers back as it ends, the loop's own
        # already with the loop: a second word would then kill the process a moment before its exit code.
        for number in _ENDINGS:
            signal.signal(number, signal.SIG_IGN)
        loop.call_soon_threadsafe(told.set)

    for number in _ENDINGS:
        signal.signal(number, hear)
    return told


async def _until(told_to_end: asyncio.Event, life: Awaitable[int], *, code_when_told: int) -> int:
    """Let the life go on until it ends by itself or we are told to end it."""
    living = asyncio.ensure_future(life)
    ending = asyncio.create_task(told_to_end.wait())
    try:
        await asyncio.wait((living, ending), return_when=asyncio.FIRST_COMPLETED)
        if living.done():
            return living.result()
        return code_when_told
    finally:
        for task in (living, ending):
            task.cancel()
        await asyncio.gather(living, ending, return_exceptions=True)
