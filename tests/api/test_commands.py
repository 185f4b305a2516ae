"""Commands over HTTP: done, or refused with the reason, and never done twice (DESIGN, idea 2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import Client

from api import commanding
from tests.api.caller import Caller, an_order, order_no, paid, served

LARGE = {"lines__0__quantity": 30, "lines__0__discount": 0, "total": 602_900}
"""A first order so large that a person looks at it (R6)."""


async def in_review(shop: Caller) -> str:
    """An order that waits for a reviewer; its number."""
    order = an_order(**LARGE)
    await shop.place(order)
    await shop.stripe(paid(order_no(order), order["total"], order["payment"]["reference"]))
    await shop.until(order_no(order), "manual_review")
    return order_no(order)


def review(shop: Caller, number: str, decision: str, subject: str = "reviewer-1", **rest: Any) -> Any:
    """A reviewer's decision."""
    key = rest.pop("key", None)
    body = {"decision": decision, **rest}
    return shop.post(f"/v1/orders/{number}/review", body, "reviewer", subject=subject, key=key)


async def test_a_reviewer_claims_and_approves_and_the_timeline_says_so_in_both_languages(shop: Caller) -> None:
    number = await in_review(shop)
    waiting = (await shop.get(f"/v1/orders/{number}")).json()
    assert waiting["status"] == {"code": "manual_review", "zh": "待人工審核", "en": "manual review"}
    assert {clock["deadline"] for clock in waiting["waits"]["deadlines"]} == {"T2", "T3"}
    assert waiting["waits"]["until"] == min(clock["due_at"] for clock in waiting["waits"]["deadlines"])
    assert (await review(shop, number, "claim")).json()["claimed_by"] == "reviewer-1"
    approved = await review(shop, number, "approve", note="called: 王測試 wants it soon")
    assert approved.status_code == 200
    acts = (await shop.get(f"/v1/orders/{number}/timeline")).json()["items"]
    entry = next(act for act in acts if act["act"] == "approved")
    assert (entry["who"], entry["role"], entry["text_zh"]) == ("reviewer-1", "reviewer", "審核通過")
    assert entry["after"]["zh"] == "待配貨"
    assert entry["note_id"].startswith("nt_")
    assert "王測試" not in str(acts)
    assert await shop.value("SELECT count(*) FROM notes") == 1


async def test_every_refusal_has_its_status_and_leaves_nothing_behind(shop: Caller) -> None:
    number = await in_review(shop)
    await review(shop, number, "claim")
    before = await shop.rows()
    taken = await review(shop, number, "approve", "reviewer-2", note="me too")
    assert (taken.status_code, taken.json()["type"].rsplit(":", 1)[1]) == (409, "already-claimed")
    silent = await review(shop, number, "reject")
    assert (silent.status_code, silent.json()["faults"][0]["field"]) == (422, "reason")
    early = await shop.post(f"/v1/orders/{number}/retry-stock", {}, "operations")
    assert (early.status_code, early.json()["type"].rsplit(":", 1)[1]) == (409, "not-waiting-for-this")
    wrong = {"deadline": "T9", "extend_by_seconds": 60, "reason": "x"}
    none_runs = await shop.post(f"/v1/orders/{number}/deadlines", wrong, "operations")
    assert (none_runs.status_code, none_runs.json()["type"].rsplit(":", 1)[1]) == (422, "nothing-to-extend")
    assert await shop.rows() == before


async def test_an_unknown_order_is_not_found_and_an_ended_one_is_a_conflict(shop: Caller, temporal: Client) -> None:
    for path, body in (("cancel", {"reason": "x"}), ("address", place()), ("hold", {"reason": "x", "note": "y"})):
        answer = await shop.post(f"/v1/orders/site-nobody/{path}", body)
        assert answer.status_code == 404, answer.text
    number = await shop.placed(payment={"method": "online"})
    assert (await shop.post(f"/v1/orders/{number}/cancel", {"reason": "buyer_asked"})).status_code == 200
    await temporal.get_workflow_handle(f"order-{number}").result()
    ended = await shop.post(f"/v1/orders/{number}/cancel", {"reason": "again"})
    assert (ended.status_code, ended.json()["type"].rsplit(":", 1)[1]) == (409, "order-ended")


def place(**changes: Any) -> dict[str, Any]:
    """A corrected address."""
    address = {"country": "CN", "region": "上海市", "city": "上海市", "street": "虛構路9號", "postcode": "200001"}
    return {"address": address, "reason": "buyer_called", **changes}


