"""What never came is found by asking (accident 7): real store, simulated platforms over their own formats."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from temporalio.client import Client
from temporalio.testing import ActivityEnvironment

from activities.pulling import Pulling
from gateways import roads
from gateways.errors import GatewayError
from models.pulling import PullChannel, Pulled
from models.temporal_names import ORDERS
from runtime.policy import policy_in_force
from tests.api.caller import Caller
from tests.api.channels.payloads import BEYOND_DOUBLES, taobao_trade, woo_order, youzan_order
from tests.api.test_shopify import shopify_order
from workflows.pulling import PullChannels

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
CHANNELS = ("shopify", "woocommerce", "taobao", "youzan")
_PAID = "SELECT captured = total FROM payments JOIN orders USING (order_no) WHERE order_no = %s"
UTC_TEXT, BEIJING_TEXT = "2026-03-01T10:31:10", "2026-03-01 18:31:10"


def an_order(channel: str) -> tuple[str, dict[str, Any]]:
    """An order as the platform keeps it, and our number of it."""
    number = int(uuid4().int % 10**12)
    if channel == "shopify":
        changed = f"{UTC_TEXT}+00:00"
        return f"shopify-{number}", shopify_order(id=number, updated_at=changed, financial_status="paid")
    if channel == "woocommerce":
        return f"woocommerce-{number}", woo_order(id=number, date_modified_gmt=UTC_TEXT)
    if channel == "taobao":
        return f"taobao-{BEYOND_DOUBLES + number}", taobao_trade(tid=BEYOND_DOUBLES + number, modified=BEIJING_TEXT)
    return f"youzan-E{number}", youzan_order(info={"tid": f"E{number}", "update_time": BEIJING_TEXT})


async def keep(outside: httpx.AsyncClient, channel: str, order: dict[str, Any]) -> None:
    """The platform has the order, and its webhook is lost."""
    path = {"shopify": "/control/shopify/orders?times=0", "woocommerce": "/control/woocommerce/orders"}
    (await outside.post(path.get(channel, f"/control/{channel}/trades"), json=order)).raise_for_status()


@pytest.fixture
async def pulling(api: Caller, outside: httpx.AsyncClient) -> Pulling:
    """The activity as the worker builds it, while Temporal is away."""
    house = api.app.state.house
    orders = roads.channel_orders(api.settings, outside)
    return Pulling(house.client, api.pool, house.vault, orders, policy_in_force(api.settings))


async def pull(pulling: Pulling, channel: str, at: datetime = AT) -> Pulled:
    return await ActivityEnvironment().run(pulling.pull_channel, PullChannel(channel=channel, at=at))


async def ends_paid(shop: Caller, order_no: str, seconds: float = 15) -> bool:
    """Whether the ledger comes to hold the order's whole total."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if await shop.value(_PAID, order_no):
            return True
        await asyncio.sleep(0.05)
    return False


@pytest.mark.parametrize("channel", CHANNELS)
async def test_an_order_whose_webhook_was_lost_is_found_once(
    api: Caller, outside: httpx.AsyncClient, pulling: Pulling, channel: str
) -> None:
    order_no, order = an_order(channel)
    await keep(outside, channel, order)
    assert (await pull(pulling, channel)).found == 1
    assert await api.value("SELECT order_no FROM inbox WHERE state = 'received'") == order_no
    after = await api.rows()
    assert (await pull(pulling, channel)).found == 0
    assert await api.rows() == after


async def test_a_twentieth_of_the_webhooks_is_lost_and_the_pull_heals_all(
    api: Caller, outside: httpx.AsyncClient, pulling: Pulling
) -> None:
    numbers = set()
    for place in range(40):
        order_no, order = an_order("shopify")
        numbers.add(order_no)
        await keep(outside, "shopify", order)
        if place % 20 != 7:
            assert (await api.shopify("orders/create", order)).status_code == 200
    assert await pull(pulling, "shopify") == Pulled(channel="shopify", listed=40, found=2)
    async with api.pool.connection() as conn:
        cursor = await conn.execute("SELECT order_no FROM inbox")
        assert sorted([row["order_no"] async for row in cursor]) == sorted(numbers)


async def test_what_came_older_is_brought_up_to_date_and_what_is_older_changes_nothing(
    api: Caller, outside: httpx.AsyncClient, pulling: Pulling
) -> None:
    _, order = an_order("shopify")
    unpaid = order | {"financial_status": "pending", "updated_at": "2026-03-01T10:00:00+00:00"}
    await api.shopify("orders/create", unpaid)
    await keep(outside, "shopify", order)
    assert (await pull(pulling, "shopify")).found == 1
    await keep(outside, "shopify", unpaid)
    assert (await pull(pulling, "shopify", AT + timedelta(minutes=5))).found == 0


async def test_a_channel_that_does_not_answer_is_asked_again_from_the_same_mark_and_told_of_after_an_hour(
    api: Caller, outside: httpx.AsyncClient, pulling: Pulling
) -> None:
    await pull(pulling, "youzan")
    await outside.post("/control/faults", json={"party": "youzan", "kind": "error_once", "count": 2})
    for minutes, alerts in ((30, 0), (120, 1)):
        with pytest.raises(GatewayError):
            await pull(pulling, "youzan", AT + timedelta(minutes=minutes))
        assert await api.value("SELECT count(*) FROM alerts WHERE kind = 'channel_not_answering'") == alerts
    order_no, order = an_order("youzan")
    order["full_order_info"]["order_info"]["update_time"] = "2026-03-01 20:10:00"
    await keep(outside, "youzan", order)
    assert (await pull(pulling, "youzan", AT + timedelta(hours=3))).found == 1
    assert await api.value("SELECT order_no FROM inbox") == order_no


async def test_what_cannot_be_an_order_is_kept_as_refused_and_stops_nothing(
    api: Caller, outside: httpx.AsyncClient, pulling: Pulling
) -> None:
    await keep(outside, "woocommerce", an_order("woocommerce")[1] | {"line_items": [{"quantity": 1.5, "sku": ""}]})
    await keep(outside, "woocommerce", an_order("woocommerce")[1])
    assert await pull(pulling, "woocommerce") == Pulled(channel="woocommerce", listed=2, found=1, refused=1)
    states = await api.value("SELECT string_agg(state, ' ' ORDER BY state) FROM inbox")
    assert states == "received refused"


async def test_the_round_starts_real_orders_of_every_channel(
    shop: Caller, temporal: Client, outside: httpx.AsyncClient
) -> None:
    numbers = []
    now = datetime.now(UTC) - timedelta(minutes=30)
    for channel in CHANNELS:
        order_no, order = an_order(channel)
        numbers.append(order_no)
        text = json.dumps(order).replace(UTC_TEXT, now.strftime("%Y-%m-%dT%H:%M:%S"))
        beijing = (now + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S")
        await keep(outside, channel, json.loads(text.replace(BEIJING_TEXT, beijing)))
    report = await temporal.execute_workflow(PullChannels.run, id=f"pull-{uuid4()}", task_queue=ORDERS)
    assert [(one.channel, one.found) for one in report.pulled] == [(channel, 1) for channel in sorted(CHANNELS)]
    for order_no in numbers:
        assert await ends_paid(shop, order_no)
