"""What the simulated Stripe sends, checked with Stripe's own library."""

from __future__ import annotations

import json

import httpx
import pytest
import stripe

from tests.simulators.conftest import Running
from tests.simulators.shop import SECRETS, Shop


def event(request: httpx.Request, secret: str = SECRETS["stripe_webhook_secret"]) -> stripe.Event:
    return stripe.Webhook.construct_event(request.content, request.headers["Stripe-Signature"], secret)  # type: ignore[no-any-return, no-untyped-call, unused-ignore]


async def _created(outside: Running, amount: int = 12800) -> str:
    made = await outside.control("/stripe/payment_intents", {"amount": amount, "order_no": "OF-1"})
    return str(made["id"])


async def test_a_payment_is_announced_with_a_signature_stripes_library_accepts(outside: Running, shop: Shop) -> None:
    reference = await _created(outside)
    await outside.control(f"/stripe/payment_intents/{reference}/pay")
    await outside.world.postman.settled()
    [sent] = shop.received
    assert str(sent.url) == "http://shop/v1/webhooks/payments/stripe"
    told = event(sent)
    assert told.type == "payment_intent.succeeded"
    intent = told.data.object
    assert (intent["id"], intent["amount_received"], intent["currency"]) == (reference, 12800, "cny")
    assert intent["metadata"]["order_no"] == "OF-1"


async def test_the_signature_depends_on_the_secret(outside: Running, shop: Shop) -> None:
    await outside.control(f"/stripe/payment_intents/{await _created(outside)}/pay")
    await outside.world.postman.settled()
    with pytest.raises(stripe.SignatureVerificationError):
        event(shop.received[0], "whsec_other")


async def test_a_refund_can_come_back_days_later(outside: Running, shop: Shop) -> None:
    reference = await _created(outside)
    await outside.control(f"/stripe/payment_intents/{reference}/pay", {"times": 0})
    form = {"payment_intent": reference, "amount": "300"}
    refund = (await outside.client.post(f"{outside.base}/stripe/v1/refunds", data=form, headers=_key())).json()
    failed = await outside.control(f"/stripe/refunds/{refund['id']}/fail")
    assert (failed["status"], failed["failure_reason"]) == ("failed", "lost_or_stolen_card")
    await outside.world.postman.settled()
    told = {event(sent).type: event(sent).data.object for sent in shop.received}
    assert told["refund.failed"]["id"] == refund["id"]
    [intent] = await outside.get("/control/stripe/payment_intents")
    assert [(one["id"], one["status"]) for one in intent["refunds"]] == [(refund["id"], "failed")]
    form["amount"] = "12800"
    again = await outside.client.post(f"{outside.base}/stripe/v1/refunds", data=form, headers=_key())
    assert again.json()["amount"] == 12800, "what came back can be given back again"


async def test_a_payment_told_twice_is_one_event_twice(outside: Running, shop: Shop) -> None:
    await outside.control(f"/stripe/payment_intents/{await _created(outside)}/pay", {"times": 2})
    await outside.world.postman.settled()
    first, second = shop.received
    assert event(first).id == event(second).id


async def test_a_lost_payment_notice_can_come_late(outside: Running, shop: Shop) -> None:
    reference = await _created(outside)
    await outside.control(f"/stripe/payment_intents/{reference}/pay", {"times": 0})
    await outside.world.postman.settled()
    assert shop.received == []
    await outside.control(f"/stripe/payment_intents/{reference}/announce")
    await outside.world.postman.settled()
    assert event(shop.received[0]).type == "payment_intent.succeeded"


async def test_a_declined_card_leaves_the_payment_open(outside: Running, shop: Shop) -> None:
    reference = await _created(outside)
    declined = await outside.control(f"/stripe/payment_intents/{reference}/pay", {"outcome": "failed"})
    assert declined["status"] == "requires_payment_method"
    await outside.control(f"/stripe/payment_intents/{reference}/pay")
    await outside.world.postman.settled()
    kinds = {event(request).type for request in shop.received}
    assert kinds == {"payment_intent.payment_failed", "payment_intent.succeeded"}


async def test_our_own_refund_is_echoed(outside: Running, shop: Shop) -> None:
    reference = await _created(outside)
    await outside.control(f"/stripe/payment_intents/{reference}/pay", {"times": 0})
    form = {"payment_intent": reference, "amount": "300"}
    answer = await outside.client.post(f"{outside.base}/stripe/v1/refunds", data=form, headers=_key())
    assert answer.json()["amount"] == 300
    await outside.world.postman.settled()
    events = {told.type: told for told in map(event, shop.received)}
    assert set(events) == {"refund.created", "charge.refunded", "refund.updated"}
    assert events["refund.created"].data.object["id"] == answer.json()["id"]
    assert json.loads(str(events["charge.refunded"].data.previous_attributes)) == {"amount_refunded": 0}
    charge = events["charge.refunded"].data.object
    assert (charge["amount_refunded"], charge["refunded"], charge["payment_intent"]) == (300, False, reference)


async def test_stripes_own_library_can_pay_cancel_and_refund(outside: Running) -> None:
    bank = stripe.StripeClient(
        SECRETS["stripe_api_key"],
        base_addresses={"api": f"{outside.base}/stripe"},
        http_client=stripe.HTTPXClient(),
    )
    made = await bank.v1.payment_intents.create_async(
        {"amount": 500, "currency": "cny", "metadata": {"order_no": "OF-2"}}
    )
    assert made.metadata is not None
    assert made.metadata["order_no"] == "OF-2"
    await outside.control(f"/stripe/payment_intents/{made.id}/pay")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await bank.v1.payment_intents.cancel_async(made.id)
    assert refused.value.code == "payment_intent_unexpected_state"
    refund = await bank.v1.refunds.create_async({"payment_intent": made.id})
    assert refund.amount == 500


async def test_a_notice_that_is_not_accepted_comes_again(outside: Running, shop: Shop) -> None:
    shop.refuse_next = 3
    await outside.control(f"/stripe/payment_intents/{await _created(outside)}/pay")
    await outside.world.postman.settled()
    assert len(shop.received) == 4
    assert len({event(request).id for request in shop.received}) == 1
    assert await outside.get("/control/undelivered") == []


async def test_a_payment_with_a_chosen_id_is_created_once(outside: Running) -> None:
    chosen = {"amount": 1, "order_no": "OF-1", "id": "pi_demo_1"}
    await outside.control("/stripe/payment_intents", chosen)
    await outside.control("/stripe/payment_intents/pi_demo_1/pay")
    again = await outside.control("/stripe/payment_intents", chosen)
    assert again["status"] == "succeeded"
    assert len(await outside.get("/control/stripe/payment_intents")) == 1


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({}, "parameter_missing"),
        ({"payment_intent": "pi_none"}, "resource_missing"),
        ({"payment_intent": "pi_1", "amount": "1.5"}, "parameter_invalid_integer"),
    ],
)
async def test_a_wrong_request_is_refused_in_stripes_words(outside: Running, form: dict[str, str], code: str) -> None:
    answer = await outside.client.post(f"{outside.base}/stripe/v1/refunds", data=form, headers=_key())
    assert answer.status_code in (400, 404)
    assert answer.json()["error"]["code"] == code


def _key() -> dict[str, str]:
    return {"Authorization": f"Bearer {SECRETS['stripe_api_key']}"}
