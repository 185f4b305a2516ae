"""Returns over HTTP: applied for, refused, decided, inspected, exchanged (R16)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api.caller import Caller
from tests.api.test_cases import act, slug

ONE = {"lines": [{"line_no": 1, "quantity": 1}], "reason": "wrong_size", "wish": "exchange"}


async def signed(shop: Caller, ago: timedelta = timedelta(days=1)) -> str:
    """An order whose rows say that its parcel was signed for; its workflow is still where it was."""
    number = await shop.placed()
    when = datetime.now(UTC) - ago
    async with shop.pool.connection() as conn:
        await conn.execute("UPDATE orders SET status = 'signed' WHERE order_no = %s", [number])
        await conn.execute(
            "INSERT INTO parcels (parcel_no, order_no, warehouse, state, weight_g, value_minor, insured, signed_at)"
            " VALUES (%s, %s, 'SZ', 'signed', 1, 1, false, %s)",
            [f"{number}-P1", number, when],
        )
    return number


async def applied(shop: Caller, number: str, **changes: Any) -> dict[str, Any]:
    answer = await shop.post(f"/v1/orders/{number}/returns", ONE | changes, "integrator")
    assert answer.status_code == 201, answer.text
    case: dict[str, Any] = answer.json()
    return case


async def test_an_exchange_from_the_buyers_channel_to_the_linked_order(shop: Caller) -> None:
    number = await signed(shop)
    case = await applied(shop, number, note="too small, says 王測試")
    assert (case["kind_zh"], case["goods"]["reason_zh"], case["goods"]["findings"]) == ("退換貨", "尺寸不合", [])
    assert (case["waits_for"]["zh"], case["goods"]["liable"]) == ("審核退換申請", "buyer")
    decided = (await act(shop, case, "decision", accept=True)).json()
    assert decided["goods"]["rma_no"] == f"RMA-{case['case_no']}"
    assert [clock["deadline"] for clock in decided["deadlines"]] == ["T20"]
    received = await act(shop, case, "receipt", "warehouse", warehouse="SZ")
    assert received.json()["goods"]["state"] == "received", received.text
    graded = [{"line_no": 1, "quantity": 1, "grade": "second"}]
    inspected = await act(shop, case, "inspection", "warehouse", passed=True, lines=graded)
    assert inspected.status_code == 200, inspected.text
    sent = await shop.eventually(lambda: shop.get(f"/v1/orders/{number}-R1"))
    assert (sent.json()["replaces"], sent.json()["money"]["total"], sent.json()["for_case"]) == (
        number, 0, case["case_no"],
    )  # fmt: skip
    order = (await shop.get(f"/v1/orders/{number}")).json()
    assert [one["order_no"] for one in order["replacements"]] == [f"{number}-R1"]
    acts = {entry["act"] for entry in (await shop.get(f"/v1/orders/{number}/timeline")).json()["items"]}
    assert {"return_accepted", "return_received", "return_inspected", "case_replacement_ordered"} <= acts
    board = (await shop.get("/v1/deadlines")).json()["items"]
    assert "T8" in {row["deadline"] for row in board if row["subject"] == f"case:{case['case_no']}"}
    listed = (await shop.get(f"/v1/orders/{number}/returns")).json()["items"]
    assert [(one["state"], one["grades"][0]["grade"]) for one in listed] == [("passed", "second")]
    again = await shop.post(f"/v1/orders/{number}-R1/returns", ONE, "integrator")
    assert again.status_code == 422


async def test_asked_again_after_its_answer_got_lost_a_return_is_the_same_return(shop: Caller) -> None:
    number = await signed(shop)
    door, whole = f"/v1/orders/{number}/returns", ONE | {"lines": [{"line_no": 1, "quantity": 2}]}
    first = await shop.post(door, whole, "integrator", key="lost-answer")
    assert first.status_code == 201, first.text
    # As it stands when the worker died between the record and the answer.
    await shop.value("DELETE FROM idempotency_keys RETURNING 1")
    again = await shop.post(door, whole, "integrator", key="lost-answer")
    assert (again.status_code, again.json().get("case_no")) == (201, first.json()["case_no"]), again.text


async def test_what_cannot_be_is_refused_with_every_fault_and_nothing_is_kept(shop: Caller) -> None:
    number = await signed(shop)
    before = await shop.rows()
    lines = [{"line_no": 1, "quantity": 3}, {"line_no": 9, "quantity": 1}, {"line_no": 2, "quantity": 1}]
    refused = await shop.post(f"/v1/orders/{number}/returns", ONE | {"lines": lines, "note": "x"}, "customer_service")
    assert refused.status_code == 422
    assert [fault["field"] for fault in refused.json()["faults"]] == ["lines.0", "lines.1"]
    early = await shop.placed()
    kept = await shop.rows()
    unsigned = await shop.post(f"/v1/orders/{early}/returns", ONE, "customer_service")
    assert unsigned.json()["faults"][0]["field"] == "order_no"
    assert (await shop.post("/v1/orders/site-nobody/returns", ONE, "customer_service")).status_code == 404
    after = await shop.rows()
    assert after == kept
    assert after["returns"] == before["returns"] == 0
    assert after["notes"] == before["notes"]


async def test_what_the_rules_speak_against_is_shown_and_needs_a_reason(shop: Caller) -> None:
    number = await signed(shop, timedelta(days=8))
    case = await applied(shop, number, reason="no_reason", wish="refund")
    assert case["goods"]["findings"] == ["window_closed"]
    assert slug(await act(shop, case, "decision", accept=True)) == (422, "missing-reason")
    accepted = await act(shop, case, "decision", accept=True, reason="regular_customer")
    assert accepted.status_code == 200, accepted.text


DOORS = [("decision", "warehouse"), ("receipt", "customer_service"), ("inspection", "customer_service")]


@pytest.mark.parametrize(("door", "role"), DOORS)
async def test_each_post_does_its_own_part_of_a_return(api: Caller, door: str, role: str) -> None:
    assert slug(await api.post(f"/v1/cases/K-1/{door}", {}, role)) == (403, "not-allowed")


async def test_the_warehouse_reports_its_own_mistakes_and_sees_no_complaint(shop: Caller) -> None:
    order = await shop.placed()
    body = {"kind": "mistake", "reason": "wrong_box", "since": datetime.now(UTC).isoformat()}
    mistake = await shop.post(f"/v1/orders/{order}/cases", body, "warehouse")
    assert mistake.status_code == 201, mistake.text
    reported = await act(shop, mistake.json(), "stage", "warehouse", stage="report", reason="took_the_other_box")
    assert reported.json()["deadlines"] == []
    settle = {"settlement": "resolved", "reason": "x"}
    assert slug(await act(shop, mistake.json(), "settle", "warehouse", **settle)) == (403, "not-allowed")
    complaint = {"kind": "complaint", "reason": "x"}
    assert slug(await shop.post("/v1/cases", complaint, "warehouse")) == (403, "not-allowed")
    other = (await shop.post("/v1/cases", complaint, "customer_service")).json()
    assert (await shop.get(f"/v1/cases/{other['case_no']}", "warehouse")).status_code == 404
    evidence = {"what": "photo", "reference": "archive/1"}
    assert slug(await act(shop, other, "evidence", "warehouse", **evidence)) == (403, "not-allowed")
    seen = (await shop.get("/v1/cases", "warehouse")).json()["items"]
    assert [row["kind"] for row in seen] == ["mistake"]
