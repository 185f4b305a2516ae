"""One child process of the stack: started on a leash, in a group of its own, with its log in a file."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from dev.stack.part import Part

_LEASH = Path(__file__).with_name("leash.py")
_LOG_LIMIT = 10 * 1024 * 1024
_TAIL_LINES = 25


async def start(part: Part, log: Path, environment: Mapping[str, str]) -> asyncio.subprocess.Process:
    """Start the part's command; what it prints is appended to ``log``."""
    uid, gid = part.run_as or (-1, -1)
    leash = [sys.executable, "-I", "-S", str(_LEASH), str(os.getpid()), str(int(part.stop_signal)), str(uid), str(gid)]
    _make_room(log)
    with log.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            *leash,
            *part.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=dict(environment) | dict(part.environment),
            # In a group of its own it does not hear the terminal's Ctrl-C: the supervisor ends the parts in order.
            start_new_session=True,
        )


async def end(process: asyncio.subprocess.Process, stop_signal: signal.Signals, within: timedelta) -> None:
    """Ask the process to end, insist after ``within``, and leave nothing of its group behind."""
    if process.returncode is None:
        _send(process.pid, stop_signal)
        try:
            await asyncio.wait_for(process.wait(), within.total_seconds())
        except TimeoutError:
            _send(process.pid, signal.SIGKILL)
    end_group(process.pid)
    await process.wait()


def end_group(leader: int) -> None:
    """Kill what a dead leader left in its group."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        # Nobody is left (macOS says so with EPERM).
        return


def tail(log: Path) -> str:
    """The last lines of a log, for a message about its part's failure."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    return "\n".join(f"  {line}" for line in lines[-_TAIL_LINES:]) or "  (empty)"


def _send(pid: int, what: signal.Signals) -> None:
    try:
        os.kill(pid, what)
    except ProcessLookupError:
        return


def _make_room(log: Path) -> None:
    """Keep one older log beside the current one, so that logs cannot fill the disk."""
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))
