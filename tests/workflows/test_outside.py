"""Outside parties that are away, refuse, or are late: nothing is lost and people are told (R20, T13)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError

from models import workflow_names as names
from models.commands import Cancel, RetryOutside
from models.notices import ChannelFeed
from models.temporal_names import ORDERS
from store import contacts
from tests.workflows.shop import GOOD, OPERATIONS, SERVICE, Handle, Shop, order_no
from workflows.channel_notices import ChannelNotices

SECOND = timedelta(seconds=1)


async def listening(shop: Shop) -> WorkflowHandle[ChannelNotices, None]:
    """The workflow that keeps the channel "web" in step."""
    return await shop.skipper.client.start_workflow(
        ChannelNotices.run, ChannelFeed(channel="web"), id="notices-web", task_queue=ORDERS
    )


async def told(shop: Shop, handle: Handle) -> list[str]:
    """The statuses the channel's front end heard of this order, in order of arrival."""
    answer = await shop.outside.get("/shopfront/notices", params={"order": order_no(handle)})
    notices: list[dict[str, Any]] = answer.json()
    return [one["notice"]["status"] for one in notices]


async def test_each_status_reaches_the_channel_in_order_with_the_tracking_number(shop: Shop) -> None:
    await listening(shop)
    handle = await shop.place()
    await shop.pay(handle)
    await shop.ship(handle)
    await shop.sign(handle)
    undelivered = "SELECT count(*)::int AS left FROM notices WHERE state = 'pending'"
    await shop.until(lambda: shop.one(undelivered), lambda row: row is not None and row["left"] == 0)
    heard = await told(shop, handle)
    assert heard[-1] == "signed"
    position = [ALL.index(status) for status in heard]
    assert position == sorted(position), "an older status never comes after a newer one"
    shown = (await shop.outside.get(f"/shopfront/orders/{order_no(handle)}")).json()
    assert shown["parcels"][0]["tracking_no"]


ALL = ["awaiting_payment", "paid", "approved", "picking", "packed", "shipped", "signed"]


async def test_a_channel_that_is_down_for_t13_is_a_breach_and_is_told_all_the_same(shop: Shop) -> None:
    await shop.outside.post("/control/faults", json={"party": "shopfront", "kind": "down", "count": 1000})
    await listening(shop)
    handle = await shop.place()
    await shop.pay(handle)
    behind = "SELECT attempts FROM notices WHERE attempts >= 1"
    await shop.until(lambda: shop.one(behind), lambda row: row is not None)
    watcher = shop.skipper.client.get_workflow_handle("t13-web")
    await shop.until(lambda: running(watcher), lambda row: row is not None)
    assert await shop.all("SELECT 1 FROM notices WHERE breached_at IS NOT NULL") == []
    await shop.skipper.fast_forward(watcher, timedelta(minutes=15) + SECOND)
    breached = "SELECT 1 FROM notices WHERE breached_at IS NOT NULL"
    await shop.until(lambda: shop.one(breached), lambda row: row is not None)
    told_of = "SELECT 1 FROM alerts WHERE kind = 'T13'"
    await shop.until(lambda: shop.one(told_of), lambda row: row is not None)
    await shop.outside.post("/control/faults", json={"party": "shopfront", "kind": "down", "count": 0})
    async with shop.pool.connection() as conn:
        await conn.execute("UPDATE notices SET next_attempt_at = now() WHERE state = 'pending'")
        await conn.execute("SELECT pg_notify('notices', 'web')")
    await shop.until(lambda: delivered(shop, handle), lambda row: row is not None)
    assert await told(shop, handle)


async def running(watcher: WorkflowHandle[Any, Any]) -> dict[str, Any] | None:
    """Whether the watch over T13 has begun and its timer stands; an earlier test's may have ended under the same id."""
    try:
        found = await watcher.describe()
    except RPCError:
        return None
    return {} if found.status is WorkflowExecutionStatus.RUNNING and found.history_length >= 5 else None


async def delivered(shop: Shop, handle: Handle) -> dict[str, Any] | None:
    """A notice of this order that was delivered."""
    return await shop.one("SELECT 1 FROM notices WHERE order_no = %s AND state = 'delivered'", order_no(handle))


async def test_a_carrier_that_is_down_is_asked_again_and_a_cancellation_does_not_wait_for_it(shop: Shop) -> None:
    await shop.outside.post("/control/faults", json={"party": "kuaidi100", "kind": "down", "count": 50})
    handle = await shop.place()
    await shop.pay(handle)
    await shop.reaches(handle, "picking")
    await shop.packed(handle)
    await shop.reaches(handle, "packed")
    await shop.ask(handle, names.CANCEL, Cancel(by=SERVICE, reason="buyer_changed_mind"))
    assert await handle.result() == "cancelled"
    assert await shop.money(handle) == (19_900, 19_900)
    assert await shop.stock() == (10, 0)


async def test_a_carrier_that_refuses_leaves_the_order_stuck_in_sight_until_someone_tries_again(shop: Shop) -> None:
    handle = await shop.place()
    await shop.pay(handle)
    await shop.reaches(handle, "picking")
    row = await shop.row(handle)
    assert row is not None
    async with shop.pool.connection() as conn:
        await conn.execute("UPDATE contacts SET phone = NULL WHERE contact_id = %s", [row["contact_id"]])
    await shop.packed(handle)
    stuck = "SELECT * FROM alerts WHERE order_no = %s AND department = 'logistics'"
    await shop.until(lambda: shop.one(stuck, order_no(handle)), lambda row: row is not None)
    async with shop.pool.connection() as conn:
        await contacts.correct(conn, shop.vault, row["contact_id"], GOOD)
    await shop.ask(handle, names.RETRY_OUTSIDE, RetryOutside(by=OPERATIONS))
    await shop.until(lambda: shop.parcel(handle), lambda row: bool(row and row["tracking_no"]))
