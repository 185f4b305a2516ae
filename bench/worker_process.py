"""``python -m bench.worker_process STAGES``: the product's worker, and the no-op workflow on its own queue.

The workers are built as ``orderflow worker`` builds them. STAGES is the file in which the
no-op's activities say where their workflows stand; a first line says that the workers run.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TextIO

import httpx
from temporalio.client import Client
from temporalio.worker import Worker

import worker
from bench.noop import QUEUE, NoOpHands, NoOpWorkflow, UnpaidNoOpWorkflow
from runtime import garbage, log
from runtime.settings import Settings, load_settings
from runtime.temporal import connect
from store.pool import open_pool


async def main(settings: Settings, stages: TextIO) -> None:
    """Run until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with AsyncExitStack() as stack:
        client = await connect(settings)
        pool = await stack.enter_async_context(open_pool(settings.database_url, min_size=2, max_size=20))
        http = await stack.enter_async_context(httpx.AsyncClient())
        hands = worker.build_hands(settings, client, pool, http)
        for one in (*worker.build_workers(client, settings, hands), no_op_worker(client, settings, stages)):
            await stack.enter_async_context(one)
        await worker.ensure_standing_workflows(client, settings)
        stages.write("ready\n")
        stages.flush()
        await stop.wait()


def no_op_worker(client: Client, settings: Settings, stages: TextIO) -> Worker:
    """The no-op's worker, with the settings of the orders' worker."""
    return Worker(
        client,
        task_queue=QUEUE,
        workflows=[NoOpWorkflow, UnpaidNoOpWorkflow],
        activities=[NoOpHands(stages).pass_stage],
        workflow_runner=worker.runner(settings),
        max_cached_workflows=settings.max_cached_workflows,
        max_concurrent_workflow_tasks=settings.workflow_tasks_at_once,
    )


if __name__ == "__main__":
    garbage.look_seldom()
    found = load_settings()
    log.configure(found)
    with Path(sys.argv[1]).open("a", encoding="utf-8") as file:
        asyncio.run(main(found, file))
    # The SDK's threads can abort a short-lived interpreter on its way out.
    os._exit(0)
