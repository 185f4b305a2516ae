"""Drives many workflows at once, as the world drives orders: it looks where each stands, then acts."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

LOOK_EVERY = timedelta(milliseconds=20)
AT_ONCE = 15
PATIENCE = timedelta(seconds=120)


class NotFinished(Exception):
    """Workflows that did not come to their right end, each with where it stands."""

    def __init__(self, stages: Mapping[str, str]) -> None:
        self.stages = dict(stages)
        super().__init__("not finished: " + ", ".join(f"{key} ({stage})" for key, stage in self.stages.items()))


class Kind(Protocol):
    """One kind of workflow to drive. A key names one workflow; a stage is where it stands."""

    @property
    def wrong(self) -> Mapping[str, str]:
        """Workflows that did not end as they should, each with how it ended."""

    @property
    def last(self) -> str:
        """The last stage at which the driver acts; the act waits for the workflow's end."""

    async def prepare(self, count: int) -> Sequence[str]:
        """Make ready what that many workflows need; returns their keys. Not measured."""

    def workflow_id(self, key: str) -> str:
        """The id of the workflow of this key."""

    async def start(self, key: str) -> None:
        """Start the workflow."""

    async def look(self, keys: Collection[str]) -> Mapping[str, str]:
        """Where these workflows stand, as far as it is known."""

    async def act(self, key: str, stage: str) -> None:
        """Do what the world does at this stage, if anything."""

    async def settle(self) -> None:
        """Wait for what the workflows left to be done beside them."""


async def drive(kind: Kind, keys: Sequence[str], pause: timedelta = timedelta(0)) -> None:
    """Bring all of them to their end, at most AT_ONCE before their last wait at a time.

    With a ``pause`` the world takes its time before each act, so that every wait is really
    waited; without it news can arrive while the workflow is still at work, and share a task.
    Raises NotFinished when time runs out or a workflow ended wrong.
    """
    drove = Drive(kind, deque(keys), pause)
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()), asyncio.TaskGroup() as acts:
            while drove.goes_on:
                drove.start_more(acts)
                await drove.look(acts)
                await asyncio.sleep(LOOK_EVERY.total_seconds())
    except TimeoutError:
        raise NotFinished(drove.left()) from None
    if kind.wrong:
        raise NotFinished(kind.wrong)


@dataclass
class Drive:
    """One drive: which workflows still wait to be started, and where those under way stand."""

    kind: Kind
    waiting: deque[str]
    pause: timedelta
    under_way: dict[str, str] = field(default_factory=dict)
    ending: dict[str, str] = field(default_factory=dict)

    @property
    def goes_on(self) -> bool:
        """Some have not come to their last act yet."""
        return bool(self.waiting or self.under_way)

    def start_more(self, acts: asyncio.TaskGroup) -> None:
        """Start as many as may be under way at once."""
        while self.waiting and len(self.under_way) < AT_ONCE:
            key = self.waiting.popleft()
            self.under_way[key] = "started"
            acts.create_task(self.kind.start(key))

    async def look(self, acts: asyncio.TaskGroup) -> None:
        """See where all under way stand, and act on those that have moved."""
        for key, stage in (await self.kind.look(self.under_way)).items():
            if stage != self.under_way[key]:
                self.under_way[key] = stage
                acts.create_task(self.act(key, stage))
            if stage == self.kind.last:
                self.ending[key] = self.under_way.pop(key)

    async def act(self, key: str, stage: str) -> None:
        """Act, after the world's pause."""
        await asyncio.sleep(self.pause.total_seconds())
        await self.kind.act(key, stage)
        if stage == self.kind.last:
            del self.ending[key]

    def left(self) -> dict[str, str]:
        """What has not come to its end, with its stage."""
        return self.under_way | self.ending | dict.fromkeys(self.waiting, "not started")
