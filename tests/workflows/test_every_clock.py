"""Every T at its second, with the worker away across it, and in a later run (accident 3)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
from temporalio.testing import TimeSkipper

from domain.deadlines import DeadlineId
from models import workflow_names as names
from models.commands import Cancel
from runtime.settings import Settings
from store.pool import Pool
from tests.workflows import clock_table, later_run
from tests.workflows.case_desk import CaseDesk
from tests.workflows.clock_table import BUSY, TABLE, Clock
from tests.workflows.shop import SERVICE, Shop, order_no
from tests.workflows.workers import working

SECOND = timedelta(seconds=1)

# T17 and T21 are Schedules, and T18 has no clock: it comes with the end of T9 or of the last case.
NO_TIMERS = {"T17", "T18", "T21"}

# The watch over T13, and the review of rights (T16), are forced into later runs by tests of their own.
LONG_LIVED = [row for row in TABLE if not {"T13", "T16"} & set(row.seen)]


def test_the_table_of_clocks_leaves_none_out() -> None:
    assert sorted(one for row in TABLE for one in row.seen) == sorted(set(DeadlineId) - NO_TIMERS)


async def test_a_second_before_its_instant_nothing_has_happened_and_at_it_what_the_table_says_once(shop: Shop) -> None:
    clocks = await clock_table.begun(CaseDesk(shop))
    await clock_table.each(clocks, lambda clock: passes(shop, clock))


async def passes(shop: Shop, clock: Clock, late: timedelta = timedelta(0)) -> None:
    """Look a second before, and then at the instant itself or a little late."""
    await clock_table.move_to(shop, clock.of.living, clock.due - SECOND)
    await clock_table.nothing_yet(shop, clock)
    await clock_table.move_to(shop, clock.of.living, clock.due + late)
    await clock_table.has_passed(shop, clock, BUSY)


async def test_what_falls_while_no_worker_is_there_passes_when_one_comes_with_its_own_instant_on_record(
    settings: Settings, time_skipper: TimeSkipper, pool: Pool, outside: httpx.AsyncClient
) -> None:
    shop = Shop(time_skipper, pool, outside, settings)
    async with working(shop):
        await shop.stock_up()
        lasts = await clock_table.begun(CaseDesk(shop))
        firsts = await clock_table.begun(CaseDesk(shop), [row for row in TABLE if len(row.seen) > 1])
        before = [clock for clock in lasts if not clock.last]
        await clock_table.each(before, lambda clock: passes(shop, clock))
    fall = [clock for clock in lasts if clock.last] + [clock for clock in firsts if not clock.last]
    moves = [asyncio.create_task(clock_table.move_to(shop, one.of.living, one.due)) for one in fall]
    await clock_table.each(fall, lambda clock: clock_table.falls_on_deaf_ears(shop, clock))
    async with working(shop):
        await asyncio.gather(*moves)
        await clock_table.each(fall, lambda clock: clock_table.has_passed(shop, clock, BUSY))


async def test_a_later_run_knows_every_instant_and_a_second_after_it_all_have_passed(
    impatient_shop: Shop,
) -> None:
    shop = impatient_shop
    clocks = await clock_table.begun(CaseDesk(shop), LONG_LIVED)
    await clock_table.each([one for one in clocks if one.last], lambda clock: later_run.force(clock.of))
    await clock_table.each(clocks, lambda clock: later_run.stands_as_before(shop, clock))
    await clock_table.each(clocks, lambda clock: passes(shop, clock, late=SECOND))


async def test_the_watch_over_a_channel_that_stays_down_lives_on_in_later_runs(impatient_shop: Shop) -> None:
    shop = impatient_shop
    [first] = await clock_table.begun(CaseDesk(shop), TABLE[:1])
    watch, run = first.of.living, (await first.of.living.describe()).run_id
    late = [first.of.order_no]
    for hours in range(1, 6):
        order = await shop.place()
        await shop.forward(order, timedelta(hours=hours))
        await shop.ask(order, names.CANCEL, Cancel(by=SERVICE, reason="another change to hear of"))
        late.append(order_no(order))
    await clock_table.move_to(shop, watch, first.due + timedelta(hours=9))
    told = "SELECT order_no FROM audit_entries WHERE actor = 'T13' ORDER BY id"
    await shop.until(lambda: shop.one(f"{told} OFFSET 5"), bool)
    assert [row["order_no"] for row in await shop.all(told)] == late
    assert (await watch.describe()).run_id != run
