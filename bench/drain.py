"""Thousands of orders that nobody paid, whose T1 falls at once: all cancelled, each once, their stock back (R4, T1).

Beside them no-ops with the same waits and activities: that is how fast the server and one
worker can be. The rate counts from the instant at which the deadline fell.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import httpx

from bench.driver import LOOK_EVERY, NotFinished
from bench.figures import Figure, compared
from bench.ground import Ground
from bench.happy import TOTAL, HappyOrders
from bench.noop import DRAINED, QUEUE, UnpaidNoOpWorkflow

Item = TypeVar("Item")
ORDERS = 5_000
_AT_ONCE = 40
# Until the deadline all must have begun and be waiting; so many of each begin in a second at the least.
_ORDERS_BEGIN, _NO_OPS_BEGIN = 25, 100
_DRAIN_AT_LEAST = 5
"""Ended each second; slower than this is not slow but stuck."""


async def of_unpaid_orders(ground: Ground, orders: int) -> list[Figure]:
    """The rates of both, and what must be none: orders not cancelled exactly once, pieces not back, open payments.

    Few ``orders`` (a try) drain only so many; from the usual number on it is the whole flood.
    """
    count = ORDERS if orders >= 100 else orders
    happy = HappyOrders(ground)
    await happy.stock_up(count)
    keys = await happy.prepare(count)
    await _open_payments(ground, happy, keys)
    async with ground.worker(sandbox=False):
        no_ops = await _no_ops(ground, count)
        happy.pay_until = datetime.now(UTC) + timedelta(seconds=5 + count / _ORDERS_BEGIN)
        await _at_once(happy.start, keys)
        await asyncio.sleep(max(0.0, (happy.pay_until - datetime.now(UTC)).total_seconds()))
        late = count - await _count(ground, _BEGUN)
        drained = await _rate(count, happy.pay_until, lambda: _count(ground, _CANCELLED))
    return [
        compared("orders drained", "per s", [drained], [no_ops]),
        Figure("not begun as it fell", "orders", late, aim=0),
        Figure("not cancelled exactly once", "orders", count - await _count(ground, _CANCELLED_ONCE), aim=0),
        Figure("still reserved", "pieces", await _count(ground, _RESERVED), aim=0),
        Figure("payments left open", "count", await _open(ground), aim=0),
    ]


async def _no_ops(ground: Ground, count: int) -> float:
    due = datetime.now(UTC) + timedelta(seconds=5 + count / _NO_OPS_BEGIN)
    numbers = itertools.count(1)
    ended: Counter[str] = Counter()

    async def start(_: object) -> None:
        await ground.client.start_workflow(
            UnpaidNoOpWorkflow.run, due, id=f"unpaid-no-op-{next(numbers)}", task_queue=QUEUE
        )

    with ground.stages.open(encoding="utf-8") as stages:

        async def look() -> int:
            ended.update(line.split()[-1] for line in stages)
            return ended[str(DRAINED)]

        await _at_once(start, range(count))
        return await _rate(count, due, look)


async def _rate(count: int, due: datetime, look: Callable[[], Awaitable[int]]) -> float:
    """How many ended each second from the deadline on; raises NotFinished when they do not end."""
    last = due + timedelta(seconds=30 + count / _DRAIN_AT_LEAST)
    while (ended := await look()) < count:
        if datetime.now(UTC) > last:
            raise NotFinished({f"{count - ended} of {count}": "not ended"})
        await asyncio.sleep(LOOK_EVERY.total_seconds() * 5)
    return count / (datetime.now(UTC) - due).total_seconds()


async def _at_once(do: Callable[[Item], Awaitable[None]], items: Iterable[Item]) -> None:
    waiting = iter(items)

    async def one_after_another() -> None:
        for item in waiting:
            await do(item)

    await asyncio.gather(*(one_after_another() for _ in range(_AT_ONCE)))


async def _open_payments(ground: Ground, happy: HappyOrders, keys: Iterable[str]) -> None:
    """Each buyer has a payment that waits for them."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{ground.settings.simulator_port}", timeout=30) as bank:

        async def open_one(key: str) -> None:
            intent = {"amount": TOTAL, "order_no": key, "id": happy.payment_of(key)}
            (await bank.post("/control/stripe/payment_intents", json=intent)).raise_for_status()

        await _at_once(open_one, keys)


async def _open(ground: Ground) -> int:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{ground.settings.simulator_port}", timeout=60) as bank:
        intents = (await bank.get("/control/stripe/payment_intents")).json()
    return sum(intent["status"] != "canceled" for intent in intents)


async def _count(ground: Ground, query: str) -> int:
    async with ground.pool.connection() as conn:
        row = await (await conn.execute(query)).fetchone()
    assert row is not None
    return int(row["number"])


_BEGUN = "SELECT count(*) AS number FROM orders"
_CANCELLED = "SELECT count(*) AS number FROM orders WHERE status = 'cancelled'"
_CANCELLED_ONCE = """
SELECT count(*) AS number FROM (
    SELECT order_no FROM audit_entries WHERE act = 'cancelled' GROUP BY order_no HAVING count(*) = 1
) once
"""
_RESERVED = "SELECT coalesce(sum(reserved), 0) AS number FROM stock_items"
