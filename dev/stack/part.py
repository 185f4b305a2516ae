"""What a part of the stack is: a row of the supervisor's table."""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum


@dataclass(frozen=True)
class Listen:
    """A port that a part will listen on, and the setting that moves it elsewhere."""

    port: int
    setting: str
    host: str = "127.0.0.1"


async def _at_once() -> bool:
    return True


async def _nothing() -> None:
    return None


@dataclass(frozen=True)
class Part:
    """One child process. Parts start in the order of the table and stop in reverse.

    ``prepare`` runs once, before the first start. ``ready`` is asked until it says yes.
    A ``once`` part must end with exit code 0 before the next one starts.
    ``run_as`` is the (uid, gid) to become, for a program that refuses to run as root.
    """

    name: str
    command: tuple[str, ...]
    address: str = ""
    listens: tuple[Listen, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    prepare: Callable[[], Awaitable[None]] = _nothing
    ready: Callable[[], Awaitable[bool]] = _at_once
    once: bool = False
    run_as: tuple[int, int] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    ready_within: timedelta = timedelta(seconds=60)
    stop_within: timedelta = timedelta(seconds=15)


class PartState(StrEnum):
    """Where a part stands."""

    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    DONE = "done"
    RESTARTING = "restarting"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"
