"""How much CPU a process has used: its own, its children's, and that of those that have ended."""

from __future__ import annotations

import psutil


def cpu_seconds(pid: int) -> float:
    """User and system seconds of a process and everything it started.

    A child that has ended is counted by its parent, one that runs by itself: so the sum
    never falls, and two readings may be subtracted.
    """
    root = psutil.Process(pid)
    return sum(_spent(process) for process in (root, *root.children(recursive=True)))


def _spent(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        # It ended between the listing and the question; its parent counts it from now on.
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)
