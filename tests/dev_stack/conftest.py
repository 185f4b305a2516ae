"""A tiny stack: web servers of the standard library in the place of the real parts."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias

import psutil
import pytest

from dev.stack import answers
from dev.stack.part import Listen, Part
from dev.stack.supervisor import Keeping, Supervisor
from tests.fixtures.temporal import free_port

PartMaker: TypeAlias = Callable[[str], Part]
StackMaker: TypeAlias = Callable[..., Supervisor]


def web_server(name: str, **differences: object) -> Part:
    """A part that serves HTTP on a port of its own."""
    port = free_port()
    usual = {
        "name": name,
        "command": (sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"),
        "address": f"http://127.0.0.1:{port}",
        "listens": (Listen(port, f"ORDERFLOW_{name.upper()}_PORT"),),
        "ready": answers.http(f"http://127.0.0.1:{port}/"),
        "ready_within": timedelta(seconds=20),
        "stop_within": timedelta(seconds=5),
    }
    return Part(**(usual | differences))  # type: ignore[arg-type]


def program(name: str, source: str, **differences: object) -> Part:
    """A part that runs these lines of Python."""
    return Part(name=name, command=(sys.executable, "-c", source), **differences)  # type: ignore[arg-type]


def is_alive(pid: int) -> bool:
    """Whether this process runs; one that waits to be reaped does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def pid_of(kept: Keeping) -> int:
    """The process id of a part that must be running."""
    assert kept.pid is not None, f"{kept.part.name} is not running"
    return kept.pid


async def until(happened: Callable[[], bool | Awaitable[bool]], *, within: float = 20) -> None:
    """Wait for something another process does; fails when it does not happen in time."""
    async with asyncio.timeout(within):
        while True:
            answer = happened()
            if answer if isinstance(answer, bool) else await answer:
                return
            await asyncio.sleep(0.02)


@pytest.fixture
async def stack(tmp_path: Path) -> AsyncIterator[StackMaker]:
    """Makes supervisors whose children are ended after the test, however it ends."""
    made: list[Supervisor] = []

    def make(*parts: Part, on_change: Callable[[Keeping], None] = lambda _: None) -> Supervisor:
        supervisor = Supervisor(parts, log_dir=tmp_path / "logs", environment={"PATH": os.defpath}, on_change=on_change)
        made.append(supervisor)
        return supervisor

    yield make
    for supervisor in made:
        await supervisor.stop()
