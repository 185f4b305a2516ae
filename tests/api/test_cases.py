"""Cases over HTTP: opened, found in the inbox, worked on, refused (R17, R24, R26)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from temporalio.client import Client

from tests.api.caller import Caller

SERVICE = "customer_service"
SECRET_WORDS = "王測試 says the box was wet"


async def opened(shop: Caller, kind: str = "complaint", **rest: Any) -> dict[str, Any]:
    """A case that customer service opened, as the answer shows it."""
    key = rest.pop("key", None)
    answer = await shop.post("/v1/cases", {"kind": kind, "reason": "buyer_called", **rest}, SERVICE, key=key)
    assert answer.status_code == 201, answer.text
    case: dict[str, Any] = answer.json()
    return case


def act(shop: Caller, case: dict[str, Any], door: str, role: str = SERVICE, **body: Any) -> Any:
    """A command to a case."""
    key, subject = body.pop("key", None), body.pop("subject", None)
    return shop.post(f"/v1/cases/{case['case_no']}/{door}", body, role, key=key, subject=subject)


def slug(answer: httpx.Response) -> tuple[int, str]:
    """How a refusal is told."""
    return answer.status_code, answer.json()["type"].rsplit(":", 1)[1]


async def test_a_complaint_goes_from_the_inbox_to_its_close(shop: Caller) -> None:
    order = await shop.placed(payment={"method": "online"})
    body = {"kind": "complaint", "reason": "wet_box", "note": SECRET_WORDS}
    answer = await shop.post(f"/v1/orders/{order}/cases", body, SERVICE)
    assert answer.status_code == 201, answer.text
    case = answer.json()
    assert (case["kind_zh"], case["state"]["zh"], case["waits_for"]["zh"]) == ("客訴", "待領取", "答覆買家")
    assert [clock["deadline"] for clock in case["deadlines"]] == ["T10"]
    assert [stage["name"] for stage in case["stages"]] == ["answer"]
    assert (await act(shop, case, "claim")).json()["assignee"] == "customer_service-1"
    answered = await act(shop, case, "stage", stage="answer", note="we called")
    assert (answered.status_code, answered.json()["deadlines"], answered.json()["stages"]) == (200, [], [])
    settled = await act(shop, case, "settle", settlement="resolved", reason="apologised")
    assert settled.json()["state"]["zh"] == "已定案"
    closed = await act(shop, case, "close")
    assert (closed.json()["state"]["code"], closed.json()["settlement"]) == ("closed", "resolved")
    timeline = (await shop.get(f"/v1/cases/{case['case_no']}/timeline", "auditor")).json()["items"]
    assert [entry["text_zh"] for entry in timeline] == [
        "個案已建立",
        "已領取個案",
        "階段已完成",
        "個案已定案",
        "個案已結案",
    ]
    assert "王測試" not in str(timeline)
    of_order = (await shop.get(f"/v1/orders/{order}/timeline")).json()["items"]
    assert {entry["act"] for entry in of_order} >= {"case_opened", "case_closed"}
    assert (await shop.get(f"/v1/cases/{case['case_no']}")).json()["closed_at"] is not None


async def test_the_same_key_opens_one_case_and_no_text_reaches_temporal(shop: Caller, temporal: Client) -> None:
    first = await opened(shop, note=SECRET_WORDS, key="one-case")
    again = await opened(shop, note=SECRET_WORDS, key="one-case")
    assert first == again
    assert await shop.value("SELECT count(*) FROM cases") == 1
    history = (await temporal.get_workflow_handle(first["workflow_id"]).fetch_history()).to_json()
    assert "wet" not in history
    assert "王測試" not in history


async def test_the_inbox_shows_the_first_due_first_in_pages_and_by_filters(shop: Caller) -> None:
    cross = await opened(shop, "cross_department", participants=["warehouse"])
    ordinary = await opened(shop)
    major = await opened(shop, severity="major")
    seen, cursor = [], None
    for _ in range(3):
        query: dict[str, Any] = {"limit": 1} | ({"cursor": cursor} if cursor else {})
        page = (await shop.get("/v1/cases", **query)).json()
        seen += [row["case_no"] for row in page["items"]]
        cursor = page["next_cursor"]
    assert seen == [major["case_no"], cross["case_no"], ordinary["case_no"]]
    assert cursor is None
    found = (await shop.get("/v1/cases", department="operations")).json()["items"]
    assert [row["case_no"] for row in found] == [cross["case_no"]]
    board = (await shop.get("/v1/deadlines")).json()["items"]
    assert [(row["subject"], row["deadline"]) for row in board][:1] == [(f"case:{major['case_no']}", "T11")]
    await act(shop, ordinary, "claim", subject="customer_service-7")
    mine = (await shop.get("/v1/cases", assignee="customer_service-7", state="claimed", kind="complaint")).json()
    assert [row["case_no"] for row in mine["items"]] == [ordinary["case_no"]]


async def test_a_mistake_is_closed_with_cause_and_prevention_which_are_sealed(shop: Caller) -> None:
    order = await shop.placed(payment={"method": "online"})
    found = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
    case = await opened(shop, "mistake", order_no=order, since=found)
    await act(shop, case, "stage", stage="report", note="took the wrong box")
    await act(shop, case, "settle", settlement="resolved", reason="wrong_item")
    half = await act(shop, case, "close", cause="two boxes look alike")
    assert slug(half) == (422, "not-yet-complete")
    assert await shop.value("SELECT count(*) FROM notes") == 1, "a refused text is not kept"
    closed = await act(shop, case, "close", cause="two boxes look alike", prevention="other colours")
    assert closed.status_code == 200, closed.text
    assert closed.json()["cause_note_id"] != closed.json()["prevention_note_id"]
    assert await shop.value("SELECT count(*) FROM notes WHERE order_no = %s", order) == 3


async def test_every_refusal_has_its_status_and_leaves_nothing_behind(shop: Caller) -> None:
    case = await opened(shop)
    await act(shop, case, "claim")
    before = await shop.rows()
    other = {"subject": "customer_service-2", "note": "me too"}
    assert slug(await act(shop, case, "settle", settlement="resolved", reason="x", **other)) == (409, "already-claimed")
    assert slug(await act(shop, case, "settle", settlement="refund", reason="x")) == (422, "no-such-settlement")
    assert slug(await act(shop, case, "stage", stage="plan", reason="x")) == (422, "no-such-stage")
    assert slug(await act(shop, case, "stage", stage="answer")) == (422, "missing-reason")
    assert slug(await act(shop, case, "close")) == (409, "not-waiting-for-this")
    assert slug(await act(shop, case, "claim", "logistics")) == (403, "not-allowed")
    wrong = {"deadline": "T15", "extend_by_seconds": 60, "reason": "x"}
    assert slug(await act(shop, case, "deadlines", "operations", **wrong)) == (422, "nothing-to-extend")
    assert (await act(shop, {"case_no": "K-NONE"}, "claim")).status_code == 404
    assert (await shop.get("/v1/cases/K-NONE")).status_code == 404
    assert await shop.rows() == before


async def test_a_closed_case_is_a_conflict(shop: Caller, temporal: Client) -> None:
    case = await opened(shop)
    await act(shop, case, "stage", stage="answer", reason="called")
    await act(shop, case, "settle", settlement="unfounded", reason="x")
    await act(shop, case, "close")
    await temporal.get_workflow_handle(case["workflow_id"]).result()
    assert slug(await act(shop, case, "raise", reason="press")) == (409, "case-closed")


async def test_a_complaint_is_raised_its_clock_extended_and_the_departments_brought_together(shop: Caller) -> None:
    case = await opened(shop)
    raised = (await act(shop, case, "raise", reason="in_the_newspaper")).json()
    assert (raised["severity"], raised["escalated_to"]) == ("major", "operations")
    assert [clock["deadline"] for clock in raised["deadlines"]] == ["T11", "T12"]
    longer = {"deadline": "T11", "extend_by_seconds": 3_600, "reason": "typhoon"}
    extended = (await act(shop, case, "deadlines", "operations", **longer)).json()
    assert extended["deadlines"][0]["due_at"] > raised["deadlines"][0]["due_at"]
    met = await act(shop, case, "departments", participants=["warehouse", "finance"], reason="many_of_them")
    assert met.status_code == 200, met.text
    beside = await shop.eventually(lambda: shop.get(f"/v1/cases/{case['case_no']}-X"))
    assert (beside.json()["related"], beside.json()["participants"]) == (case["case_no"], ["warehouse", "finance"])
    noted = await act(shop, case, "evidence", "logistics", what="photo", reference="archive/1.jpg")
    assert [piece["what"] for piece in noted.json()["evidence"]] == ["photo"]
    given_back = await act(shop, case, "release")
    assert slug(given_back) == (409, "not-waiting-for-this")


FAULTY: list[tuple[dict[str, Any], set[str]]] = [
    ({}, {"kind", "reason"}),
    ({"kind": "theft", "reason": "x"}, {"kind"}),
    ({"kind": "shortage", "reason": "x"}, {"kind", "order_no"}),
    ({"kind": "parcel_exception", "reason": "x"}, {"subject", "order_no"}),
    ({"kind": "mistake", "reason": "x", "severity": "major"}, {"severity", "order_no"}),
    ({"kind": "complaint", "reason": "x", "since": "2030-01-01T00:00:00"}, {"since"}),
    ({"kind": "complaint", "reason": "x", "since": "2999-01-01T00:00:00+00:00"}, {"since"}),
    ({"kind": "cross_department", "reason": "x", "participants": ["garden"]}, {"participants.0"}),
]


@pytest.mark.parametrize(("body", "fields"), FAULTY)
async def test_a_faulty_case_is_refused_with_every_faulty_field_named(
    api: Caller, body: dict[str, Any], fields: set[str]
) -> None:
    before = await api.rows()
    answer = await api.post("/v1/cases", body, SERVICE)
    assert answer.status_code == 422
    assert {fault["field"] for fault in answer.json()["faults"]} == fields
    assert await api.rows() == before


async def test_a_case_of_an_unknown_order_or_a_foreign_parcel_is_not_opened(shop: Caller) -> None:
    nobody = await shop.post("/v1/orders/site-nobody/cases", {"kind": "complaint", "reason": "x"}, SERVICE)
    assert nobody.status_code == 404
    order = await shop.placed(payment={"method": "online"})
    body = {"kind": "parcel_exception", "subject": "site-other-P1", "reason": "x", "note": "y"}
    foreign = await shop.post(f"/v1/orders/{order}/cases", body, SERVICE)
    assert (foreign.status_code, foreign.json()["faults"][0]["field"]) == (422, "subject")
    assert await shop.value("SELECT count(*) FROM notes") == 0
    assert await shop.value("SELECT count(*) FROM cases") == 0


DOORS = ["claim", "release", "evidence", "stage", "raise", "settle", "close", "departments", "deadlines"]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("role", ["sales", "auditor", "integrator"])
async def test_whoever_may_not_work_on_cases_is_refused_at_every_door(api: Caller, door: str, role: str) -> None:
    before = await api.rows()
    assert slug(await api.post(f"/v1/cases/K-1/{door}", {}, role)) == (403, "not-allowed")
    assert slug(await api.post("/v1/cases", {}, role)) == (403, "not-allowed")
    assert await api.rows() == before


async def test_while_temporal_is_away_a_case_is_asked_for_again_and_nothing_is_half_stored(api: Caller) -> None:
    before = await api.rows()
    answer = await api.post("/v1/cases", {"kind": "complaint", "reason": "x", "note": "y"}, SERVICE)
    assert answer.status_code == 503
    assert await api.rows() == before
