"""Stripe: the exact request, and what its answers mean."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from gateways.errors import Refused, Unavailable
from gateways.payment_providers import payment_provider
from gateways.payments import ClosedPayment, PaymentState, ProviderAccess, Refunded
from gateways.stripe import StripePayments
from tests.gateways.conftest import Outside
from tests.gateways.wire import Wire, says

ACCESS = ProviderAccess("https://api.stripe.example/", "sk_test_1")


def intent(status: str = "succeeded", **more: Any) -> dict[str, Any]:
    received = 12800 if status == "succeeded" else 0
    return {"id": "pi_1", "status": status, "amount_received": received, "currency": "cny"} | more


def refusal(code: str, kind: str = "invalid_request_error", status: int = 400) -> httpx.Response:
    return says(status, {"error": {"type": kind, "code": code, "message": "words nobody reads"}})


async def test_refund_is_one_form_with_amount_key_and_version() -> None:
    wire = Wire(says(body={"id": "re_1", "amount": 500, "status": "succeeded"}))
    done = await StripePayments(wire.client, ACCESS).refund("pi_1", 500, currency="CNY", key="OF-1:refund:1")
    assert done == Refunded("re_1", 500)
    assert (wire.last.method, str(wire.last.url)) == ("POST", "https://api.stripe.example/v1/refunds")
    assert wire.last.content == b"payment_intent=pi_1&amount=500"
    headers = wire.last.headers
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert headers["Authorization"] == "Bearer sk_test_1"
    assert headers["Idempotency-Key"] == "OF-1:refund:1"
    assert headers["Stripe-Version"] == "2024-06-20"


async def test_cancel_names_the_intent_in_the_path() -> None:
    wire = Wire(says(body=intent("canceled")))
    closed = await StripePayments(wire.client, ACCESS).close("pi_1/x", key="OF-1:close")
    assert closed == ClosedPayment("closed", 0, "CNY")
    assert wire.last.url.raw_path == b"/v1/payment_intents/pi_1%2Fx/cancel"
    assert wire.last.content == b"cancellation_reason=abandoned"


async def test_a_payment_that_was_faster_is_answered_as_captured() -> None:
    wire = Wire(refusal("payment_intent_unexpected_state"), says(body=intent()))
    closed = await StripePayments(wire.client, ACCESS).close("pi_1", key="k")
    assert closed == ClosedPayment("captured", 12800, "CNY")
    assert (wire.last.method, wire.last.url.query) == ("GET", b"expand%5B%5D=latest_charge")


async def test_closing_twice_is_closed() -> None:
    wire = Wire(refusal("payment_intent_unexpected_state"), says(body=intent("canceled")))
    assert (await StripePayments(wire.client, ACCESS).close("pi_1", key="k")).state == "closed"


async def test_a_payment_in_processing_is_neither_closed_nor_captured_yet() -> None:
    wire = Wire(refusal("payment_intent_unexpected_state"), says(body=intent("processing")))
    with pytest.raises(Unavailable, match="payment_still_processing"):
        await StripePayments(wire.client, ACCESS).close("pi_1", key="k")


async def test_another_refusal_to_cancel_is_not_taken_for_closed() -> None:
    wire = Wire(refusal("resource_missing", status=404))
    with pytest.raises(Refused, match="resource_missing"):
        await StripePayments(wire.client, ACCESS).close("pi_1", key="k")
    assert len(wire.asked) == 1


async def test_our_own_first_attempt_still_running_is_worth_asking_again() -> None:
    wire = Wire(refusal("idempotency_key_in_use", kind="idempotency_error", status=409))
    with pytest.raises(Unavailable):
        await StripePayments(wire.client, ACCESS).refund("pi_1", 1, currency="CNY", key="k")


async def test_a_refund_that_failed_is_not_reported_as_done() -> None:
    wire = Wire(says(body={"id": "re_1", "amount": 500, "status": "failed"}))
    with pytest.raises(Refused, match="refund_failed"):
        await StripePayments(wire.client, ACCESS).refund("pi_1", 500, currency="CNY", key="k")


async def test_an_answer_without_its_fields_is_unreadable() -> None:
    for answer in ({}, {"id": "pi_1", "status": "succeeded", "currency": "cny"}):
        with pytest.raises(Unavailable, match="unreadable_answer"):
            await StripePayments(Wire(says(body=answer)).client, ACCESS).find("pi_1")


def test_the_secret_does_not_show() -> None:
    assert "sk_test_1" not in repr(ACCESS)


def test_an_unknown_provider_is_refused() -> None:
    with pytest.raises(Refused, match="unknown_provider"):
        payment_provider("barter", httpx.AsyncClient(), ACCESS)


async def _paid(outside: Outside, amount: int = 12800) -> str:
    made = (await outside.control("/stripe/payment_intents", {"amount": amount, "order_no": "OF-1"})).json()
    await outside.control(f"/stripe/payment_intents/{made['id']}/pay")
    return str(made["id"])


async def test_partial_refunds_add_up_and_never_exceed_the_capture(
    outside: Outside, stripe_access: ProviderAccess
) -> None:
    bank, reference = payment_provider("stripe", outside.client, stripe_access), await _paid(outside)
    await bank.refund(reference, 2800, currency="CNY", key="r1")
    with pytest.raises(Refused, match="amount_too_large"):
        await bank.refund(reference, 10001, currency="CNY", key="r2")
    await bank.refund(reference, 10000, currency="CNY", key="r3")
    with pytest.raises(Refused, match="charge_already_refunded"):
        await bank.refund(reference, 1, currency="CNY", key="r4")
    assert await bank.find(reference) == PaymentState(reference, "captured", 12800, 12800, "CNY")


async def test_the_same_key_refunds_once(outside: Outside, stripe_access: ProviderAccess) -> None:
    bank, reference = StripePayments(outside.client, stripe_access), await _paid(outside)
    first = await bank.refund(reference, 100, currency="CNY", key="same")
    assert await bank.refund(reference, 100, currency="CNY", key="same") == first
    assert (await bank.find(reference)).refunded_minor == 100


async def test_the_same_key_for_another_amount_is_refused(outside: Outside, stripe_access: ProviderAccess) -> None:
    bank, reference = StripePayments(outside.client, stripe_access), await _paid(outside)
    await bank.refund(reference, 100, currency="CNY", key="same")
    with pytest.raises(Refused, match="idempotency_error"):
        await bank.refund(reference, 200, currency="CNY", key="same")
    assert (await bank.find(reference)).refunded_minor == 100


async def test_closing_an_unpaid_payment_means_it_cannot_be_paid(
    outside: Outside, stripe_access: ProviderAccess
) -> None:
    bank = StripePayments(outside.client, stripe_access)
    made = (await outside.control("/stripe/payment_intents", {"amount": 1, "order_no": "OF-1"})).json()
    assert (await bank.close(made["id"], key="c")).state == "closed"
    late = await outside.control(f"/stripe/payment_intents/{made['id']}/pay")
    assert late.json()["error"]["code"] == "payment_intent_unexpected_state"
    assert (await bank.find(made["id"])).state == "closed"
    assert outside.shop.received == []


async def test_closing_a_paid_payment_says_what_was_captured(outside: Outside, stripe_access: ProviderAccess) -> None:
    bank, reference = StripePayments(outside.client, stripe_access), await _paid(outside)
    assert await bank.close(reference, key="c") == ClosedPayment("captured", 12800, "CNY")


async def test_a_wrong_api_key_is_refused(outside: Outside) -> None:
    bank = StripePayments(outside.client, ProviderAccess("http://outside/stripe", "sk_wrong"))
    with pytest.raises(Refused) as caught:
        await bank.find("pi_1")
    assert caught.value.status == 401
