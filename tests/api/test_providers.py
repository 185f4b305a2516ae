"""Stripe's and Kuaidi100's webhooks: signed, deduped, brought to the right order (R3, R13)."""

from __future__ import annotations

import time
from typing import Any

from temporalio.client import Client

from tests.api.caller import Caller, an_order, order_no, paid, stripe_event

ACCEPTED = {"result": True, "returnCode": "200", "message": "成功"}


def push(number: str, *events: dict[str, Any]) -> dict[str, Any]:
    """A trace, newest first, as Kuaidi100 pushes it."""
    return {"status": "polling", "lastResult": {"nu": number, "com": "shunfeng", "state": "0", "data": list(events)}}


def event(code: str, at: str, text: str) -> dict[str, Any]:
    """One event of a trace."""
    return {"time": at, "ftime": at, "context": text, "statusCode": code, "status": "", "areaName": ""}


async def test_a_payment_reaches_its_order_by_number_and_by_reference(shop: Caller) -> None:
    for named in (True, False):
        order = an_order()
        await shop.place(order)
        number, reference = order_no(order), order["payment"]["reference"]
        answer = await shop.stripe(paid(number if named else "", order["total"], reference))
        assert (answer.status_code, answer.json()) == (200, {"received": True})
        found = await _captured(shop, number)
        assert found["money"]["captured"] == order["total"]


async def _captured(shop: Caller, number: str) -> dict[str, Any]:
    order = await shop.until(number, "picking")
    assert order["money"]["status"]["zh"] == "已付款"
    return order


async def test_a_repeated_event_is_taken_in_once(api: Caller) -> None:
    told = paid("site-1", 100, "pi_1")
    for _ in range(3):
        assert (await api.stripe(told)).status_code == 200
    assert await api.value("SELECT count(*) FROM inbox") == 1


async def test_a_signature_that_is_wrong_old_or_from_the_future_is_refused(api: Caller) -> None:
    told, before = paid("site-1", 100, "pi_1"), await api.rows()
    answers = [
        await api.stripe(told, secret="whsec_guessed"),
        await api.stripe(told, at=time.time() - 301),
        await api.stripe(told, at=time.time() + 330),
        await api.http.post("/v1/webhooks/payments/stripe", json=told),
        await api.http.post("/v1/webhooks/payments/stripe", json=told, headers={"Stripe-Signature": "t=,v1="}),
    ]
    assert [answer.status_code for answer in answers] == [401] * 5
    assert await api.rows() == before
    assert (await api.stripe(told, at=time.time() - 290)).status_code == 200


async def test_an_event_without_the_fields_it_needs_is_kept_as_refused(api: Caller) -> None:
    answer = await api.stripe(stripe_event("payment_intent.succeeded", {"id": "pi_1", "currency": "cny"}))
    assert answer.status_code == 422
    assert await api.value("SELECT state FROM inbox") == "refused"


async def test_an_event_of_another_kind_is_acknowledged_and_forgotten(api: Caller) -> None:
    assert (await api.stripe(stripe_event("customer.created", {"id": "cus_1"}))).status_code == 200
    assert await api.value("SELECT count(*) FROM inbox") == 0


async def test_money_for_an_order_that_has_ended_goes_to_a_workflow_of_its_own(shop: Caller, temporal: Client) -> None:
    order = an_order(payment={"method": "online"})
    await shop.place(order)
    number = order_no(order)
    cancelled = await shop.post(f"/v1/orders/{number}/cancel", {"reason": "buyer_asked"}, "customer_service")
    assert cancelled.status_code == 200
    await temporal.get_workflow_handle(f"order-{number}").result()
    await shop.stripe(paid(number, order["total"], "pi_late", "evt_late"))
    await shop.app.state.house.errands.finish()
    described = await temporal.get_workflow_handle(f"late-money-{number}-evt_late").describe()
    assert described.workflow_type == "LateMoneyWorkflow"
    assert await shop.value("SELECT state FROM inbox WHERE topic = 'payment_intent.succeeded'") == "forwarded"


async def test_money_for_an_order_nobody_knows_stays_in_the_inbox(shop: Caller) -> None:
    await shop.stripe(paid("site-unheard-of", 100, "pi_unheard_of"))
    await shop.app.state.house.errands.finish()
    assert await shop.value("SELECT state FROM inbox") == "received"
    assert await shop.value("SELECT last_error FROM inbox") == "NobodyYet"


