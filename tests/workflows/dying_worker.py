"""A worker that is killed with -9 right after a step is committed, before Temporal knows of it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import httpx
from temporalio import activity

import worker
from activities.order_steps import OrderSteps
from models.steps import PickTasks, ReleaseStock, ReleaseToWarehouse
from runtime.crypto import vault_of
from runtime.settings import Settings
from runtime.temporal import connect
from store.pool import open_pool


class DyingAtTheRelease(OrderSteps):
    """Makes the pick tasks, and dies."""

    @activity.defn
    async def release_to_warehouse(self, request: ReleaseToWarehouse) -> PickTasks:
        """Commit, then be killed as by kill -9."""
        await super().release_to_warehouse(request)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("nobody survives that")


class DyingAtTheHold(OrderSteps):
    """Lets a promotion's stock go (T2P), and dies."""

    @activity.defn
    async def release_stock(self, request: ReleaseStock) -> None:
        """Commit, then be killed as by kill -9."""
        await super().release_stock(request)
        os.kill(os.getpid(), signal.SIGKILL)


DEATHS = {"release_to_warehouse": DyingAtTheRelease, "release_stock": DyingAtTheHold}


async def main(death: str, data_dir: str, database_url: str, temporal_address: str) -> None:
    """Run until killed."""
    settings = Settings(data_dir=Path(data_dir), database_url=database_url, temporal_address=temporal_address)
    async with AsyncExitStack() as stack:
        client = await connect(settings)
        pool = await stack.enter_async_context(open_pool(database_url))
        http = await stack.enter_async_context(httpx.AsyncClient())
        hands = worker.build_hands(settings, client, pool, http)
        dying = replace(hands, order_steps=DEATHS[death](pool, vault_of(settings)))
        for one in worker.build_workers(client, settings, dying):
            await stack.enter_async_context(one)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
