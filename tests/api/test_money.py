"""Money over HTTP: refunds with four eyes, the ledger, transfers booked by finance (R3, R16)."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import httpx

from tests.api.caller import Caller, an_order, order_no, paid, stripe_event

LARGE = {"lines__0__quantity": 30, "lines__0__discount": 0, "total": 602_900}


async def paid_order(shop: Caller, bank: httpx.AsyncClient, status: str = "picking", **changes: Any) -> str:
    order = an_order(**changes)
    order["payment"]["reference"] = reference = f"pi_{uuid4().hex[:20]}"
    intent = {"amount": order["total"], "order_no": order_no(order), "id": reference}
    (await bank.post("/control/stripe/payment_intents", json=intent)).raise_for_status()
    (await bank.post(f"/control/stripe/payment_intents/{reference}/pay", json={"times": 0})).raise_for_status()
    await shop.place(order)
    await shop.stripe(paid(order_no(order), order["total"], order["payment"]["reference"]))
    await shop.until(order_no(order), status)
    return order_no(order)


async def ledger(shop: Caller, number: str, role: str = "finance") -> dict[str, Any]:
    shown: dict[str, Any] = (await shop.get(f"/v1/orders/{number}/payments", role)).json()
    return shown


async def settled(shop: Caller, number: str, refunded: int) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for _ in range(300):
        shown = await ledger(shop, number)
        if (shown["refunded"], shown["refunding"]) == (refunded, 0):
            return shown
        await asyncio.sleep(0.05)
    raise AssertionError(f"never refunded: {shown}")


def refund(
    shop: Caller, number: str, body: dict[str, Any], role: str = "customer_service", key: str | None = None
) -> Any:
    return shop.post(f"/v1/orders/{number}/refunds", {"reason": "broken", **body}, role, key=key)


async def test_a_line_is_refunded_once_and_the_ledger_shows_every_movement(
    shop: Caller, outside: httpx.AsyncClient
) -> None:
    number = await paid_order(shop, outside)
    wish = {"lines": [{"sku": "TEA", "quantity": 1}]}
    first, again = [await refund(shop, number, wish, key="r-1") for _ in range(2)]
    assert first.status_code == 200, first.text
    assert first.text == again.text
    shown = await settled(shop, number, first.json()["refunds"][0]["amount"])
    assert [entry["kind"] for entry in shown["entries"]] == ["captured", "refund_ordered", "refunded"]
    assert shown["entries"][2]["refund_reference"].startswith("re_")
    assert shown["refunds"][0]["lines"] == [[1, 1]]
    too_many = await refund(shop, number, {"lines": [{"sku": "TEA", "quantity": 2}]})
    assert (too_many.status_code, too_many.json()["type"].rsplit(":", 1)[1]) == (409, "more-than-left")
    acts = (await shop.get(f"/v1/orders/{number}/timeline")).json()["items"]
    assert {"已申請退款", "已退款"} <= {act["text_zh"] for act in acts}


async def test_a_large_refund_is_listed_until_a_second_person_approves(
    shop: Caller, outside: httpx.AsyncClient
) -> None:
    number = await paid_order(shop, outside, "manual_review", **LARGE)
    asked = await shop.post(
        f"/v1/orders/{number}/refunds", {"whole": True, "reason": "late"}, "operations", subject="operations-1"
    )
    [waiting] = asked.json()["refunds"]
    assert (waiting["state"], asked.json()["refunding"]) == ("waiting", 0)
    listed = (await shop.get("/v1/refunds", "finance", state="waiting")).json()["items"]
    assert [one["refund_id"] for one in listed] == [waiting["refund_id"]]
    path = f"/v1/orders/{number}/refunds/{waiting['refund_id']}/approve"
    own = await shop.post(path, {}, "operations", subject="operations-1")
    assert (own.status_code, own.json()["type"].rsplit(":", 1)[1]) == (403, "same-person")
    assert (await shop.post(path, {}, "customer_service")).status_code == 403
    approved = await shop.post(path, {}, "finance", subject="finance-1")
    assert approved.status_code == 200, approved.text
    shown = await settled(shop, number, 602_900)
    assert shown["refunds"][0]["decided_by"] == "finance-1"
    assert (await shop.get("/v1/refunds", "finance", state="waiting")).json()["items"] == []
    again = await shop.post(path, {}, "finance", subject="finance-1")
    assert (again.status_code, again.json()["type"].rsplit(":", 1)[1]) == (409, "not-waiting-for-this")


async def test_one_thing_must_be_asked_for_and_whole_goes_with_nothing_else(api: Caller) -> None:
    bodies: tuple[dict[str, Any], ...] = ({}, {"whole": True, "amount": 5})
    for body in bodies:
        answer = await refund(api, "site-1", body)
        assert [fault["field"] for fault in answer.json()["faults"]] == ["whole"]
    wrong = await refund(api, "site-1", {"amount": 0, "lines": [{"sku": "", "quantity": 0}]})
    assert {fault["field"] for fault in wrong.json()["faults"]} == {"amount", "lines.0.sku", "lines.0.quantity"}


async def test_who_may_not_see_or_move_money_is_refused(api: Caller) -> None:
    assert (await api.get("/v1/orders/site-1/payments", "warehouse")).status_code == 403
    assert (await api.get("/v1/refunds", "sales")).status_code == 403
    assert (await refund(api, "site-1", {"amount": 5}, "reviewer")).status_code == 403
    assert (await transfer(api, "site-1", role="customer_service")).status_code == 403
    assert (await api.get("/v1/orders/site-1/payments", "finance")).status_code == 404


def transfer(shop: Caller, number: str, role: str = "finance", **changes: Any) -> Any:
    body = {"amount": 45_600, "currency": "CNY", "reference": "ICBC-0042", "received_at": "2030-01-02T20:00:00+08:00"}
    return shop.post(f"/v1/orders/{number}/payments", {**body, **changes}, role)


async def test_a_bank_transfer_pays_one_order_once_and_goes_back_by_hand(shop: Caller) -> None:
    order = an_order(payment={"method": "online", "provider": "bank_transfer"})
    await shop.place(order)
    number = order_no(order)
    first, again = [await transfer(shop, number) for _ in range(2)]
    assert (first.status_code, first.json()["booked_before"]) == (202, False)
    assert again.json()["booked_before"]
    await shop.until(number, "picking")
    [entry] = (await ledger(shop, number))["entries"]
    assert (entry["provider"], entry["reference"], entry["amount"]) == ("bank_transfer", "ICBC-0042", 45_600)
    acts = (await shop.get(f"/v1/orders/{number}/timeline")).json()["items"]
    assert next(act["role"] for act in acts if act["act"] == "payment_captured") == "finance"
    other = await shop.placed()
    taken = await transfer(shop, other)
    assert (taken.status_code, taken.json()["type"].rsplit(":", 1)[1]) == (409, "transfer-booked")
    assert (await refund(shop, number, {"amount": 100})).status_code == 200
    assert len(await cases_of(shop, number)) == 1


async def test_stripes_notices_of_our_refunds_are_no_news_and_those_of_others_are_booked_once(
    shop: Caller, outside: httpx.AsyncClient
) -> None:
    number = await paid_order(shop, outside)
    for amount in (1_000, 700):
        await refund(shop, number, {"amount": amount})
    shown = await settled(shop, number, 1_700)
    reference = shown["entries"][0]["reference"]
    ours = [entry["refund_reference"] for entry in shown["entries"] if entry["kind"] == "refunded"]
    assert len(ours) == 2
    singles = [
        stripe_event("refund.created", a_stripe_refund(one, amount, reference))
        for one, amount in zip([*ours, "re_by_hand"], (1_000, 700, 50), strict=True)
    ]
    sums = [
        stripe_event("charge.refunded", a_charge(so_far, reference), previous_attributes={"amount_refunded": before})
        for before, so_far in ((1_700, 1_750), (1_000, 1_700), (0, 1_000))
    ]
    failed = stripe_event("refund.updated", a_stripe_refund("re_failed", 9, reference) | {"status": "failed"})
    for event in (*singles, failed, *sums, *singles):
        assert (await shop.stripe(event)).status_code == 200
    await settled(shop, number, 1_750)
    await shop.app.state.house.errands.finish()
    assert (await ledger(shop, number))["refunded"] == 1_750


async def test_a_refund_that_stripe_takes_back_later_is_owed_again_and_finance_have_a_case(
    shop: Caller, outside: httpx.AsyncClient
) -> None:
    number = await paid_order(shop, outside)
    await refund(shop, number, {"amount": 1_000})
    shown = await settled(shop, number, 1_000)
    [ours] = [entry for entry in shown["entries"] if entry["kind"] == "refunded"]
    back = a_stripe_refund(ours["refund_reference"], 1_000, ours["reference"])
    back |= {"status": "failed", "failure_reason": "expired_or_canceled_card"}
    for kind in ("refund.updated", "refund.failed"):
        assert (await shop.stripe(stripe_event(kind, back))).status_code == 200
    await settled(shop, number, 0)
    [case] = await cases_of(shop, number)
    assert "expired_or_canceled_card" in case["reason"]
    kinds = [entry["kind"] for entry in (await ledger(shop, number))["entries"]]
    assert kinds.count("refund_failed") == 1


async def cases_of(shop: Caller, number: str) -> list[dict[str, Any]]:
    """The order's payment problems, as soon as there is one."""
    cases: list[dict[str, Any]] = []
    for _ in range(200):
        if cases := (await shop.get("/v1/cases", "finance", kind="payment_problem")).json()["items"]:
            break
        await asyncio.sleep(0.05)
    return [case for case in cases if case["order_no"] == number]


