"""Shopify's webhooks: signed, deduped, translated; real samples become orders (R1, accident 8)."""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import Any
from uuid import uuid4

import pytest

from api.adapters import Delivery, Terms
from api.channels.shopify import Shopify
from models.order import Policy
from tests.api.caller import Caller, shopify_sample

_IDS = itertools.count(9_000_000_000_001)


def shopify_order(**changes: Any) -> dict[str, Any]:
    """An invented order in Shopify's format, with a person."""
    order = {
        "id": next(_IDS),
        "currency": "USD",
        "created_at": "2030-01-02T10:00:00-05:00",
        "updated_at": "2030-01-02T10:00:01-05:00",
        "processed_at": "2030-01-02T10:00:00-05:00",
        "financial_status": "pending",
        "payment_gateway_names": ["bogus"],
        "total_price": "25.50",
        "total_tax": "1.50",
        "total_discounts": "2.00",
        "taxes_included": False,
        "total_shipping_price_set": {"shop_money": {"amount": "6.00", "currency_code": "USD"}},
        "note": "ring the invented bell",
        "email": "buyer@example.com",
        "customer": {"id": 77, "first_name": "Test", "last_name": "Buyer"},
        "shipping_address": {
            "name": "Test Buyer",
            "address1": "1 Invented Street",
            "city": "Springfield",
            "province": "Illinois",
            "country_code": "US",
            "zip": "62701",
            "phone": "+12175550100",
        },
        "line_items": [
            {
                "sku": "TEA",
                "name": "Tea",
                "quantity": 2,
                "price": "10.00",
                "discount_allocations": [{"amount": "2.00"}],
            }
        ],
    }
    return order | changes


def read(body: dict[str, Any], topic: str = "orders/create") -> Any:
    """What the adapter makes of it."""
    delivery = Delivery({"x-shopify-topic": topic}, json.dumps(body).encode())
    return Shopify().translate(delivery, Terms("ct_1", Policy()))


async def test_the_real_sample_becomes_a_paid_order_that_waits_for_a_person(shop: Caller) -> None:
    sample = shopify_sample("orders_create")
    answer = await shop.shopify("orders/create", sample)
    assert answer.status_code == 200
    order_no = f"shopify-{sample['id']}"
    order = await shop.until(order_no, "manual_review")
    assert order["money"]["captured"] == order["money"]["total"] == 262_995
    assert {finding["rule"] for finding in order["findings"]} >= {"incomplete"}
    refused = await shop.post(f"/v1/orders/{order_no}/review", {"decision": "approve"}, "reviewer")
    assert refused.status_code == 422
    assert refused.json()["type"].endswith("incomplete-order")
    place: dict[str, Any] = {
        "address": {"country": "US", "region": "Illinois", "city": "Springfield", "street": "1 Invented Street"},
        "name": "Test Buyer",
        "phone": "+12175550100",
        "reason": "asked_the_buyer",
    }
    place["address"]["postcode"] = "62701"
    corrected = await shop.post(f"/v1/orders/{order_no}/address", place, "customer_service")
    assert corrected.status_code == 200, corrected.text
    approved = await shop.post(f"/v1/orders/{order_no}/review", {"decision": "approve"}, "reviewer")
    assert approved.status_code == 200, approved.text
    shown = await shop.get(f"/v1/orders/{order_no}", "customer_service")
    assert shown.json()["contact"] == {"name": "T*", "phone": "+12****0100", "city": "Springfield"}


async def test_a_bad_signature_is_refused_before_anything_is_stored(api: Caller) -> None:
    before = await api.rows()
    forged = await api.shopify("orders/create", shopify_order(), secret="guessed")
    unsigned = await api.http.post("/v1/webhooks/channels/shopify", json=shopify_order())
    assert forged.status_code == unsigned.status_code == 401
    assert forged.headers["content-type"] == "application/problem+json"
    assert await api.rows() == before


async def test_the_same_event_by_whatever_delivery_is_taken_in_once(api: Caller) -> None:
    body = shopify_order()
    for webhook_id in ("w-1", "w-1", "w-2"):
        assert (await api.shopify("orders/create", body, webhook_id=webhook_id)).status_code == 200
    changed = body | {"updated_at": "2030-01-02T11:00:00-05:00"}
    assert (await api.shopify("orders/create", changed, webhook_id="w-1")).status_code == 200
    assert await api.value("SELECT count(*) FROM inbox") == 1
    assert await api.value("SELECT count(*) FROM contacts") == 1


