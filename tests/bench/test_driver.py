"""The driver brings every workflow to its end, so many at a time, or says which did not come to it."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

import pytest

from bench import driver
from bench.driver import AT_ONCE, NotFinished, drive


class Imagined:
    """Workflows of three stages that move on when they are acted upon, unless they are jammed."""

    last = "third"
    after: Mapping[str, str] = {"first": "second", "second": "third", "third": "ended"}

    def __init__(self, jammed: Collection[str] = ()) -> None:
        self.stages: dict[str, str] = {}
        self.wrong: dict[str, str] = {}
        self.most_at_once = 0
        self._jammed = jammed

    async def prepare(self, count: int) -> Sequence[str]:
        return [str(number) for number in range(count)]

    def workflow_id(self, key: str) -> str:
        return key

    async def start(self, key: str) -> None:
        self.stages[key] = "first"

    async def look(self, keys: Collection[str]) -> Mapping[str, str]:
        self.most_at_once = max(self.most_at_once, len(keys))
        return {key: self.stages[key] for key in keys if key in self.stages}

    async def act(self, key: str, stage: str) -> None:
        if key not in self._jammed:
            self.stages[key] = self.after[stage]

    async def settle(self) -> None:
        return


async def test_all_come_to_their_end_and_never_too_many_at_once() -> None:
    kind = Imagined()
    await drive(kind, await kind.prepare(40))
    assert set(kind.stages.values()) == {"ended"}
    assert kind.most_at_once == AT_ONCE


async def test_one_that_stands_still_is_named_with_its_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "PATIENCE", timedelta(milliseconds=300))
    kind = Imagined(jammed={"2"})
    with pytest.raises(NotFinished) as stuck:
        await drive(kind, await kind.prepare(4))
    assert stuck.value.stages == {"2": "first"}


async def test_one_that_never_ends_is_named_too(monkeypatch: pytest.MonkeyPatch) -> None:
    class Endless(Imagined):
        async def act(self, key: str, stage: str) -> None:
            if stage == self.last:
                await asyncio.Event().wait()
            await super().act(key, stage)

    monkeypatch.setattr(driver, "PATIENCE", timedelta(milliseconds=300))
    kind = Endless()
    with pytest.raises(NotFinished) as stuck:
        await drive(kind, await kind.prepare(1))
    assert stuck.value.stages == {"0": "third"}


async def test_one_that_ends_wrong_is_named_with_its_end() -> None:
    kind = Imagined()
    kind.wrong["1"] = "cancelled"
    with pytest.raises(NotFinished) as wrong:
        await drive(kind, await kind.prepare(2))
    assert wrong.value.stages == {"1": "cancelled"}


async def test_the_last_acts_are_waited_for() -> None:
    class Slow(Imagined):
        async def act(self, key: str, stage: str) -> None:
            if stage == self.last:
                await asyncio.sleep(0.05)
            await super().act(key, stage)

    kind = Slow()
    await drive(kind, await kind.prepare(3))
    assert set(kind.stages.values()) == {"ended"}
