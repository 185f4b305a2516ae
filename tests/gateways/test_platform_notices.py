"""Statuses as WooCommerce, Taobao and Youzan can hear them: in order, once, and no more than that."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from domain.order_status import OrderStatus
from gateways.channel_notices import NOTICE_ROADS, ChannelNotices, Notice, NoticeAddress, NoticeParcel
from gateways.errors import Refused, Unavailable
from gateways.platforms import PlatformAccess
from gateways.woocommerce import WooPayments
from gateways.woocommerce_notices import SHOWN_AS
from tests.api.channels.payloads import taobao_trade, woo_order, youzan_order
from tests.gateways.conftest import Outside

NUMBERS = {"woocommerce": "7001", "taobao": "7002", "youzan": "E7003"}
PLATFORMS = tuple(NUMBERS)
PARCEL = NoticeParcel("OF-1-1", "SF", "SF1", "shipped")


def notice(channel: str, sequence: int, status: OrderStatus, *parcels: NoticeParcel) -> Notice:
    changed = "2026-03-01T20:00:00+08:00"
    return Notice(f"{channel}-1", NUMBERS[channel], sequence, status.value, "", "paid", changed, parcels)


async def register(outside: Outside, *, paid: bool = True) -> None:
    """The same order at each platform."""
    waits = "WAIT_SELLER_SEND_GOODS" if paid else "WAIT_BUYER_PAY"
    woo = woo_order(id=7001, status="processing" if paid else "pending", meta_data=[], refunds=[])
    await outside.control("/woocommerce/orders", woo)
    await outside.control("/taobao/trades", taobao_trade(tid=7002, status=waits))
    await outside.control("/youzan/trades", youzan_order(info={"tid": "E7003", "status": waits}))


def kept(outside: Outside, channel: str) -> dict[str, Any]:
    kind = {"woocommerce": "woocommerce_order", "taobao": "taobao_trade", "youzan": "youzan_trade"}[channel]
    order = outside.world.shelf.get(kind, NUMBERS[channel])
    assert order is not None
    return dict(order["full_order_info"]["order_info"]) if channel == "youzan" else order


@pytest.fixture
def told(outside: Outside, platforms: dict[str, PlatformAccess]) -> ChannelNotices:
    addresses = {
        name: NoticeAddress(name, one.base, one.secret, one.user, one.session) for name, one in platforms.items()
    }
    return ChannelNotices(outside.client, addresses)


@pytest.mark.parametrize("channel", PLATFORMS)
async def test_a_shipped_order_is_shipped_there_once_with_its_tracking_number(
    outside: Outside, told: ChannelNotices, channel: str
) -> None:
    await register(outside)
    for sequence, status in ((5, OrderStatus.SHIPPED), (5, OrderStatus.SHIPPED), (6, OrderStatus.SIGNED)):
        await told.deliver(channel, notice(channel, sequence, status, PARCEL), key="k")
    order = kept(outside, channel)
    assert order["status"] == {"woocommerce": "completed"}.get(channel, "WAIT_BUYER_CONFIRM_GOODS")
    if channel == "woocommerce":
        notes = outside.world.shelf.get("woocommerce_notes", "7001")
        assert notes is not None
        assert [(one["note"], one["customer_note"]) for one in notes["notes"]] == [("SF SF1", True)]
    else:
        assert order["sent"]["out_sid"] == "SF1"


@pytest.mark.parametrize("channel", PLATFORMS)
async def test_an_older_status_never_overwrites_a_newer_one(
    outside: Outside, told: ChannelNotices, channel: str
) -> None:
    await register(outside)
    await told.deliver(channel, notice(channel, 5, OrderStatus.SHIPPED, PARCEL), key="k5")
    before = kept(outside, channel)
    await told.deliver(channel, notice(channel, 2, OrderStatus.PAID), key="k2")
    assert kept(outside, channel) == before


@pytest.mark.parametrize("channel", PLATFORMS)
async def test_an_unpaid_order_that_was_cancelled_here_is_closed_there(
    outside: Outside, told: ChannelNotices, channel: str
) -> None:
    await register(outside, paid=False)
    for _ in range(2):
        await told.deliver(channel, notice(channel, 2, OrderStatus.CANCELLED), key="k")
    closed = {"woocommerce": "cancelled", "taobao": "TRADE_CLOSED_BY_TAOBAO", "youzan": "TRADE_CLOSED"}
    assert kept(outside, channel)["status"] == closed[channel]


@pytest.mark.parametrize("channel", ["taobao", "youzan"])
async def test_a_paid_trade_is_never_closed_by_us(outside: Outside, told: ChannelNotices, channel: str) -> None:
    await register(outside)
    await told.deliver(channel, notice(channel, 2, OrderStatus.CANCELLED), key="k")
    assert kept(outside, channel)["status"] == "WAIT_SELLER_SEND_GOODS"


@pytest.mark.parametrize("channel", ["taobao", "youzan"])
async def test_a_carrier_the_platform_does_not_know_is_refused_and_nothing_is_sent(
    outside: Outside, told: ChannelNotices, channel: str
) -> None:
    await register(outside)
    unknown = replace(PARCEL, carrier="OWN")
    with pytest.raises(Refused, match="carrier_unknown_to_channel"):
        await told.deliver(channel, notice(channel, 5, OrderStatus.SHIPPED, unknown), key="k")
    assert kept(outside, channel)["status"] == "WAIT_SELLER_SEND_GOODS"


@pytest.mark.parametrize("channel", PLATFORMS)
async def test_a_platform_that_is_down_is_told_again(outside: Outside, told: ChannelNotices, channel: str) -> None:
    await register(outside)
    await outside.control("/faults", {"party": channel, "kind": "error_once"})
    with pytest.raises(Unavailable):
        await told.deliver(channel, notice(channel, 5, OrderStatus.SHIPPED, PARCEL), key="k")
    await told.deliver(channel, notice(channel, 5, OrderStatus.SHIPPED, PARCEL), key="k")
    assert kept(outside, channel)["status"] in ("completed", "WAIT_BUYER_CONFIRM_GOODS")


async def test_woocommerce_keeps_the_snapshot_beside_its_own_status(outside: Outside, told: ChannelNotices) -> None:
    await register(outside)
    await told.deliver("woocommerce", notice("woocommerce", 3, OrderStatus.SHORTAGE), key="k")
    (meta,) = kept(outside, "woocommerce")["meta_data"]
    assert (meta["key"], json.loads(meta["value"])["status"]) == ("_orderflow_status", "shortage")


def test_woocommerce_has_a_word_for_every_status_but_awaiting_payment() -> None:
    assert set(OrderStatus) - set(SHOWN_AS) == {OrderStatus.AWAITING_PAYMENT}


def test_every_platform_has_its_road() -> None:
    assert set(NOTICE_ROADS) == {"webhook", "shopify", *PLATFORMS}


async def test_woocommerce_refunds_once_for_a_key_and_never_more_than_was_paid(
    outside: Outside, platforms: dict[str, PlatformAccess]
) -> None:
    await register(outside)
    woo = WooPayments(outside.client, platforms["woocommerce"])
    first = await woo.refund("7001", 2000, currency="USD", key="woocommerce-7001:refund:1")
    assert await woo.refund("7001", 2000, currency="USD", key="woocommerce-7001:refund:1") == first
    state = await woo.find("7001")
    assert (first.amount_minor, state.captured_minor, state.refunded_minor) == (2000, 5520, 2000)
    with pytest.raises(Refused, match="woocommerce_rest_invalid_order_refund"):
        await woo.refund("7001", 4000, currency="USD", key="woocommerce-7001:refund:2")


async def test_woocommerce_closes_an_unpaid_order_and_says_when_money_was_faster(
    outside: Outside, platforms: dict[str, PlatformAccess]
) -> None:
    woo = WooPayments(outside.client, platforms["woocommerce"])
    await outside.control("/woocommerce/orders", woo_order(id=7001, status="pending", date_paid_gmt=None))
    assert (await woo.close("7001", key="k")).state == "closed"
    assert kept(outside, "woocommerce")["status"] == "cancelled"
    await register(outside)
    assert (await woo.close("7001", key="k")).captured_minor == 5520
