"""Paths that part on the way: in the warehouse, at the carrier, at the channel; run by ``tests.replay.record``.

Each function asserts how its path ended: a history is worth keeping only if it is what its name says.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio.client import WorkflowHandle

from domain.deadlines import DeadlineId
from models import workflow_names as names
from models.commands import Approve, Cancel, ChangeDeadline, Hold, RetryOutside, RetryStock, Unhold
from models.news import CarrierState, ShortPick
from models.notices import ChannelFeed
from models.order import Policy
from models.payments import LateMoney
from models.temporal_names import ORDERS
from store import contacts
from tests.replay.living import SECOND, SEVERAL, act, in_review, keep, live_on_to_the_archive
from tests.workflows.conftest import impatient_server, impatient_shop, outside, outside_port, settings, shop
from tests.workflows.shop import GOOD, OPERATIONS, PICKER, REVIEWER, SERVICE, Shop, captured, number_of
from workflows.channel_notices import ChannelNotices

# pytest finds fixtures by their names in this module.
__all__ = ["impatient_server", "impatient_shop", "outside", "outside_port", "settings", "shop"]


async def record_cancelled_while_picking(shop: Shop) -> None:
    handle = await shop.place()
    await shop.pay(handle)
    await shop.reaches(handle, "picking")
    await shop.ask(handle, names.CANCEL, Cancel(by=SERVICE, reason="buyer_changed_mind", key="cancel"))
    assert await handle.result() == "cancelled"
    assert await shop.money(handle) == (19_900, 19_900)
    await keep("cancelled_while_picking", handle)


async def record_short_pick_and_stock_found(shop: Shop) -> None:
    handle = await shop.place()
    await shop.pay(handle)
    await shop.reaches(handle, "picking")
    short = ShortPick(task_no="by hand", sku="TEA", missing=1, by=PICKER)
    await handle.signal(names.SHORT_PICK, short)
    await shop.reaches(handle, "shortage")
    await shop.ask(handle, names.RETRY_STOCK, RetryStock(by=OPERATIONS, key="retry"))
    await shop.reaches(handle, "picking")
    await shop.ask(handle, names.CANCEL, Cancel(by=SERVICE, reason="buyer_changed_mind", key="cancel"))
    assert await handle.result() == "cancelled"
    assert "stock_found" in await shop.acts(handle)
    await keep("short_pick_and_stock_found", handle)


async def record_carrier_refused_and_tried_again(shop: Shop) -> None:
    handle = await shop.place()
    await shop.pay(handle)
    await shop.reaches(handle, "picking")
    row = await shop.row(handle)
    assert row is not None
    async with shop.pool.connection() as conn:
        await conn.execute("UPDATE contacts SET phone = NULL WHERE contact_id = %s", [row["contact_id"]])
    await shop.packed(handle)
    await shop.until(lambda: act(shop, handle, "refused_outside"), bool)
    async with shop.pool.connection() as conn:
        await contacts.correct(conn, shop.vault, row["contact_id"], GOOD)
    await shop.ask(handle, names.RETRY_OUTSIDE, RetryOutside(by=OPERATIONS, key="again"))
    await shop.carrier(handle, CarrierState.PICKED_UP)
    await shop.reaches(handle, "shipped")
    await shop.sign(handle)
    await shop.forward_to(handle, "T9", SECOND)
    assert await handle.result() == "archived"
    await keep("carrier_refused_and_tried_again", handle)


async def record_held_and_unheld(shop: Shop) -> None:
    handle = await in_review(shop)
    await shop.ask(handle, names.HOLD, Hold(by=OPERATIONS, reason="power_cut", key="hold"))
    await shop.ask(handle, names.APPROVE, Approve(by=REVIEWER, key="approve"))
    await shop.reaches(handle, "approved")
    await shop.ask(handle, names.UNHOLD, Unhold(by=OPERATIONS, key="unhold"))
    await live_on_to_the_archive(shop, handle)
    await keep("held_and_unheld", handle)


async def record_deadline_extended(shop: Shop) -> None:
    handle = await shop.place()
    longer = ChangeDeadline(
        by=OPERATIONS, deadline=DeadlineId.T1, extend_by=timedelta(hours=12), reason="bank_outage", key="longer"
    )
    await shop.ask(handle, names.CHANGE_DEADLINE, longer)
    await shop.forward(handle, timedelta(hours=30))
    await shop.pay(handle)
    await live_on_to_the_archive(shop, handle)
    await keep("deadline_extended", handle)


async def record_continued_as_new(impatient_shop: Shop) -> None:
    shop = impatient_shop
    handle = await shop.place()
    first = (await handle.describe()).run_id
    for number in range(3):
        await shop.ask(handle, names.HOLD, Hold(by=OPERATIONS, reason="flood", key=f"hold-{number}"))
        await shop.ask(handle, names.UNHOLD, Unhold(by=OPERATIONS, key=f"unhold-{number}"))
    second = (await handle.describe()).run_id
    assert first != second
    await shop.forward_to(handle, "T1", SECOND)
    assert await handle.result() == "cancelled"
    assert (await handle.describe()).run_id == second, "the life has two runs, and both are kept"
    for number, run_id in enumerate((first, second), start=1):
        await keep(f"continued_as_new_{number}", shop.skipper.client.get_workflow_handle(handle.id, run_id=run_id))


async def record_money_after_the_end(shop: Shop) -> None:
    ended = await shop.place(lines=SEVERAL, total=1_100)
    assert await ended.result() == "intercepted"
    number = number_of(ended)
    intent = {"amount": 1_100, "order_no": f"web-{number}", "id": f"pi_{number}late"}
    await shop.outside.post("/control/stripe/payment_intents", json=intent)
    await shop.outside.post(f"/control/stripe/payment_intents/pi_{number}late/pay", json={"times": 0})
    late = LateMoney(order_no=f"web-{number}", news=captured(number, 1_100, reference=f"pi_{number}late"))
    handle = await shop.skipper.client.start_workflow(
        names.LATE_MONEY_WORKFLOW, late, id=f"late-money-web-{number}-1", task_queue=ORDERS, result_type=int
    )
    assert await handle.result() == 1_100
    await keep("money_after_the_end", handle)


async def record_channel_behind_and_recovered(shop: Shop) -> None:
    await shop.outside.post("/control/faults", json={"party": "shopfront", "kind": "down", "count": 50})
    # One second is this shop's T13, so that its timer fires while the channel is being tried again.
    feed = ChannelFeed(channel="web", policy=Policy(durations={DeadlineId.T13: SECOND}))
    client = shop.skipper.client
    channel = await client.start_workflow(ChannelNotices.run, feed, id="notices-web", task_queue=ORDERS)
    await shop.pay(await shop.place())
    await shop.until(lambda: shop.one("SELECT 1 FROM notices WHERE breached_at IS NOT NULL"), bool)
    await shop.outside.post("/control/faults", json={"party": "shopfront", "kind": "down", "count": 0})
    await shop.until(lambda: nudged(shop), bool)
    assert await client.get_workflow_handle("t13-web", result_type=int).result() == 1
    await shop.until(lambda: recovered(channel), bool)
    await keep("channel_behind_and_recovered", channel)
    await keep("channel_late_at_t13", client.get_workflow_handle("t13-web"))


async def nudged(shop: Shop) -> dict[str, Any] | None:
    """A delivered notice; until there is one, the next attempt is made due at once."""
    async with shop.pool.connection() as conn:
        await conn.execute("UPDATE notices SET next_attempt_at = now() WHERE state = 'pending'")
        await conn.execute("SELECT pg_notify('notices', 'web')")
    return await shop.one("SELECT 1 FROM notices WHERE state = 'delivered'")


async def recovered(channel: WorkflowHandle[Any, Any]) -> dict[str, Any] | None:
    """Whether the channel's workflow has heard that all is delivered and listens again."""
    history = await channel.fetch_history()
    done = [event for event in history.events if event.HasField("activity_task_completed_event_attributes")]
    return {"runs": len(done)} if len(done) >= 2 else None
