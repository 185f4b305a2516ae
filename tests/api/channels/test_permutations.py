"""Created, paid, updated, cancelled: in every order of arrival the same end, for every channel (accident 8)."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from api.adapters import Delivery
from store import inbox
from tests.api.caller import Caller
from tests.api.channels.payloads import taobao, taobao_trade, woo, woo_order, youzan, youzan_order
from tests.api.channels.test_through_the_door import own_secrets, send
from tests.api.test_shopify import shopify_order

__all__ = ["own_secrets"]

CHANNELS = ("shopify", "woocommerce", "taobao", "youzan")
STEPS = ("create", "paid", "updated", "cancelled")
MINUTE = {step: f"{place:02}" for place, step in enumerate(STEPS, start=31)}


def shopify(number: int, step: str) -> Any:
    changed = f"2030-01-02T10:{MINUTE[step]}:00-05:00"
    status = {"create": "pending", "cancelled": "refunded"}.get(step, "paid")
    refunds = [{"id": 1, "transactions": [{"kind": "refund", "status": "success", "amount": "25.50"}]}]
    more = {"cancelled_at": changed, "cancel_reason": "customer", "refunds": refunds} if step == "cancelled" else {}
    note = "updated" if step == "updated" else "ring"
    return shopify_order(id=number, updated_at=changed, financial_status=status, note=note, **more)


def woocommerce(number: int, step: str) -> Delivery:
    status = {"create": "pending", "cancelled": "refunded"}.get(step, "processing")
    order = woo_order(
        id=number,
        status=status,
        date_modified_gmt=f"2026-03-01T09:{MINUTE[step]}:00",
        date_paid_gmt=None if step == "create" else "2026-03-01T09:32:00",
        customer_note="updated" if step == "updated" else "",
        refunds=[{"id": 1, "total": "-55.20"}] if step == "cancelled" else [],
    )
    topic = "order.created" if step == "create" else "order.updated"
    return woo(order, topic, **{"x-wc-webhook-delivery-id": f"{number}-{step}"})


def taobao_message(number: int, step: str) -> Delivery:
    status = {"create": "WAIT_BUYER_PAY", "cancelled": "TRADE_CLOSED"}.get(step, "WAIT_SELLER_SEND_GOODS")
    names = {"create": "TradeCreate", "paid": "TradeBuyerPay", "updated": "TradeChanged", "cancelled": "TradeClose"}
    trade = taobao_trade(
        tid=number,
        status=status,
        modified=f"2026-03-01 18:{MINUTE[step]}:10",
        pay_time="" if step == "create" else "2026-03-01 18:31:07",
        buyer_message="updated" if step == "updated" else "",
    )
    return taobao(trade, f"taobao_trade_{names[step]}", id=f"{number}{MINUTE[step]}")


def youzan_push(number: int, step: str) -> Delivery:
    status = {"create": "WAIT_BUYER_PAY", "cancelled": "TRADE_CLOSED"}.get(step, "WAIT_SELLER_SEND_GOODS")
    names = {"create": "TradeCreate", "paid": "TradePaid", "updated": "TradeBuyerPay", "cancelled": "TradeClose"}
    told = youzan_order(
        info={
            "tid": f"E{number}",
            "status": status,
            "update_time": f"2026-03-01 18:{MINUTE[step]}:10",
            "pay_time": "null" if step == "create" else "2026-03-01 18:31:07",
            "close_type": 2 if step == "cancelled" else 0,
        },
        refund_order=[{"refund_id": "1", "refund_state": 60, "refund_fee": "10.00"}] if step == "cancelled" else [],
    )
    return youzan(told, f"trade_{names[step]}", msg_id=f"{number}-{step}")


MESSAGES: Mapping[str, Callable[[int, str], Any]] = {
    "shopify": shopify, "woocommerce": woocommerce, "taobao": taobao_message, "youzan": youzan_push,
}  # fmt: skip
TOPIC = {"create": "orders/create", "paid": "orders/paid", "updated": "orders/updated", "cancelled": "orders/cancelled"}


async def tell(api: Caller, channel: str, number: int, step: str) -> None:
    message = MESSAGES[channel](number, step)
    if channel == "shopify":
        answer = await api.shopify(TOPIC[step], message, webhook_id=f"{number}-{step}")
    else:
        answer = await send(api, channel, message)
    assert answer.status_code == 200, answer.text


def order_no(channel: str, number: int) -> str:
    return f"{channel}-E{number}" if channel == "youzan" else f"{channel}-{number}"


async def told_of(api: Caller, order: str) -> Any:
    """What the order will be told, whatever came first: how it starts, and its news by their ids."""
    news, starts = set(), []
    async with api.pool.connection() as conn:
        cursor = await conn.execute("SELECT message_id FROM inbox WHERE order_no = %s", (order,))
        for row in await cursor.fetchall():
            body = await inbox.take(conn, api.app.state.house.vault, row["message_id"], api.app.state.house.now())
            # A message that neither starts nor tells anything was done with at once, although Temporal is away.
            if body is None:
                continue
            told = body.envelope
            starts += [told.start] if told.start else []
            news |= {one.event_id.replace(order.split("-")[1], "") for one in (told.payment, told.cancelled) if one}
        cursor = await conn.execute("SELECT changed_at, facts FROM channel_versions WHERE order_no = %s", (order,))
        version = await cursor.fetchone()
    (start,) = starts
    order_as_begun = start.model_dump(exclude={"order_no", "channel_order_id", "contact_id", "payment_reference"})
    return json.dumps(order_as_begun, default=str, sort_keys=True), news, version


@pytest.mark.parametrize("channel", CHANNELS)
async def test_every_order_of_arrival_comes_to_the_same_start_news_and_version(api: Caller, channel: str) -> None:
    ends = []
    for place, steps in enumerate(itertools.permutations(STEPS)):
        number = 9_100_000_000 + place
        for step in steps:
            await tell(api, channel, number, step)
        ends.append(await told_of(api, order_no(channel, number)))
    assert len(ends) == 24
    assert all(end == ends[0] for end in ends), channel


@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_living_order_ends_cancelled_with_its_money_back_whatever_came_first(
    shop: Caller, channel: str
) -> None:
    arrivals = [STEPS, STEPS[::-1], ("paid", "cancelled", "create", "updated")]
    for place, steps in enumerate(arrivals):
        for step in steps:
            await tell(shop, channel, 9_200_000_000 + place, step)
    for place in range(len(arrivals)):
        order = await shop.until(order_no(channel, 9_200_000_000 + place), "cancelled")
        money = order["money"]
        assert (money["captured"], money["refunded"]) == (money["total"], money["total"]), (channel, arrivals[place])


async def test_an_order_that_was_paid_and_partly_given_back_before_we_heard_of_it_is_paid(shop: Caller) -> None:
    await shop.stock_up(MUG=9, LAMP=9)
    await send(shop, "woocommerce", woo(woo_order(id=9_300_000_000, refunds=[{"id": 1, "total": "-5.00"}])))
    number = "woocommerce-9300000000"
    await shop.until(number, "picking")

    async def booked() -> bool:
        money = (await shop.get(f"/v1/orders/{number}")).json()["money"]
        return (money["captured"], money["refunded"]) == (5_520, 500)

    await shop.holds(booked)
