"""Batches of the two kinds in turn, with the CPU that each process spent on them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bench.driver import Kind, drive
from bench.ground import WORKER, Ground
from bench.parts import SERVER

# The server closes its own tasks on a workflow a moment after the workflow has ended.
AFTERMATH = timedelta(milliseconds=500)


@dataclass(frozen=True)
class Batch:
    """What one batch took: CPU milliseconds per workflow by process, and workflows per second."""

    keys: Sequence[str]
    per_second: float
    cpu: Mapping[str, float]

    @property
    def server_and_worker(self) -> float:
        """The CPU of both together, in milliseconds per workflow."""
        return self.cpu[SERVER] + self.cpu[WORKER]


@dataclass(frozen=True)
class Round:
    """A batch of orders and, right after it, one of no-ops."""

    orders: Batch
    no_ops: Batch


@dataclass(frozen=True)
class Pair:
    """The two kinds that are compared."""

    ground: Ground
    orders: Kind
    no_ops: Kind

    async def rounds(self, count: int, how_many: int) -> list[Round]:
        """Alternate batches of ``count`` workflows of each kind, after smaller ones to warm up."""
        await self.round(max(count // 2, 1))
        return [await self.round(count) for _ in range(how_many)]

    async def round(self, count: int) -> Round:
        """One batch of each kind."""
        return Round(await batch(self.ground, self.orders, count), await batch(self.ground, self.no_ops, count))


async def batch(ground: Ground, kind: Kind, count: int) -> Batch:
    """Drive ``count`` workflows to their end and read what that took."""
    keys = await kind.prepare(count)
    before, begun = ground.cpu(), time.perf_counter()
    await drive(kind, keys)
    seconds = time.perf_counter() - begun
    await kind.settle()
    await asyncio.sleep(AFTERMATH.total_seconds())
    cpu = {name: (spent - before[name]) * 1_000 / count for name, spent in ground.cpu().items()}
    return Batch(keys, count / seconds, cpu)
