"""Shopify's money: exact requests, and one refund per key although Shopify has no keys."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateways.errors import Refused, Unavailable
from gateways.payments import ClosedPayment, ProviderAccess, Refunded
from gateways.shopify import ShopifyPayments
from tests.gateways.conftest import Outside
from tests.gateways.wire import Wire, says

ACCESS = ProviderAccess("https://shop.example", "shpat_1")
PLACED = {"id": 7001, "currency": "USD", "total_price": "403.00", "financial_status": "pending"}


def suggestion(parent: int, left: str) -> dict[str, Any]:
    return {"parent_id": parent, "gateway": "bogus", "maximum_refundable": left}


def refund_answer(*amounts: str, status: str = "success") -> dict[str, Any]:
    moves = [{"amount": amount, "status": status} for amount in amounts]
    return {"refund": {"id": 99, "note": "k", "transactions": moves}}


async def test_refund_is_spread_over_the_captures_in_decimal_strings() -> None:
    wire = Wire(
        says(body={"refunds": [{"id": 1, "note": "another", "transactions": []}]}),
        says(body={"refund": {"transactions": [suggestion(11, "100.00"), suggestion(12, "303.00")]}}),
        says(201, refund_answer("100.00", "0.50")),
    )
    done = await ShopifyPayments(wire.client, ACCESS).refund("7001", 10050, currency="USD", key="k")
    assert done == Refunded("99", 10050)
    assert str(wire.last.url) == "https://shop.example/admin/api/2025-01/orders/7001/refunds.json"
    assert wire.last.headers["X-Shopify-Access-Token"] == "shpat_1"
    assert json.loads(wire.last.content) == {
        "refund": {
            "currency": "USD",
            "note": "k",
            "notify": False,
            "transactions": [
                {"parent_id": 11, "amount": "100.00", "kind": "refund", "gateway": "bogus"},
                {"parent_id": 12, "amount": "0.50", "kind": "refund", "gateway": "bogus"},
            ],
        }
    }


async def test_a_refund_with_this_key_is_found_and_not_made_again() -> None:
    wire = Wire(says(body={"refunds": [refund_answer("5.00")["refund"]]}))
    done = await ShopifyPayments(wire.client, ACCESS).refund("7001", 500, currency="USD", key="k")
    assert done == Refunded("99", 500)
    assert [request.method for request in wire.asked] == ["GET"]


async def test_more_than_was_captured_is_refused_before_anything_is_sent() -> None:
    wire = Wire(says(body={"refunds": []}), says(body={"refund": {"transactions": [suggestion(11, "1.00")]}}))
    with pytest.raises(Refused, match="amount_exceeds_captured"):
        await ShopifyPayments(wire.client, ACCESS).refund("7001", 101, currency="USD", key="k")
    assert not any(request.url.path.endswith("/refunds.json") and request.method == "POST" for request in wire.asked)


async def test_a_refund_whose_money_did_not_move_is_refused() -> None:
    wire = Wire(says(body={"refunds": [refund_answer("5.00", status="failure")["refund"]]}))
    with pytest.raises(Refused, match="refund_failed"):
        await ShopifyPayments(wire.client, ACCESS).refund("7001", 500, currency="USD", key="k")


async def test_being_throttled_is_worth_asking_again() -> None:
    wire = Wire(says(429, **{"Retry-After": "2.0"}))
    with pytest.raises(Unavailable):
        await ShopifyPayments(wire.client, ACCESS).find("7001")


async def test_an_unpaid_order_is_closed_once_and_again(outside: Outside, shopify_access: ProviderAccess) -> None:
    await outside.control("/shopify/orders", PLACED)
    bank = ShopifyPayments(outside.client, shopify_access)
    assert (await bank.find("7001")).state == "open"
    for _ in range(2):
        assert await bank.close("7001", key="c") == ClosedPayment("closed", 0, "USD")
    assert (await outside.control("/shopify/orders/7001/pay")).status_code == 422


async def test_money_that_came_first_is_answered_as_captured(outside: Outside, shopify_access: ProviderAccess) -> None:
    await outside.control("/shopify/orders", PLACED)
    await outside.control("/shopify/orders/7001/pay")
    bank = ShopifyPayments(outside.client, shopify_access)
    assert await bank.close("7001", key="c") == ClosedPayment("captured", 40300, "USD")
    assert await bank.close("7001", key="c") == ClosedPayment("captured", 40300, "USD")


async def test_refunds_at_the_channel_never_exceed_the_capture(
    outside: Outside, shopify_access: ProviderAccess
) -> None:
    await outside.control("/shopify/orders", PLACED | {"financial_status": "paid"})
    bank = ShopifyPayments(outside.client, shopify_access)
    first = await bank.refund("7001", 40000, currency="USD", key="r1")
    assert await bank.refund("7001", 40000, currency="USD", key="r1") == first
    with pytest.raises(Refused, match="amount_exceeds_captured"):
        await bank.refund("7001", 301, currency="USD", key="r2")
    await bank.refund("7001", 300, currency="USD", key="r3")
    state = await bank.find("7001")
    assert (state.captured_minor, state.refunded_minor) == (40300, 40300)


async def test_a_refused_cancellation_of_an_unpaid_order_is_not_taken_for_closed() -> None:
    wire = Wire(
        says(422, {"base": ["Cannot cancel"]}),
        says(body={"order": {"id": 7001, "currency": "USD", "cancelled_at": None}}),
        says(body={"transactions": []}),
    )
    with pytest.raises(Refused) as caught:
        await ShopifyPayments(wire.client, ACCESS).close("7001", key="c")
    assert caught.value.status == 422