async def test_the_same_key_is_carried_out_once_and_another_body_under_it_is_refused(shop: Caller) -> None:
    number = await in_review(shop)
    first = await review(shop, number, "claim", key="claim-1")
    again = await review(shop, number, "claim", key="claim-1")
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.text == again.text
    other = await review(shop, number, "claim", "reviewer-2", key="claim-1")
    assert (other.status_code, other.json()["type"].rsplit(":", 1)[1]) == (422, "idempotency-key-reused")
    assert await shop.value("SELECT count(*) FROM audit_entries WHERE act = 'review_claimed'") == 1


async def test_the_idempotency_key_is_the_id_of_the_update(shop: Caller, temporal: Client) -> None:
    number = await in_review(shop)
    await review(shop, number, "claim", key="the-update-id")
    history = await temporal.get_workflow_handle(f"order-{number}").fetch_history()
    assert '"the-update-id"' in history.to_json()


async def test_an_address_is_corrected_in_the_vault_and_a_refusal_takes_it_back(shop: Caller, temporal: Client) -> None:
    number = await in_review(shop)
    corrected = await shop.post(f"/v1/orders/{number}/address", place(phone="13900139000", name="李測試"))
    assert corrected.status_code == 200, corrected.text
    assert corrected.json()["contact"] is None
    seen = (await shop.get(f"/v1/orders/{number}", "customer_service")).json()["contact"]
    assert seen == {"name": "李*", "phone": "139****9000", "city": "上海市"}
    history = (await temporal.get_workflow_handle(f"order-{number}").fetch_history()).to_json()
    assert "13900139000" not in history
    await review(shop, number, "reject", reason="fraud")
    await shop.until(number, "rejected")
    before = await shop.value("SELECT md5(c::text) FROM contacts c")
    late = await shop.post(f"/v1/orders/{number}/address", place(name="趙測試", note="too late"))
    assert late.status_code == 409
    assert await shop.value("SELECT md5(c::text) FROM contacts c") == before
    assert await shop.value("SELECT count(*) FROM notes") == 0


async def test_a_corrected_phone_is_checked_against_the_new_country(api: Caller) -> None:
    answer = await api.post("/v1/orders/site-1/address", place(phone="12", address={"country": "CN"}))
    assert {fault["field"] for fault in answer.json()["faults"]} == {"phone", "address.city", "address.street"}


async def test_hold_release_and_a_deadline_extended_are_on_record(shop: Caller) -> None:
    number = await in_review(shop)
    due = {c["deadline"]: c["due_at"] for c in (await shop.get(f"/v1/orders/{number}")).json()["waits"]["deadlines"]}
    held = await shop.post(f"/v1/orders/{number}/hold", {"reason": "power_cut"})
    assert held.json()["held"] == "power_cut"
    assert (await shop.post(f"/v1/orders/{number}/release", {"reason": "power_back"})).json()["held"] is None
    change = {"deadline": "T3", "extend_by_seconds": 3_600, "reason": "holiday"}
    extended = (await shop.post(f"/v1/orders/{number}/deadlines", change)).json()
    now_due = {clock["deadline"]: clock["due_at"] for clock in extended["waits"]["deadlines"]}
    assert now_due["T2"] == due["T2"]
    assert now_due["T3"] > due["T3"]
    waived = await shop.post(f"/v1/orders/{number}/deadlines", {**change, "extend_by_seconds": None})
    assert {clock["deadline"] for clock in waived.json()["waits"]["deadlines"]} == {"T2"}


async def test_posts_that_may_not_see_the_buyer_see_none(shop: Caller) -> None:
    number = await in_review(shop)
    shown = {
        role: (await shop.get(f"/v1/orders/{number}", role)).json()["contact"]
        for role in ("customer_service", "auditor", "sales", "finance", "integrator")
    }
    assert shown.pop("customer_service") == {"name": "王*", "phone": "138****8000", "city": "深圳市"}
    assert set(shown.values()) == {None}


async def test_without_a_worker_the_outcome_is_not_known_and_the_same_key_asks_again(
    settings: Any, temporal_address: str, pool: Any, temporal: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commanding, "UPDATE_TIMEOUT", timedelta(milliseconds=300))
    idle = settings.model_copy(update={"temporal_address": temporal_address})
    async with served(idle) as (app, client):
        caller = Caller(client, idle, pool, app)
        order = an_order()
        assert (await caller.place(order)).status_code == 202
        await app.state.house.errands.finish()
        for _ in range(2):
            answer = await caller.post(f"/v1/orders/{order_no(order)}/cancel", {"reason": "x"}, key="patience")
            assert answer.status_code == 202
            assert "same Idempotency-Key" in answer.json()["state"]
    assert (await temporal.get_workflow_handle(f"order-{order_no(order)}").describe()).status is not None


async def test_with_temporal_away_a_command_is_answered_503_and_nothing_is_kept(api: Caller) -> None:
    before = await api.rows()
    answer = await api.post("/v1/orders/site-1/cancel", {"reason": "x"})
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert await api.rows() == before
