"""T16, T17 and T21 as Schedules: nine of the shop in summer and winter, and caught up once (accident 3)."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.workflowservice.v1 import ListScheduleMatchingTimesRequest
from temporalio.client import Client, Schedule, ScheduleIntervalSpec, ScheduleSpec, WorkflowExecution

from models.temporal_names import SCHEDULED_FOR
from tests.fixtures.temporal import connect, start_server
from workflows.schedules import SCHEDULES, Standing

BY_ID = {standing.id: standing for standing in SCHEDULES}
T16, T17, T21 = BY_ID["review-rights"], BY_ID["daily-digest"], BY_ID["erase-expired"]
STANDING = (T16, T17, T21)
AT = {T16.id: time(9), T17.id: time(9), T21.id: time(4, 15)}
# Berlin's clocks go forward on 31 March 2030 and back on 27 October, New York's on 10 March and 3 November.
YEAR = 2030


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York"])
async def test_a_schedule_keeps_the_hour_of_the_shop_when_the_clocks_change(temporal_address: str, zone: str) -> None:
    client = await connect(temporal_address)
    for standing, how_many in ((T16, 12), (T17, 365), (T21, 365)):
        instants = await would_run(client, standing, zone)
        shop = [instant.astimezone(ZoneInfo(zone)) for instant in instants]
        assert {one.timetz().replace(tzinfo=None) for one in shop} == {AT[standing.id]}
        assert len({one.date() for one in shop}) == len(shop) == how_many
        assert standing is not T16 or {one.day for one in shop} == {1}, "the first of the month"
        gaps = [later - earlier for earlier, later in itertools.pairwise(instants)]
        assert min(gaps) >= standing.catch_up, "two missed runs are never caught up for one"


async def would_run(client: Client, standing: Standing, zone: str) -> Sequence[datetime]:
    """When Temporal itself would start it in the course of that year, in a shop of that zone."""
    schedule = standing.schedule(zone)
    schedule.state.paused = True
    handle = await client.create_schedule(f"{standing.id}-{zone}", schedule)
    since, until = Timestamp(), Timestamp()
    since.FromDatetime(datetime(YEAR, 1, 1, tzinfo=ZoneInfo(zone)))
    until.FromDatetime(datetime(YEAR + 1, 1, 1, tzinfo=ZoneInfo(zone)))
    asked = ListScheduleMatchingTimesRequest(
        namespace=client.namespace, schedule_id=handle.id, start_time=since, end_time=until
    )
    answer = await client.workflow_service.list_schedule_matching_times(asked)
    await handle.delete()
    return [instant.ToDatetime(UTC) for instant in answer.start_time]


async def test_what_was_missed_while_the_system_was_down_is_caught_up_once(tmp_path: Path) -> None:
    house, missed = await down_across(tmp_path)
    for _ in range(2):
        async with a_server(house) as client:
            found = await caught_up(client, len(STANDING))
            assert sorted(one.workflow_type for one in found) == sorted(one.workflow for one in STANDING)
            assert {one.typed_search_attributes[SCHEDULED_FOR] for one in found} == {missed}
            assert [await taken(client, standing) for standing in STANDING] == [1, 1, 1]


async def down_across(where: Path) -> tuple[Path, datetime]:
    """A system that knew its Schedules and is down when they fall; a slow machine needs longer to go down."""
    for seconds in (4, 15, 45):
        house = where / f"{seconds}.db"
        missed = await laid_down(house, timedelta(seconds=seconds))
        if datetime.now(UTC) < missed:
            while datetime.now(UTC) < missed:  # noqa: ASYNC110 What passes is the server's own time.
                await asyncio.sleep(0.05)
            return house, missed
    raise AssertionError("the system was never down before they fell")


async def laid_down(house: Path, ahead: timedelta) -> datetime:
    """A system that goes down as soon as it knows its Schedules. Returns when they fall."""
    async with a_server(house) as client:
        missed = datetime.now(UTC).replace(microsecond=0) + ahead
        for standing in STANDING:
            await client.create_schedule(standing.id, at(standing, missed))
        # A Schedule counts what it misses from its first look at the clock: only then does it answer.
        assert [await taken(client, standing) for standing in STANDING] == [0, 0, 0]
    return missed


def at(standing: Standing, instant: datetime) -> Schedule:
    """The Schedule as it stands in the product, but its next instant is this one."""
    schedule = standing.schedule("UTC")
    offset = timedelta(seconds=int(instant.timestamp()) % 86_400)
    schedule.spec = ScheduleSpec(intervals=[ScheduleIntervalSpec(every=timedelta(days=1), offset=offset)])
    return schedule


@asynccontextmanager
async def a_server(database: Path) -> AsyncIterator[Client]:
    """A server that remembers what the one before it knew."""
    with start_server(database=database) as address:
        yield await connect(address)


async def runs(client: Client) -> list[WorkflowExecution]:
    """Every workflow there is but the Schedules' own."""
    found = [one async for one in client.list_workflows()]
    return [one for one in found if not one.workflow_type.startswith("temporal-sys")]


async def caught_up(client: Client, number: int) -> list[WorkflowExecution]:
    """All of them, once so many are there."""
    found: list[WorkflowExecution] = []
    for _ in range(500):
        if len(found := await runs(client)) >= number:
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(f"never caught up: {found}")


async def taken(client: Client, standing: Standing) -> int:
    """How many actions the Schedule has taken in its life."""
    return (await client.get_schedule_handle(standing.id).describe()).info.num_actions
