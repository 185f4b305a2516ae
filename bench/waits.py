"""The no-op workflows, driven through their waits."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from typing import TextIO

from bench.ground import Ground
from bench.noop import QUEUE, NoOpWorkflow


class NoOps:
    """One of the two kinds of workflow; its stages come from the file the worker writes."""

    last = "5"

    def __init__(self, ground: Ground, stages: TextIO) -> None:
        self._client = ground.client
        self._stages = stages
        self._stands: dict[str, str] = {}
        self._numbers = itertools.count(1)
        self.wrong: Mapping[str, str] = {}

    async def prepare(self, count: int) -> Sequence[str]:
        """Nothing but their ids."""
        return [f"no-op-{id(self)}-{next(self._numbers)}" for _ in range(count)]

    def workflow_id(self, key: str) -> str:
        """The key itself."""
        return key

    async def start(self, key: str) -> None:
        """Start one."""
        await self._client.start_workflow(NoOpWorkflow.run, id=key, task_queue=QUEUE)

    async def look(self, keys: Collection[str]) -> Mapping[str, str]:
        """What the worker has written since the last look."""
        for line in self._stages:
            key, _, stage = line.strip().partition(" ")
            self._stands[key] = stage
        return {key: self._stands[key] for key in keys if key in self._stands}

    async def act(self, key: str, stage: str) -> None:
        """Signal, update, signal, each where an order has it."""
        handle = self._client.get_workflow_handle(key)
        if stage == "1":
            await handle.signal(NoOpWorkflow.begin)
        elif stage == "3":
            await handle.execute_update(NoOpWorkflow.decide)
        elif stage == self.last:
            await handle.signal(NoOpWorkflow.end)
            await handle.result()

    async def settle(self) -> None:
        """Nothing is left beside them."""
