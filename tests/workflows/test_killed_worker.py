"""A worker killed with -9 between its commit and Temporal's: what it did counts once, and nothing jams (idea 7)."""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack
from datetime import timedelta

import httpx
from temporalio.testing import TimeSkipper
from temporalio.worker import Worker

import worker
from models import workflow_names as names
from models.commands import Cancel, Hold, Unhold
from models.order import workflow_id
from models.temporal_names import ORDERS
from runtime.settings import Settings
from store.pool import Pool
from tests.workflows.shop import OPERATIONS, SERVICE, Handle, Shop, captured, number_of
from workflows.order import OrderWorkflow


async def placed(shop: Shop, *, promotion: bool = False) -> Handle:
    """An order whose worker's death is noticed after a second; its buyer has paid, and nobody has said so yet."""
    order = await shop.order(promotion=promotion)
    intent = {"amount": order.total, "order_no": order.order_no, "id": order.payment_reference}
    await shop.outside.post("/control/stripe/payment_intents", json=intent)
    await shop.outside.post(f"/control/stripe/payment_intents/{order.payment_reference}/pay", json={"times": 0})
    return await shop.skipper.client.start_workflow(
        OrderWorkflow.run,
        order,
        id=workflow_id(order.order_no),
        task_queue=ORDERS,
        task_timeout=timedelta(seconds=1),
    )


async def dying_at(shop: Shop, death: str) -> asyncio.subprocess.Process:
    """A worker that will be killed right after it has committed this."""
    where = shop.settings
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.workflows.dying_worker", death),
        *(str(where.data_dir), where.database_url, where.temporal_address),
    )


async def killed_in_the_middle(shop: Shop) -> Handle:
    """An order whose worker was killed just after it had made the pick tasks."""
    handle = await placed(shop)
    dying = await dying_at(shop, "release_to_warehouse")
    await shop.until(lambda: shop.row(handle), lambda row: row is not None)
    await handle.signal(names.PAYMENT, captured(number_of(handle), 19_900))
    assert await dying.wait() == -9
    assert "released_to_warehouse" in await shop.acts(handle)
    return handle


async def test_goods_let_go_in_a_life_that_did_not_come_to_pass_are_set_aside_again(
    settings: Settings, time_skipper: TimeSkipper, pool: Pool, outside: httpx.AsyncClient
) -> None:
    shop = Shop(time_skipper, pool, outside, settings)
    await shop.stock_up()
    handle = await placed(shop, promotion=True)
    dying = await dying_at(shop, "release_stock")
    await shop.until(lambda: shop.row(handle), lambda row: row is not None)
    moving = asyncio.create_task(shop.forward_to(handle, "T2P", timedelta(seconds=1)))
    assert await dying.wait() == -9
    assert await shop.stock() == (10, 0)
    # The payment now lies before the deadline in the mail, so T2P never passes in this life.
    await handle.signal(names.PAYMENT, captured(number_of(handle), 19_900))
    async with AsyncExitStack() as stack:
        for one in workers(shop):
            await stack.enter_async_context(one)
        await shop.reaches(handle, "picking")
        await moving
        assert await shop.stock() == (10, 1)
        await shop.ship(handle)
    assert await shop.stock() == (9, 0)


async def test_goods_that_another_took_after_the_death_leave_the_order_short_and_not_failed(
    settings: Settings, time_skipper: TimeSkipper, pool: Pool, outside: httpx.AsyncClient
) -> None:
    shop = Shop(time_skipper, pool, outside, settings)
    await shop.stock_up(quantity=1)
    handle = await placed(shop, promotion=True)
    dying = await dying_at(shop, "release_stock")
    await shop.until(lambda: shop.row(handle), lambda row: row is not None)
    moving = asyncio.create_task(shop.forward_to(handle, "T2P", timedelta(seconds=1)))
    assert await dying.wait() == -9
    await shop.all("UPDATE stock_items SET on_hand = 0 RETURNING sku")
    await handle.signal(names.PAYMENT, captured(number_of(handle), 19_900))
    async with AsyncExitStack() as stack:
        for one in workers(shop):
            await stack.enter_async_context(one)
        await shop.reaches(handle, "shortage")
        await moving
        assert await shop.stock() == (0, 0)


async def test_a_cancellation_that_comes_after_the_death_is_carried_out_and_undoes_all(
    settings: Settings, time_skipper: TimeSkipper, pool: Pool, outside: httpx.AsyncClient
) -> None:
    shop = Shop(time_skipper, pool, outside, settings)
    await shop.stock_up()
    handle = await killed_in_the_middle(shop)
    await handle.signal(names.CANCEL, Cancel(by=SERVICE, reason="buyer_changed_mind"))
    async with AsyncExitStack() as stack:
        for one in workers(shop):
            await stack.enter_async_context(one)
        assert await handle.result() == "cancelled"
    row = await shop.row(handle)
    assert row is not None
    assert row["status"] == "cancelled"
    assert await shop.stock() == (10, 0)
    assert await shop.money(handle) == (19_900, 19_900)
    tasks = await shop.all("SELECT state FROM pick_tasks")
    assert {task["state"] for task in tasks} == {"cancelled"}


async def test_the_steps_the_dead_worker_took_are_not_taken_again(
    settings: Settings, time_skipper: TimeSkipper, pool: Pool, outside: httpx.AsyncClient
) -> None:
    shop = Shop(time_skipper, pool, outside, settings)
    await shop.stock_up()
    handle = await killed_in_the_middle(shop)
    await handle.signal(names.PAYMENT, captured(number_of(handle), 19_900))
    async with AsyncExitStack() as stack:
        for one in workers(shop):
            await stack.enter_async_context(one)
        await shop.ask(handle, names.HOLD, Hold(by=OPERATIONS, reason="look"))
        await shop.ask(handle, names.UNHOLD, Unhold(by=OPERATIONS))
        await shop.ship(handle)
    acts = await shop.acts(handle)
    assert acts.count("released_to_warehouse") == 1
    assert acts.count("auto_reviewed") == 1
    assert await shop.money(handle) == (19_900, 0)
    assert await shop.stock() == (9, 0)
    assert len(await shop.all("SELECT 1 FROM pick_tasks")) == 1


def workers(shop: Shop) -> list[Worker]:
    """The next workers, in good health."""
    hands = worker.build_hands(shop.settings, shop.skipper.client, shop.pool, shop.outside)
    return worker.build_workers(shop.skipper.client, shop.settings, hands)