def a_stripe_refund(refund_id: str, amount: int, reference: str) -> dict[str, Any]:
    return {
        "id": refund_id,
        "object": "refund",
        "amount": amount,
        "currency": "cny",
        "payment_intent": reference,
        "status": "succeeded",
        "metadata": {},
    }


def a_charge(refunded: int, reference: str) -> dict[str, Any]:
    return {
        "id": "ch_1",
        "object": "charge",
        "amount_refunded": refunded,
        "currency": "cny",
        "payment_intent": reference,
        "metadata": {},
    }


async def test_finance_reads_the_movements_of_all_orders_by_kind_and_time(
    shop: Caller, outside: httpx.AsyncClient
) -> None:
    first, second = await paid_order(shop, outside), await paid_order(shop, outside)
    page = (await shop.get("/v1/ledger", "finance", kind="captured", limit=1)).json()
    rest = (await shop.get("/v1/ledger", "finance", kind="captured", cursor=page["next_cursor"])).json()
    assert [row["order_no"] for row in page["items"] + rest["items"]] == [second, first]
    assert (rest["items"][0]["amount"], rest["items"][0]["provider"]) == (45_600, "stripe")
    seen = {"since": page["items"][0]["at"], "until": "2100-01-01T00:00:00Z"}
    within = (await shop.get("/v1/ledger", "finance", kind="captured", **seen)).json()["items"]
    assert second in [row["order_no"] for row in within]
    before = {"until": "2001-01-01T00:00:00Z"}
    assert (await shop.get("/v1/ledger", "finance", **before)).json()["items"] == []
    assert (await shop.get("/v1/ledger", "finance", kind="refunded")).json()["items"] == []
    assert (await shop.get("/v1/ledger", "finance", kind="stolen")).status_code == 422
