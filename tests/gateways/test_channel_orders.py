"""Asking each platform for its orders: signed, page by page, none slips past (accident 7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateways import shopify_orders, taobao_orders, woocommerce_orders, youzan_orders
from gateways.channel_orders import CHANNEL_ORDERS, Order
from gateways.errors import Refused, Unavailable
from gateways.paging import backwards
from gateways.platforms import PlatformAccess
from models.channels.whole import READERS
from tests.api.channels.payloads import TERMS, taobao_trade, woo_order, youzan_order
from tests.api.test_shopify import shopify_order
from tests.gateways.conftest import Outside
from tests.gateways.wire import Wire, says

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
CHANNELS = ("shopify", "woocommerce", "taobao", "youzan")
Platforms = dict[str, PlatformAccess]


def order(channel: str, number: int, at: datetime) -> dict[str, Any]:
    """An order of that channel which changed at that time."""
    utc, beijing = at.strftime("%Y-%m-%dT%H:%M:%S"), (at + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S")
    if channel == "shopify":
        return shopify_order(id=number, updated_at=at.isoformat())
    if channel == "woocommerce":
        return woo_order(id=number, date_modified_gmt=utc)
    if channel == "taobao":
        return taobao_trade(tid=number, modified=beijing)
    told: dict[str, Any] = youzan_order(info={"tid": f"E{number}", "update_time": beijing})
    return told


async def register(outside: Outside, channel: str, kept: Mapping[str, Any]) -> None:
    path = {"shopify": "/shopify/orders?times=0", "woocommerce": "/woocommerce/orders"}
    answer = await outside.control(path.get(channel, f"/{channel}/trades"), dict(kept))
    assert answer.status_code == 200, answer.text


async def asked(
    outside: Outside, platforms: Platforms, channel: str, since: datetime = START, until: datetime | None = None
) -> list[Order]:
    orders = CHANNEL_ORDERS[channel](outside.client, platforms[channel])
    return [one async for one in orders.changed(since, until or START + timedelta(hours=2))]


def numbers(channel: str, orders: Sequence[Order]) -> set[str]:
    return {str(READERS[channel].translate(one, TERMS).envelope.order_no) for one in orders}


@pytest.mark.parametrize("channel", CHANNELS)
async def test_what_changed_in_the_window_is_told_whole_and_nothing_else(
    outside: Outside, platforms: Platforms, channel: str
) -> None:
    for number, minutes in ((1, -10), (2, 10), (3, 50), (4, 200)):
        await register(outside, channel, order(channel, number, START + timedelta(minutes=minutes)))
    told = await asked(outside, platforms, channel)
    prefix = "E" if channel == "youzan" else ""
    assert numbers(channel, told) == {f"{channel}-{prefix}2", f"{channel}-{prefix}3"}
    assert all(READERS[channel].translate(one, TERMS).envelope.start is not None for one in told)


@pytest.mark.parametrize(
    ("channel", "module"),
    list(zip(CHANNELS, (shopify_orders, woocommerce_orders, taobao_orders, youzan_orders), strict=True)),
)
async def test_every_page_is_read(
    outside: Outside, platforms: Platforms, channel: str, module: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST", type(module._MOST)(2))
    for number in range(1, 6):
        await register(outside, channel, order(channel, number, START + timedelta(minutes=number)))
    assert len(numbers(channel, await asked(outside, platforms, channel))) == 5


@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_wrong_key_is_refused(outside: Outside, platforms: Platforms, channel: str) -> None:
    wrong = {channel: PlatformAccess(platforms[channel].base, "guessed")}
    with pytest.raises(Refused):
        await asked(outside, wrong, channel)


@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_platform_that_is_down_is_asked_again_later(
    outside: Outside, platforms: Platforms, channel: str
) -> None:
    await outside.control("/faults", {"party": channel, "kind": "error_once"})
    with pytest.raises(Unavailable):
        await asked(outside, platforms, channel)


async def test_taobao_is_asked_a_day_at_a_time(outside: Outside, platforms: Platforms) -> None:
    for number in range(3):
        await register(outside, "taobao", order("taobao", number + 1, START + timedelta(days=number, minutes=1)))
    assert len(await asked(outside, platforms, "taobao", until=START + timedelta(days=3))) == 3


async def test_amounts_and_long_ids_stay_as_they_were_written(outside: Outside, platforms: Platforms) -> None:
    await register(outside, "taobao", order("taobao", 2**53 + 1, START + timedelta(minutes=1)))
    (told,) = await asked(outside, platforms, "taobao")
    assert (told["tid"], told["payment"]) == (2**53 + 1, "69.50")


async def test_shopifys_next_page_is_asked_of_the_shop_we_know() -> None:
    elsewhere = '<https://elsewhere.example/orders.json?page_info=abc&limit=250>; rel="next"'
    wire = Wire(says(body={"orders": [{"id": 1}]}, Link=elsewhere), says(body={"orders": []}))
    orders = CHANNEL_ORDERS["shopify"](wire.client, PlatformAccess("https://shop.example", "shpat_1"))
    assert [one["id"] async for one in orders.changed(START, START)] == [1]
    assert wire.last.url.host == "shop.example"
    assert dict(wire.last.url.params) == {"page_info": "abc", "limit": "250"}


async def test_an_order_that_changes_while_the_pages_are_read_hides_no_other() -> None:
    shelf = list("abcdef")

    async def page(number: int) -> tuple[Sequence[str], int]:
        items = shelf[(number - 1) * 2 : number * 2]
        pages = -(-len(shelf) // 2)
        if "a" in shelf and number > 1:
            shelf.remove("a")
        return items, pages

    assert {item async for item in backwards(page)} >= set("bcdef")


@pytest.mark.parametrize(
    ("sub_code", "kind"), [("isp.remote-service-timeout", Unavailable), ("isv.trade-not-exist", Refused)]
)
async def test_taobaos_own_trouble_passes_and_its_refusals_do_not(sub_code: str, kind: type[Exception]) -> None:
    wire = Wire(says(body={"error_response": {"code": 15, "sub_code": sub_code}} if kind is Unavailable else {
        "error_response": {"code": 50, "sub_code": sub_code}}))  # fmt: skip
    orders = CHANNEL_ORDERS["taobao"](wire.client, PlatformAccess("https://eco.example", "s", "app", "grant"))
    with pytest.raises(kind, match=sub_code):
        _ = [one async for one in orders.changed(START, START + timedelta(hours=1))]
