"""The time machine against the real development server, on a tiny order that only waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio import activity, workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError
from temporalio.worker import Worker

from dev.time_machine import NotInProduction, TimeMachine
from runtime.settings import Settings, load_settings
from tests.fixtures.temporal import connect

ORDER, CASE, QUEUE = "order-site-1", "case-site-1-C1", "waiting"
HOUR = timedelta(hours=1)


@activity.defn
async def ask_a_slow_party() -> None:
    """Takes a moment of real time, as outside parties do."""
    await asyncio.sleep(0.3)


@workflow.defn(sandboxed=False)
class WaitingOrder:
    """Two deadlines, one after the other, with a call to a slow party between them."""

    def __init__(self) -> None:
        self.passed: list[datetime] = []

    @workflow.run
    async def run(self) -> list[datetime]:
        """The workflow's own time as each deadline passed."""
        for due in (HOUR, 23 * HOUR):
            await workflow.sleep(due)
            self.passed.append(workflow.now())
            await workflow.execute_activity(ask_a_slow_party, start_to_close_timeout=timedelta(seconds=10))
        return self.passed

    @workflow.query
    def deadlines_passed(self) -> int:
        """How many so far."""
        return len(self.passed)


Order = WorkflowHandle[WaitingOrder, list[datetime]]


@workflow.defn(sandboxed=False)
class TroubledOrder:
    """Its deadline passes, and it begins another workflow that has a clock of its own: a case."""

    @workflow.run
    async def run(self) -> None:
        """Until the case is over."""
        await workflow.sleep(HOUR)
        await workflow.execute_child_workflow(WaitingOrder.run, id=CASE)


@pytest.fixture
async def client(temporal_address: str) -> Client:
    return await connect(temporal_address)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data_dir=tmp_path)


@pytest.fixture
def machine(client: Client, settings: Settings) -> TimeMachine:
    return TimeMachine(client, settings)


@pytest.fixture
async def order(client: Client) -> AsyncIterator[Order]:
    async with Worker(client, task_queue=QUEUE, workflows=[WaitingOrder], activities=[ask_a_slow_party]):
        handle = await client.start_workflow(WaitingOrder.run, id=ORDER, task_queue=QUEUE)
        yield handle
        if (await handle.describe()).close_time is None:
            await handle.terminate()


async def test_time_stands_still_until_it_is_moved(machine: TimeMachine, order: Order) -> None:
    assert abs(await machine.now(ORDER) - datetime.now(UTC)) < timedelta(seconds=5)
    assert await order.query(WaitingOrder.deadlines_passed) == 0


async def test_a_deadline_passes_when_its_due_instant_does_and_not_before(machine: TimeMachine, order: Order) -> None:
    due = await machine.now(ORDER) + HOUR

    assert await machine.forward(ORDER, HOUR - timedelta(minutes=1))
    early = await order.query(WaitingOrder.deadlines_passed)
    assert await machine.forward_past(ORDER, due)
    await machine.forward(ORDER, timedelta(seconds=1))

    assert (early, await order.query(WaitingOrder.deadlines_passed)) == (0, 1)


async def test_deadlines_on_the_way_pass_at_their_own_instants_not_all_at_the_end(
    machine: TimeMachine, order: Order
) -> None:
    start = await machine.now(ORDER)

    await machine.forward(ORDER, 25 * HOUR)

    first, second = await order.result()
    assert abs(first - start - HOUR) < timedelta(seconds=10)
    assert abs(second - start - 24 * HOUR) < timedelta(seconds=10)


async def test_a_case_that_begins_as_its_order_is_moved_shares_that_time_and_keeps_its_clock(
    client: Client, machine: TimeMachine
) -> None:
    known = [WaitingOrder, TroubledOrder]
    async with Worker(client, task_queue=QUEUE, workflows=known, activities=[ask_a_slow_party]):
        order = await client.start_workflow(TroubledOrder.run, id=ORDER, task_queue=QUEUE)
        start = await machine.now(ORDER)

        await machine.forward_past(ORDER, start + HOUR)
        case: Order = client.get_workflow_handle(CASE)

        # What runs on its own runs within a moment: a second after the order is moved it would be over.
        await machine.forward(CASE, timedelta(seconds=30))
        assert await machine.now(CASE) - start < 1.5 * HOUR
        assert await case.query(WaitingOrder.deadlines_passed) == 0
        await order.terminate()


async def test_how_far_a_clock_is_ahead_is_known_of_those_that_were_moved(
    client: Client, settings: Settings, order: Order
) -> None:
    machine = TimeMachine(client, settings)
    assert await machine.ahead([ORDER, "order-site-nobody"]) == {}
    await machine.forward(ORDER, HOUR / 2)
    ahead = await machine.ahead([ORDER, "order-site-nobody"])
    assert list(ahead) == [ORDER]
    assert abs(ahead[ORDER] - HOUR / 2) < timedelta(seconds=30)


async def test_an_instant_that_is_past_needs_no_moving(machine: TimeMachine, order: Order) -> None:
    before = await machine.now(ORDER)

    assert await machine.forward_past(ORDER, before - HOUR)

    assert await machine.now(ORDER) - before < timedelta(seconds=5)


async def test_an_order_that_ends_on_the_way_is_told_of(machine: TimeMachine, order: Order) -> None:
    assert await machine.forward(ORDER, 48 * HOUR) is False
    assert await machine.forward(ORDER, HOUR) is False


async def test_two_machines_on_one_order_both_reach_their_instants(
    client: Client, settings: Settings, order: Order
) -> None:
    one, other = TimeMachine(client, settings), TimeMachine(client, settings)
    start = await one.now(ORDER)

    await asyncio.gather(one.forward_past(ORDER, start + 2 * HOUR), other.forward_past(ORDER, start + 3 * HOUR))

    assert await one.now(ORDER) >= start + 3 * HOUR


async def test_an_unknown_order_has_no_clock(machine: TimeMachine) -> None:
    with pytest.raises(RPCError, match="not found"):
        await machine.forward("order-site-nobody", HOUR)


async def test_an_instant_without_a_zone_is_refused(machine: TimeMachine, order: Order) -> None:
    with pytest.raises(ValueError, match="zone"):
        await machine.forward_past(ORDER, datetime(2030, 1, 1))  # noqa: DTZ001


async def test_there_is_no_time_machine_in_production(client: Client, settings: Settings) -> None:
    with pytest.raises(NotInProduction):
        TimeMachine(client, settings.model_copy(update={"environment": "production"}))
