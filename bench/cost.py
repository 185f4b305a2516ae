"""What one happy order costs, beside a no-op workflow with the same waits, in the same run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from bench.batches import Batch, Pair, Round
from bench.driver import Kind, drive
from bench.figures import Figure, compared, counted
from bench.ground import CHANNEL, WORKER, Ground
from bench.happy import HappyOrders
from bench.parts import DATABASE, SERVER
from bench.sizes import Size, size_of, size_of_all_runs
from bench.waits import NoOps

MOST_EVENTS, MOST_TRANSITIONS, MOST_BYTES, MOST_CPU_RATIO = 60, 24, 25_000, 1.25
BATCHES, SANDBOXED_BATCHES = 4, 1
# A batch of fewer says nothing about times: a small number of orders is one batch.
FEWEST = 10
SAMPLE, UNHURRIED = 8, timedelta(milliseconds=400)


async def of_one_order(ground: Ground, orders: int) -> list[Figure]:
    """All rows, from about ``orders`` orders in all. Raises NotFinished when one was not archived."""
    batches = min(BATCHES, max(orders // FEWEST, 1))
    count = orders // batches
    happy = HappyOrders(ground)
    await happy.stock_up(pieces=2 * orders + 100)
    async with ground.worker(sandbox=False):
        figures = await _in_production(ground, happy, count, batches)
    async with ground.worker(sandbox=True):
        return [*figures, await _with_sandbox(ground, happy, count)]


async def _in_production(ground: Ground, happy: HappyOrders, count: int, batches: int) -> list[Figure]:
    """As production runs: the workflow sandbox is left out there, and replay tests stand guard instead."""
    with ground.stages.open(encoding="utf-8") as stages:
        pair = Pair(ground, happy, NoOps(ground, stages))
        orders, no_ops = await _lived(ground, pair.orders), await _lived(ground, pair.no_ops)
        before = await size_of_all_runs(ground.client, f"notices-{CHANNEL}")
        rounds = await pair.rounds(count, batches)
        after = await size_of_all_runs(ground.client, f"notices-{CHANNEL}")
    return [*_weights(orders, no_ops), *_times(rounds), *_notices(before, after, happy.prepared - SAMPLE)]


async def _lived(ground: Ground, kind: Kind) -> list[Size]:
    """What workflows weigh that lived without hurry, every wait really waited, as real orders do."""
    keys = await kind.prepare(SAMPLE)
    await drive(kind, keys, UNHURRIED)
    return [await size_of(ground.client, kind.workflow_id(key)) for key in keys]


async def _with_sandbox(ground: Ground, happy: HappyOrders, count: int) -> Figure:
    with ground.stages.open(encoding="utf-8") as stages:
        rounds = await Pair(ground, happy, NoOps(ground, stages)).rounds(count, SANDBOXED_BATCHES)
    return _cpu("CPU, both, sandbox on", rounds, lambda batch: batch.server_and_worker)


def _weights(orders: Sequence[Size], no_ops: Sequence[Size]) -> list[Figure]:
    def row(what: str, unit: str, weigh: Callable[[Size], int], aim: int) -> Figure:
        return counted(what, unit, [weigh(size) for size in orders], [weigh(size) for size in no_ops], aim)

    return [
        row("history events", "count", lambda size: size.events, MOST_EVENTS),
        row("state transitions", "count", lambda size: size.transitions, MOST_TRANSITIONS),
        row("history size", "bytes", lambda size: size.history_bytes, MOST_BYTES),
    ]


def _times(rounds: Sequence[Round]) -> list[Figure]:
    rates = [pair.orders.per_second for pair in rounds], [pair.no_ops.per_second for pair in rounds]
    return [
        _cpu("CPU, Temporal server", rounds, lambda batch: batch.cpu[SERVER]),
        _cpu("CPU, worker", rounds, lambda batch: batch.cpu[WORKER]),
        _cpu("CPU, both", rounds, lambda batch: batch.server_and_worker, MOST_CPU_RATIO),
        _cpu("CPU, PostgreSQL", rounds, lambda batch: batch.cpu[DATABASE], beside=False),
        compared("throughput", "per s", *rates),
    ]


def _cpu(
    what: str, rounds: Sequence[Round], read: Callable[[Batch], float], aim: float | None = None, *, beside: bool = True
) -> Figure:
    """A row of CPU milliseconds; ``beside`` False where the no-op asks nothing of that process."""
    orders, no_ops = [read(pair.orders) for pair in rounds], [read(pair.no_ops) for pair in rounds]
    row = compared(what, "ms", orders, no_ops if beside else orders, aim)
    return row if beside else Figure(what, row.unit, row.order)


def _notices(before: Size, after: Size, orders: int) -> list[Figure]:
    """The channel's notice workflow serves all orders; this is one order's share of it."""
    return [
        Figure("notice events, share", "count", (after.events - before.events) / orders),
        Figure("notice transitions, share", "count", (after.transitions - before.transitions) / orders),
    ]
