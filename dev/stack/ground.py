"""What must be free before anything starts: the data directory and the ports."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from dev.stack.errors import AlreadyRunning, PortsTaken
from dev.stack.part import Listen, Part

LOCK_NAME = "up.lock"


@contextmanager
def sole_use(data_dir: Path) -> Iterator[None]:
    """Hold the data directory; AlreadyRunning when another process does.

    The lock is the kernel's and falls with its holder, so a crash never leaves it behind.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / LOCK_NAME).open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(data_dir, _holder(data_dir)) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _holder(data_dir: Path) -> str:
    return (data_dir / LOCK_NAME).read_text(encoding="utf-8").strip() or "unknown"


def check_ports(parts: Sequence[Part]) -> None:
    """PortsTaken naming every port that another program, or another part, has."""
    lines, claimed = [], dict[int, str]()
    for part in parts:
        for listen in part.listens:
            if listen.port in claimed:
                lines.append(_taken(part, listen, f"is given to {claimed[listen.port]} already"))
            elif not _is_free(listen):
                lines.append(_taken(part, listen, "is taken by another program"))
            claimed[listen.port] = part.name
    if lines:
        raise PortsTaken(lines)


def _taken(part: Part, listen: Listen, why: str) -> str:
    return f"Port {listen.port}, which {part.name} needs, {why}. Choose another with {listen.setting}=PORT."


def _is_free(listen: Listen) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # Servers do the same; without it a port counts as taken for a minute after its last connection.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((listen.host, listen.port))
        except OSError:
            return False
    return True
