"""The workers of a test's shop, for as long as they are there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from temporalio.worker import Worker

import worker
from tests.workflows.shop import Shop


@asynccontextmanager
async def working(shop: Shop) -> AsyncIterator[None]:
    """Every queue is served within the block; after it nobody is there, and nothing is remembered."""
    hands = worker.build_hands(shop.settings, shop.skipper.client, shop.pool, shop.outside)
    async with AsyncExitStack() as stack:
        for one in worker.build_workers(shop.skipper.client, shop.settings, hands):
            await stack.enter_async_context(one)
        yield


@asynccontextmanager
async def serving(shop: Shop, queue: str) -> AsyncIterator[None]:
    """One queue is served within the block, and no workflow goes on."""
    hands = worker.build_hands(shop.settings, shop.skipper.client, shop.pool, shop.outside)
    async with Worker(shop.skipper.client, task_queue=queue, activities=hands.of_queue()[queue]):
        yield
