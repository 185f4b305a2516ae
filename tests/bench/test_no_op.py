"""The no-op is a fair yardstick only while it waits exactly as the issue says an order waits."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from temporalio.client import WorkflowHandle
from temporalio.testing import TimeSkipper
from temporalio.worker import Worker

from bench.noop import QUEUE, NoOpHands, NoOpWorkflow

WANTED = {
    "activity_task_completed": 2,
    "marker_recorded": 3,
    "workflow_execution_signaled": 2,
    "workflow_execution_update_completed": 1,
    "timer_started": 3,
    "timer_canceled": 2,
    "timer_fired": 1,
}


async def test_the_no_op_has_the_waits_that_are_promised_of_it(time_skipper: TimeSkipper, tmp_path: Path) -> None:
    client, told = time_skipper.client, tmp_path / "stages.txt"
    with told.open("a", encoding="utf-8") as stages:
        hands = NoOpHands(stages)
        async with Worker(client, task_queue=QUEUE, workflows=[NoOpWorkflow], activities=[hands.pass_stage]):
            handle = await client.start_workflow(NoOpWorkflow.run, id="no-op-1", task_queue=QUEUE)
            await stage(told, 1)
            await waiting(handle)
            await handle.signal(NoOpWorkflow.begin)
            await stage(told, 3)
            await waiting(handle)
            assert await handle.execute_update(NoOpWorkflow.decide) == "decided"
            await stage(told, 5)
            await handle.signal(NoOpWorkflow.end)
            # Its last timer is one real second; moving the clock would race with it on a busy machine.
            await handle.result()
    kinds = await kinds_of_events(handle)
    assert {kind: kinds[kind] for kind in WANTED} == WANTED


async def stage(told: Path, number: int) -> None:
    """Wait until the workflow says that it has come so far."""
    for _ in range(500):
        if f"no-op-1 {number}\n" in told.read_text(encoding="utf-8"):  # noqa: ASYNC240 - a few bytes.
            return
        await asyncio.sleep(0.02)
    pytest.fail(f"the no-op never came to stage {number}")


async def waiting(handle: WorkflowHandle[NoOpWorkflow, None]) -> None:
    """Wait until its timer stands: a stage is told a moment before the task that started it is done."""
    for _ in range(500):
        if (await handle.fetch_history()).events[-1].HasField("timer_started_event_attributes"):
            return
        await asyncio.sleep(0.02)
    pytest.fail("the no-op never came to wait")


async def kinds_of_events(handle: WorkflowHandle[NoOpWorkflow, None]) -> Counter[str]:
    """How often each kind of event stands in the history."""
    history = await handle.fetch_history()
    kinds = (event.WhichOneof("attributes") or "" for event in history.events)
    return Counter(kind.removesuffix("_event_attributes") for kind in kinds)
