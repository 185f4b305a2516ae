"""What goes on after the answers of a burst waits for them, but not for long, and never all at once (R1)."""

from __future__ import annotations

import asyncio
import time

import pytest

from api.errands import Errands


class Busy:
    """Errands that note when they were done, and how many at a time."""

    def __init__(self) -> None:
        self.done: list[float] = []
        self.at_once = self.most_at_once = 0

    async def errand(self) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        self.done.append(time.monotonic())

    async def broken(self) -> None:
        raise ValueError("this one fails")


async def test_errands_wait_until_nothing_more_comes_and_are_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.errands._QUIET_S", 0.5)
    errands, busy = Errands(), Busy()
    for _ in range(100):
        errands.send_later(busy.errand)
        await asyncio.sleep(0)
    assert busy.done == []
    await errands.finish()
    assert len(busy.done) == 100
    assert busy.most_at_once == 8


async def test_at_a_door_that_is_never_quiet_an_errand_waits_a_second_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.errands._QUIET_S", 5.0)
    errands, busy = Errands(), Busy()
    began = time.monotonic()
    while not busy.done and time.monotonic() < began + 10:
        errands.send_later(busy.errand)
        await asyncio.sleep(0.005)
    # The clock of the loop is coarser than a thousandth.
    assert 0.9 < busy.done[0] - began < 3
    await errands.finish()


async def test_an_errand_that_fails_takes_no_other_with_it() -> None:
    errands, busy = Errands(), Busy()
    for errand in (busy.errand, busy.broken, busy.errand):
        errands.send_later(errand)
    await errands.finish()
    assert len(busy.done) == 2


async def test_one_slow_errand_holds_up_nobody_who_comes_later() -> None:
    errands, busy, begun, ended = Errands(), Busy(), asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        begun.set()
        await ended.wait()

    errands.send_later(slow)
    await begun.wait()
    errands.send_later(busy.errand)
    for _ in range(500):
        if busy.done:
            break
        await asyncio.sleep(0.01)
    assert busy.done, "it waited for the slow one"
    ended.set()
    await errands.finish()
