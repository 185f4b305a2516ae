"""A worker that comes to many waiting orders ends in time what it takes in hand; the rest waits without a clock."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import httpx
from temporalio.api.enums.v1 import PendingWorkflowTaskState
from temporalio.testing import TimeSkipper

from runtime.settings import Settings
from store.pool import Pool
from tests.workflows.shop import Handle, Shop
from tests.workflows.workers import working

WAITING, AT_ONCE, LOOKS = 12, 3, 20


async def in_hand(orders: Sequence[Handle]) -> int:
    """Of how many a worker has the workflow task."""
    found = [one.raw_description for one in await asyncio.gather(*[order.describe() for order in orders])]
    started = PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_STARTED
    return sum(one.HasField("pending_workflow_task") and one.pending_workflow_task.state == started for one in found)


async def test_no_more_orders_are_taken_in_hand_at_a_time_than_the_settings_say(
    settings: Settings, time_skipper: TimeSkipper, pool: Pool, outside: httpx.AsyncClient
) -> None:
    few = settings.model_copy(update={"workflow_tasks_at_once": AT_ONCE})
    shop = Shop(time_skipper, pool, outside, few)
    await shop.stock_up(quantity=100)
    orders = [await shop.start(await shop.order()) for _ in range(WAITING)]
    async with working(shop):
        async with pool.connection() as busy:
            await busy.execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")
            await shop.until(lambda: in_hand(orders), lambda number: number >= AT_ONCE)
            assert max([await in_hand(orders) for _ in range(LOOKS)]) == AT_ONCE
        for order in orders:
            await shop.reaches(order, "awaiting_payment")
