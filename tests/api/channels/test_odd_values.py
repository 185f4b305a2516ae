"""The odd values of the field notes, the same questions to every channel (R2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from models.channels.whole import READERS
from models.translation import Translation
from tests.api.caller import Caller
from tests.api.channels.payloads import BEYOND_DOUBLES, TERMS, fields, taobao_trade, woo_order, youzan_order
from tests.api.test_shopify import shopify_order

CHANNELS = ("shopify", "woocommerce", "taobao", "youzan")
_ORDERS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "shopify": shopify_order, "woocommerce": woo_order, "taobao": taobao_trade, "youzan": youzan_order,
}  # fmt: skip
# Where each channel keeps it, and what it calls it in a fault.
_LINES = {
    "shopify": ("line_items",), "woocommerce": ("line_items",), "taobao": ("orders", "order"),
    "youzan": ("full_order_info", "orders"),
}  # fmt: skip
_TOTAL = {
    "shopify": ("total_price",), "woocommerce": ("total",), "taobao": ("payment",),
    "youzan": ("full_order_info", "pay_info", "payment"),
}  # fmt: skip
_NUMBER = {"shopify": "id", "woocommerce": "id", "taobao": "tid"}
_QUANTITY = {"shopify": "quantity", "woocommerce": "quantity", "taobao": "num", "youzan": "num"}
_SKUS = {
    "shopify": ("sku",), "woocommerce": ("sku",), "taobao": ("outer_sku_id", "outer_iid"),
    "youzan": ("outer_sku_id", "outer_item_id"),
}  # fmt: skip
_PLACED = {
    "shopify": ("processed_at",), "woocommerce": ("date_created_gmt",), "taobao": ("created",),
    "youzan": ("full_order_info", "order_info", "created"),
}  # fmt: skip


def put(order: dict[str, Any], path: tuple[str, ...], value: object) -> None:
    for name in path[:-1]:
        order = order[name]
    order[path[-1]] = value


def first_line(channel: str, order: dict[str, Any]) -> dict[str, Any]:
    found: Any = order
    for name in _LINES[channel]:
        found = found[name]
    line: dict[str, Any] = found[0]
    return line


def read(channel: str, order: dict[str, Any]) -> Translation:
    return READERS[channel].translate(order, TERMS)


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("quantity", ["1.5", 0, -1, None, "many", True])
def test_a_quantity_that_nobody_can_pick_is_refused_by_its_own_name(channel: str, quantity: object) -> None:
    order = _ORDERS[channel]()
    first_line(channel, order)[_QUANTITY[channel]] = quantity
    told = read(channel, order)
    assert told.envelope.start is None
    assert f"{'.'.join(_LINES[channel])}.0.{_QUANTITY[channel]}" in fields(told.faults)


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("sku", ["", "  ", "null", None])
def test_a_line_without_any_sku_is_refused_by_its_own_name(channel: str, sku: object) -> None:
    order = _ORDERS[channel]()
    first_line(channel, order).update(dict.fromkeys(_SKUS[channel], sku))
    told = read(channel, order)
    assert told.envelope.start is None
    assert f"{'.'.join(_LINES[channel])}.0.{_SKUS[channel][0]}" in fields(told.faults)


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("amount", [6950, "69.505", "6,950.00", "null", "", "NaN", None, "１２"])
def test_an_amount_that_may_be_fen_or_is_none_is_refused_and_never_rounded(channel: str, amount: object) -> None:
    order = _ORDERS[channel]()
    put(order, _TOTAL[channel], amount)
    told = read(channel, order)
    assert told.envelope.start is None
    assert ".".join(_TOTAL[channel]) in fields(told.faults)


@pytest.mark.parametrize("channel", ["shopify", "woocommerce", "taobao"])
def test_an_id_beyond_doubles_keeps_every_digit(channel: str) -> None:
    told = read(channel, _ORDERS[channel]() | {_NUMBER[channel]: BEYOND_DOUBLES})
    assert told.envelope.order_no == f"{channel}-{BEYOND_DOUBLES}"


@pytest.mark.parametrize(
    ("channel", "written", "instant"),
    [
        ("shopify", "2030-01-02T10:00:00-05:00", datetime(2030, 1, 2, 15, tzinfo=UTC)),
        ("woocommerce", "2026-03-01T09:00:00", datetime(2026, 3, 1, 9, tzinfo=UTC)),
        ("taobao", "2026-03-01 18:30:00 ", datetime(2026, 3, 1, 10, 30, tzinfo=UTC)),
        ("youzan", "2026-03-01 18:30:00", datetime(2026, 3, 1, 10, 30, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_in_the_zone_its_channel_means(channel: str, written: str, instant: datetime) -> None:
    order = _ORDERS[channel]()
    put(order, _PLACED[channel], written)
    start = read(channel, order).envelope.start
    assert start is not None
    assert start.placed_at == instant


async def test_goods_or_sums_that_change_at_the_channel_afterwards_are_put_before_people_once(api: Caller) -> None:
    order = shopify_order()
    await api.shopify("orders/create", order)
    changed = order | {"updated_at": "2030-01-02T11:00:00-05:00", "total_price": "26.50", "total_tax": "2.50"}
    for _ in range(2):
        assert (await api.shopify("orders/updated", changed)).status_code == 200
    older = changed | {"updated_at": "2030-01-02T09:00:00-05:00", "total_price": "27.50", "total_tax": "3.50"}
    await api.shopify("orders/updated", older)
    assert await api.value("SELECT string_agg(kind, ' ') FROM alerts") == "order_changed_at_channel"
