"""The sweep over living orders: rows beside their workflows, nightly and by hand (accident 9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import worker
from domain.sweep import GRACE
from models import workflow_names as names
from models.base import Actor
from models.commands import Cancel
from models.inbox import Envelope
from models.sweep import SweepSummary
from models.temporal_names import ORDERS
from runtime.settings import Settings
from store import inbox, receiving, sweep, sweep_repairs, sweep_workflows
from store.sweep_repairs import Bench, Order
from tests.workflows.shop import ADDRESS, GOOD, OPERATIONS, Shop, order_no
from workflows.schedules import SCHEDULES

DOUBTFUL = replace(GOOD, address=replace(ADDRESS, postcode="99"))


async def swept(shop: Shop, *, ago: timedelta = GRACE) -> dict[str, str]:
    """Compare all orders with their workflows as of ``ago`` from now; kind → order number of what is open."""
    at = datetime.now(UTC) + ago
    await sweep_workflows.compare_all(shop.skipper.client, shop.pool, at, at - GRACE)
    async with shop.pool.connection() as conn:
        await sweep.conclude(conn, at)
        return {row["kind"]: row["order_no"] for row in await sweep.open_differences(conn)}


async def test_orders_that_live_and_orders_that_ended_agree_with_their_workflows(shop: Shop) -> None:
    waiting = await shop.place(person=DOUBTFUL)
    await shop.pay(waiting)
    await shop.reaches(waiting, "manual_review")
    ended = await shop.place()
    await shop.ask(ended, names.CANCEL, Cancel(by=OPERATIONS, reason="buyer_asked"))
    await ended.result()
    archived = await shop.place()
    await shop.pay(archived)
    await shop.ship(archived)
    await shop.sign(archived)
    await shop.forward(archived, timedelta(days=8))
    await archived.result()
    assert await swept(shop, ago=timedelta(hours=1)) == {}


async def test_a_workflow_ended_by_hand_is_named_at_once(shop: Shop) -> None:
    handle = await shop.place()
    await handle.terminate("somebody pressed the wrong button")
    assert await swept(shop) == {"workflow_ended_early": order_no(handle)}
    rows = await shop.all("SELECT evidence FROM sweep_differences")
    assert rows == [{"evidence": "the order is awaiting_payment; its workflow is terminated"}]


async def test_a_row_whose_workflow_never_was_is_named(shop: Shop) -> None:
    await shop.place()
    async with shop.pool.connection() as conn:
        await conn.execute(
            'INSERT INTO orders SELECT (jsonb_populate_record(o, \'{"order_no": "web-ghost",'
            ' "channel_order_id": "ghost"}\')).* FROM orders o'
        )
    assert await swept(shop) == {"workflow_missing": "web-ghost"}


async def test_a_row_written_past_the_order_is_named_once_it_has_settled(shop: Shop) -> None:
    handle = await shop.place()
    async with shop.pool.connection() as conn:
        await conn.execute("UPDATE orders SET status = 'archived' WHERE order_no = %s", (order_no(handle),))
    assert await swept(shop, ago=timedelta(0)) == {}, "it moved a moment ago"
    assert await swept(shop, ago=GRACE * 2) == {"status_differs": order_no(handle)}
    async with shop.pool.connection() as conn:
        await conn.execute("UPDATE orders SET status = 'awaiting_payment' WHERE order_no = %s", (order_no(handle),))
    assert await swept(shop, ago=GRACE * 3) == {}, "gone is closed by the next sweep"


async def test_pages_are_as_good_as_one_look(shop: Shop) -> None:
    handles = [await shop.place() for _ in range(3)]
    await handles[1].terminate("by hand")
    at, after, pages = datetime.now(UTC), "", 0
    while True:
        page = await sweep_workflows.compare(shop.skipper.client, shop.pool, at, at - GRACE, after=after, limit=1)
        pages += page.compared
        if page.next_after is None:
            break
        after = page.next_after
    assert pages == 3
    rows = await shop.all("SELECT order_no FROM sweep_differences")
    assert rows == [{"order_no": order_no(handles[1])}]


async def test_the_nightly_workflow_sweeps_books_and_workflows_with_one_time(shop: Shop) -> None:
    handle = await shop.place()
    await handle.terminate("by hand")
    async with shop.pool.connection() as conn:
        await conn.execute("UPDATE stock_items SET reserved = reserved + 1 WHERE sku = 'TEA'")
    summary = await shop.skipper.client.execute_workflow(
        names.SWEEP_WORKFLOW, id="sweep-now", task_queue=ORDERS, result_type=SweepSummary
    )
    assert summary.compared == 1
    expected = {"ledger_drift": 1, "reserved_drift": 1, "workflow_ended_early": 1}
    assert (summary.opened, summary.open) == (3, expected)
    assert await shop.all("SELECT DISTINCT department FROM alerts WHERE kind = 'sweep'") == [
        {"department": "operations"}
    ]


async def test_the_sweep_stands_at_half_past_three_shop_time(shop: Shop, settings: Settings) -> None:
    await worker.ensure_schedules(shop.skipper.client, settings)
    found = await shop.skipper.client.get_schedule_handle("sweep").describe()
    assert "sweep" in [standing.id for standing in SCHEDULES]
    (calendar,) = found.schedule.spec.calendars
    assert (calendar.hour[0].start, calendar.minute[0].start) == (3, 30)
    assert found.schedule.spec.time_zone_name == "Asia/Shanghai"


async def test_a_message_whose_order_was_lost_starts_it_when_forwarded_again(shop: Shop) -> None:
    order = await shop.order()
    at = datetime.now(UTC)
    async with shop.pool.connection() as conn:
        envelope = Envelope(order_no=order.order_no, start=order)
        message = await receiving.receive(conn, shop.vault, inbox.Incoming("web", "orders", "d-1", envelope, at))
        await inbox.forwarded(conn, message.message_id, at, order.order_no)
    later = at + timedelta(hours=2)
    await sweep.check_books(shop.pool, later, later)
    (row,) = await shop.all("SELECT * FROM sweep_differences WHERE kind = 'message_without_order'")
    bench = Bench(shop.pool, shop.skipper.client, shop.vault)
    await sweep_repairs.repair(bench, Order(row["id"], Actor(id="op-1", role="operations"), "lost", later))
    await shop.reaches(shop.handle(order), "awaiting_payment")
    await sweep.check_books(shop.pool, later + timedelta(hours=1), later)
    assert await shop.all("SELECT 1 FROM sweep_differences WHERE resolved_at IS NULL AND order_no IS NOT NULL") == []


async def test_the_ear_for_silence_runs_as_a_workflow_and_tells_operations(shop: Shop) -> None:
    now = datetime.now(UTC)
    async with shop.pool.connection() as conn:
        await conn.execute(
            "INSERT INTO inbox_hours SELECT 'shopify', date_trunc('hour', h), 30, h"
            " FROM generate_series(%s - interval '4 weeks', %s - interval '3 hours', interval '1 hour') h",
            (now, now),
        )
    silent = await shop.skipper.client.execute_workflow(
        names.LISTEN_WORKFLOW, id="listen-now", task_queue=ORDERS, result_type=list[str]
    )
    assert silent == ["shopify"]
    assert await shop.all("SELECT department, kind FROM alerts") == [
        {"department": "operations", "kind": "silent_sender"}
    ]