async def test_a_trace_moves_the_parcel_and_its_text_stays_sealed(shop: Caller, temporal: Client) -> None:
    number, tracking = await booked_parcel(shop)
    picked = event("1", "2030-01-03 10:00:00", "快遞員張虛構 13900139000 已攬收")
    signed = event("301", "2030-01-03 12:00:00", "本人簽收")
    answer = await shop.kuaidi100(push(tracking, picked))
    assert answer.json() == ACCEPTED
    await shop.until(number, "shipped")
    assert (await shop.kuaidi100(push(tracking, signed, picked))).json() == ACCEPTED
    assert (await shop.kuaidi100(push(tracking, signed, picked))).json() == ACCEPTED
    await shop.until(number, "signed")
    await shop.app.state.house.errands.finish()
    stored = await shop.value("SELECT string_agg(e::text, ' ') FROM tracking_events e")
    assert await shop.value("SELECT count(*) FROM tracking_events WHERE text_sealed IS NOT NULL") == 2
    assert "13900139000" not in stored
    assert b"13900139000".hex() not in stored
    history = await temporal.get_workflow_handle(f"order-{number}").fetch_history()
    assert "13900139000" not in history.to_json()
    assert await shop.value("SELECT at FROM tracking_events WHERE code = '1'") is not None


async def booked_parcel(shop: Caller) -> tuple[str, str]:
    """An order with one booked parcel: its number and the tracking number."""
    order = an_order()
    await shop.place(order)
    number = order_no(order)
    await shop.stripe(paid(number, order["total"], order["payment"]["reference"]))
    await shop.until(number, "picking")
    await pick_and_pack(shop, number)
    await shop.until(number, "packed")
    label = f"/v1/parcels/{number}-P1/label.pdf"
    await shop.eventually(lambda: shop.get(label, "warehouse"))
    return number, str(await shop.value("SELECT tracking_no FROM parcels WHERE order_no = %s", number))


async def pick_and_pack(shop: Caller, number: str) -> dict[str, Any]:
    """Work the order's one pick task as two persons would; the task afterwards."""
    [task] = (await shop.get("/v1/pick-tasks", "warehouse", order_no=number)).json()["items"]
    path = f"/v1/pick-tasks/{task['task_no']}"
    for line in task["lines"]:
        for _ in range(line["quantity"]):
            scan = {"bin": line["bin"], "barcode": line["barcode"]}
            answer = await shop.post(f"{path}/scans", scan, "warehouse", subject="picker-1")
            assert answer.json()["verdict"] == "right", answer.text
    barcodes = [line["barcode"] for line in task["lines"] for _ in range(line["quantity"])]
    body = {"packaging": "standard", "barcodes": barcodes, "weight_g": 900}
    answer = await shop.post(f"{path}/recheck", body, "warehouse", subject="checker-2")
    assert answer.status_code == 200, answer.text
    packed: dict[str, Any] = answer.json()
    return packed


async def test_a_push_with_a_wrong_sign_is_refused_and_nothing_is_stored(api: Caller) -> None:
    before = await api.rows()
    told = push("SF1", event("1", "2030-01-03 10:00:00", "picked up"))
    assert (await api.kuaidi100(told, salt="guessed")).status_code == 401
    assert (await api.http.post("/v1/webhooks/carriers/kuaidi100", content=b"\xff")).status_code == 401
    assert await api.rows() == before


async def test_a_push_without_readable_events_is_kept_or_acknowledged(api: Caller) -> None:
    assert (await api.kuaidi100(push("SF1"))).json() == ACCEPTED
    assert await api.value("SELECT count(*) FROM inbox") == 0
    assert (await api.kuaidi100(push("SF1", event("1", "soon", "?")))).status_code == 422
    assert (await api.kuaidi100("not json")).status_code == 422
    assert await api.value("SELECT count(*) FROM inbox WHERE state = 'refused'") == 2


async def test_nobody_else_sends_us_messages(api: Caller) -> None:
    for kind in ("channels", "payments", "carriers"):
        assert (await api.http.post(f"/v1/webhooks/{kind}/nobody", json={})).status_code == 404
