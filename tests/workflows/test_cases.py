"""Cases that people open: claimed, timed, settled, closed (R15, R17, R24, R26)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.case_shapes import CaseKind, Settlement
from models import workflow_names as names
from models.cases import (
    ClaimCase,
    CloseCase,
    MeetStage,
    NoteEvidence,
    RaiseCase,
    SettleCase,
)
from tests.workflows.case_desk import CLOSE, LOGISTICS, MEET, SETTLE, CaseDesk
from tests.workflows.shop import OPERATIONS, SERVICE, Shop, order_no

SECOND = timedelta(seconds=1)


@pytest.fixture
def desk(shop: Shop) -> CaseDesk:
    """The desk of cases."""
    return CaseDesk(shop)


def settled(settlement: Settlement, **rest: object) -> SettleCase:
    """A settlement by customer service."""
    return SettleCase.model_validate({"by": SERVICE, "settlement": settlement, "reason": "agreed", **rest})


def met(stage: str) -> MeetStage:
    """A stage reached, with a few words."""
    return MeetStage(by=SERVICE, stage=stage, reason="done_so")


async def an_order(shop: Shop) -> str:
    """An order on record; its number."""
    return order_no(await shop.place())


# --- complaint (R17) -------------------------------------------------------------------


async def test_a_complaint_is_claimed_answered_settled_and_closed(desk: CaseDesk, shop: Shop) -> None:
    case = await desk.open(CaseKind.COMPLAINT, order_no=await an_order(shop))
    await desk.ask(case, names.CLAIM_CASE, ClaimCase(by=SERVICE))
    assert await desk.refused(case, SETTLE, settled(Settlement.RESHIP)) == "NoSuchSettlement"
    await desk.ask(case, SETTLE, settled(Settlement.RESOLVED))
    assert await desk.refused(case, CLOSE, CloseCase(by=SERVICE)) == "NotYetComplete", "an answer is still missing"
    assert await desk.states(case) == {"T10": "running"}
    await desk.ask(case, MEET, met("answer"))
    await desk.ask(case, CLOSE, CloseCase(by=SERVICE))
    assert await case.result() == "resolved"
    row = await desk.row(case)
    assert row is not None
    assert (row["state"], row["stage"], row["due_at"], row["assignee"]) == ("closed", "", None, "service-1")
    assert await desk.states(case) == {"T10": "met"}
    acts = ["case_opened", "case_claimed", "case_settled", "case_stage_met", "case_closed"]
    assert await desk.acts(case) == acts


async def test_a_complaint_that_is_raised_has_its_clocks_run_from_the_raising(desk: CaseDesk) -> None:
    case = await desk.open(CaseKind.COMPLAINT)
    await desk.shop.skipper.fast_forward(case, timedelta(hours=20))
    raised_at = await desk.now(case)
    await desk.ask(case, names.RAISE_CASE, RaiseCase(by=LOGISTICS, reason="in_the_newspaper"))
    assert await desk.states(case) == {"T10": "waived", "T11": "running", "T12": "running"}
    assert abs(await desk.due(case, "T11") - raised_at - timedelta(hours=4)) < 5 * SECOND
    assert abs(await desk.due(case, "T12") - raised_at - timedelta(hours=24)) < 5 * SECOND
    assert await desk.told(case, "case_raised") == ["customer_service", "operations"]
    again = RaiseCase(by=SERVICE, reason="again")
    assert await desk.refused(case, names.RAISE_CASE, again) == "CaseStandsElsewhere"
    assert await desk.refused(case, MEET, met("answer")) == "NoSuchStage"
    assert await desk.refused(case, MEET, met("plan")) == "CaseStandsElsewhere", "the first response comes before"
    await desk.ask(case, MEET, met("first_response"))
    assert await desk.states(case) == {"T10": "waived", "T11": "met", "T12": "running"}
    await desk.to(case, "T12", SECOND)
    await desk.did(case, "case_deadline_passed")
    await desk.ask(case, MEET, met("plan"))
    await desk.ask(case, SETTLE, settled(Settlement.RESOLVED))
    await desk.ask(case, CLOSE, CloseCase(by=SERVICE))
    assert await case.result() == "resolved"


async def test_a_settled_complaint_that_is_raised_goes_back_to_work(desk: CaseDesk) -> None:
    case = await desk.open(CaseKind.COMPLAINT)
    await desk.ask(case, names.CLAIM_CASE, ClaimCase(by=SERVICE))
    await desk.ask(case, SETTLE, settled(Settlement.UNFOUNDED))
    await desk.ask(case, names.RAISE_CASE, RaiseCase(by=OPERATIONS, reason="injury"))
    row = await desk.row(case)
    assert row is not None
    assert (row["state"], row["settlement"], row["severity"]) == ("claimed", None, "major")


async def test_an_archived_order_still_gets_a_complaint(desk: CaseDesk, shop: Shop) -> None:
    order = await shop.place()
    await shop.pay(order)
    await shop.ship(order)
    await shop.sign(order)
    await shop.forward_to(order, "T9", SECOND)
    assert await order.result() == "archived"
    case = await desk.open(CaseKind.COMPLAINT, order_no=order_no(order))
    await desk.ask(case, MEET, met("answer"))
    await desk.ask(case, SETTLE, settled(Settlement.RESOLVED))
    await desk.ask(case, CLOSE, CloseCase(by=SERVICE))
    assert await case.result() == "resolved"
    assert "case_closed" in await shop.acts(order), "the order's timeline tells of it"


# --- mistake (R24) -----------------------------------------------------------------------


async def test_a_mistake_closes_only_with_cause_and_prevention(desk: CaseDesk, shop: Shop) -> None:
    case = await desk.open(CaseKind.MISTAKE, order_no=await an_order(shop))
    await desk.ask(case, MEET, met("report"))
    assert await desk.states(case) == {"T14": "met"}
    assert await desk.refused(case, SETTLE, settled(Settlement.COUPON)) == "NoSuchSettlement", "of how much?"
    await desk.ask(case, SETTLE, settled(Settlement.COUPON).model_copy(update={"amount": 2_000}))
    await desk.did(case, "case_remedy_done")
    for half in ({}, {"cause_id": "nt_1"}, {"prevention_id": "nt_2"}):
        assert await desk.refused(case, CLOSE, CloseCase(by=SERVICE, **half)) == "NotYetComplete"
    await desk.ask(case, CLOSE, CloseCase(by=SERVICE, cause_id="nt_1", prevention_id="nt_2"))
    assert await case.result() == "coupon"
    row = await desk.row(case)
    assert row is not None
    assert (row["cause_note_id"], row["prevention_note_id"]) == ("nt_1", "nt_2")
    assert row["remedy"] == {"coupon": "cpn_1", "amount": 2_000}
    [coupon] = (await shop.outside.get("/control/coupons")).json()
    assert (coupon["beneficiary"]["order"], coupon["amount"]) == (row["order_no"].removeprefix("web-"), 2_000)


async def test_t14_runs_from_the_discovery_and_not_from_the_opening(desk: CaseDesk, shop: Shop) -> None:
    number = await an_order(shop)
    sample = await desk.open(CaseKind.COMPLAINT)
    found = await desk.now(sample) - timedelta(minutes=50)
    case = await desk.open(CaseKind.MISTAKE, order_no=number, since=found)
    assert await desk.due(case, "T14") == found + timedelta(hours=1)
    late = await desk.open(CaseKind.MISTAKE, order_no=number, since=found - timedelta(hours=1))
    await desk.did(late, "case_deadline_passed")
    assert await desk.told(late, "T14") == ["operations"]


# --- across departments (R26) --------------------------------------------------------------


async def test_departments_meet_and_plan_by_one_clock(desk: CaseDesk) -> None:
    case = await desk.open(CaseKind.CROSS_DEPARTMENT, participants=("warehouse", "finance"), by=OPERATIONS)
    assert await desk.told(case, "cross_department") == ["operations", "warehouse", "finance"]
    assert await desk.refused(case, MEET, met("plan")) == "CaseStandsElsewhere"
    await desk.ask(case, MEET, met("minutes"))
    assert await desk.states(case) == {"T15": "running"}, "T15 waits for the plan as well"
    await desk.ask(case, MEET, met("plan"))
    assert await desk.states(case) == {"T15": "met"}
    await desk.ask(case, SETTLE, settled(Settlement.RESOLVED))
    await desk.ask(case, CLOSE, CloseCase(by=OPERATIONS))
    assert await case.result() == "resolved"


# --- signature dispute (R15) ----------------------------------------------------------------


async def test_a_signature_dispute_is_settled_on_the_carriers_proof(desk: CaseDesk, shop: Shop) -> None:
    order = await shop.place()
    await shop.pay(order)
    await shop.reaches(order, "picking")
    case = await desk.open(CaseKind.SIGNATURE_DISPUTE, order_no=order_no(order))
    await desk.ask(case, MEET, met("evidence_requested"))
    proof = NoteEvidence(by=LOGISTICS, what="video", reference="carrier/2030/17")
    await desk.ask(case, names.NOTE_EVIDENCE, proof)
    await desk.ask(case, MEET, met("evidence_received"))
    assert await desk.states(case) == {"T7": "running"}
    await desk.ask(case, SETTLE, settled(Settlement.COMPENSATION).model_copy(update={"amount": 5_000}))
    assert await case.result() == "compensation"
    assert await desk.states(case) == {"T7": "met"}
    assert await shop.money(order) == (19_900, 5_000)
    row = await desk.row(case)
    assert row is not None
    kept = [(piece["what"], piece["reference"], piece["by"]) for piece in row["evidence"]]
    assert kept == [("video", "carrier/2030/17", "logistics-1")]