async def test_fifty_deliveries_at_once_become_one_order(shop: Caller) -> None:
    body = shopify_order()
    answers = await asyncio.gather(*(shop.shopify("orders/create", body) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {200}
    await shop.until(f"shopify-{body['id']}", "awaiting_payment")
    assert await shop.value("SELECT count(*) FROM orders") == 1


@pytest.mark.parametrize(
    "topics", list(itertools.permutations(["orders/create", "orders/paid", "orders/cancelled"])), ids="-".join
)
async def test_create_paid_cancelled_end_the_same_in_every_order_of_arrival(
    shop: Caller, topics: tuple[str, ...]
) -> None:
    body = shopify_order()
    moment = {"orders/create": "01", "orders/paid": "02", "orders/cancelled": "03"}
    for topic in topics:
        told = body | {"updated_at": f"2030-01-02T10:00:{moment[topic]}-05:00"}
        told |= {"financial_status": "paid"} if topic == "orders/paid" else {}
        told |= {"cancelled_at": "2030-01-02T10:00:03-05:00", "cancel_reason": "customer"} if "canc" in topic else {}
        answer = await shop.shopify(topic, told, webhook_id=str(uuid4()))
        assert answer.status_code == 200, answer.text
    order = await shop.until(f"shopify-{body['id']}", "cancelled")
    assert order["money"]["captured"] in (0, 2_550)
    assert await shop.value("SELECT count(*) FROM contacts") == 1


async def test_what_cannot_be_an_order_is_kept_as_refused_with_its_faults(api: Caller) -> None:
    lines = [{"sku": "", "quantity": 1.5, "price": "1.00"}, {"sku": "TEA", "quantity": 1, "price": "x"}]
    body = shopify_order(line_items=lines, total_price="9.99")
    answer = await api.shopify("orders/create", body)
    assert answer.status_code == 422
    named = {fault["field"] for fault in answer.json()["faults"]}
    assert named == {"line_items.0.sku", "line_items.0.quantity", "line_items.1.price"}
    assert await api.value("SELECT state FROM inbox") == "refused"
    assert await api.value("SELECT count(*) FROM contacts") == 0
    assert "Invented Street" not in await api.value("SELECT faults::text || encode(sealed, 'escape') FROM inbox")
    again = await api.shopify("orders/create", body)
    assert again.status_code == 422
    assert await api.value("SELECT count(*) FROM inbox") == 1


async def test_rubbish_that_is_truly_shopifys_is_kept_too(api: Caller) -> None:
    for body in (b"{", b"[]", b'{"id": "../x"}', b"[" * 50_000):
        answer = await api.shopify("orders/create", body)
        assert answer.status_code == 422, answer.text
    assert await api.value("SELECT count(*) FROM inbox WHERE state = 'refused'") == 4


@pytest.mark.parametrize(
    "field", ["financial_status", "currency", "gateway", "payment_gateway_names", "cancel_reason", "updated_at", "id"]
)
@pytest.mark.parametrize("odd", [[], {"a": 1}, [["x"]], "\x00", "\ud800", 10**400, True])
async def test_an_odd_type_is_taken_in_or_refused_and_never_our_fault(api: Caller, field: str, odd: Any) -> None:
    answer = await api.shopify("orders/cancelled", shopify_order(**{"financial_status": "paid", field: odd}))
    assert answer.status_code in (200, 422), answer.text
    assert await api.value("SELECT count(*) FROM inbox") == 1


def test_a_time_without_an_offset_is_named() -> None:
    translation = read(shopify_order(processed_at=None, created_at="2030-01-02T10:00:00"))
    assert [(fault.field, fault.problem) for fault in translation.faults] == [
        ("created_at", "is missing, or has no offset from UTC")
    ]


async def test_a_total_that_does_not_add_up_is_named(api: Caller) -> None:
    answer = await api.shopify("orders/create", shopify_order(total_price="25.51"))
    assert [fault["field"] for fault in answer.json()["faults"]] == ["total_price"]


async def test_a_topic_that_is_no_business_of_ours_is_acknowledged_and_forgotten(api: Caller) -> None:
    assert (await api.shopify("products/update", {"id": 1})).status_code == 200
    assert await api.value("SELECT count(*) FROM inbox") == 0


def test_taxes_within_the_prices_are_not_added_again() -> None:
    translation = read(shopify_order(taxes_included=True, total_price="24.00"))
    assert translation.faults == ()
    assert translation.envelope.start.tax == 0


def test_a_discount_on_the_shipping_stands_with_the_order() -> None:
    translation = read(shopify_order(total_discounts="5.00", total_price="22.50"))
    assert (translation.envelope.start.discount, translation.envelope.start.lines[0].discount) == (300, 200)


def test_a_tip_is_part_of_what_adds_up() -> None:
    assert read(shopify_order(total_tip_received="1.00", total_price="26.50")).faults == ()


def test_cash_on_delivery_is_known_by_its_gateway_and_never_counts_as_captured() -> None:
    cod = {"payment_gateway_names": ["Cash on Delivery (COD)"], "financial_status": "paid"}
    envelope = read(shopify_order(**cod), "orders/paid").envelope
    assert (envelope.start.payment_method, envelope.start.payment_provider) == ("cod", None)
    assert envelope.payment is None


def test_what_the_channel_refunded_itself_is_told_with_the_cancellation() -> None:
    move = {"kind": "refund", "status": "success", "amount": "25.50", "currency": "USD"}
    failed = move | {"status": "failure"}
    body = shopify_order(
        financial_status="refunded", cancel_reason="fraud", refunds=[{"transactions": [move, failed]}],
        cancelled_at="2030-01-02T12:00:00-05:00",
    )  # fmt: skip
    envelope = read(body, "orders/cancelled").envelope
    assert (envelope.cancelled.refunded, envelope.cancelled.reason) == (2_550, "fraud")
    assert envelope.payment.amount == 2_550


def test_the_real_cancelled_sample_tells_its_refund_though_it_cannot_be_an_order() -> None:
    translation = read(shopify_sample("orders_cancelled"), "orders/cancelled")
    assert {fault.field for fault in translation.faults} == {"line_items.0.sku", "line_items.1.sku"}
    assert translation.envelope.cancelled.refunded == 180_638


def test_an_order_paid_in_part_tells_what_has_come_and_paid_in_full_the_sum() -> None:
    def told(**changes: Any) -> Any:
        body = json.dumps(shopify_order(id=42, **changes)).encode()
        headers = {"x-shopify-topic": "orders/updated"}
        return Shopify().translate(Delivery(headers, body), Terms("ct_1", Policy())).envelope.payment

    part = told(financial_status="partially_paid", total_outstanding="15.50")
    full = told(financial_status="paid", total_outstanding="0.00")
    assert (part.amount, part.so_far, full.so_far) == (1_000, 1_000, 2_550)
    assert part.event_id != full.event_id
    assert told(financial_status="partially_paid") is None
