"""What is the same for every kind of case: hands, clocks, races, signals (DESIGN, cases)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from temporalio.client import WorkflowUpdateFailedError

from domain.case_shapes import CaseKind, Settlement, Severity
from domain.deadlines import DEADLINES, DeadlineId
from models import workflow_names as names
from models.cases import (
    ClaimCase,
    InvolveDepartments,
    MeetStage,
    NoteEvidence,
    ReleaseCase,
    SettleCase,
)
from models.commands import ChangeDeadline
from store import cases
from tests.workflows.case_desk import CLOSE, LOGISTICS, MEET, OTHER_SERVICE, SETTLE, Case, CaseDesk, number_of
from tests.workflows.shop import OPERATIONS, PICKER, SERVICE, Shop, order_no

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


CLOCKS = [
    ("T5", CaseKind.PARCEL_EXCEPTION, Severity.ORDINARY),
    ("T7", CaseKind.SIGNATURE_DISPUTE, Severity.ORDINARY),
    ("T10", CaseKind.COMPLAINT, Severity.ORDINARY),
    ("T11", CaseKind.COMPLAINT, Severity.MAJOR),
    ("T12", CaseKind.COMPLAINT, Severity.MAJOR),
    ("T14", CaseKind.MISTAKE, Severity.ORDINARY),
    ("T15", CaseKind.CROSS_DEPARTMENT, Severity.ORDINARY),
]


@pytest.mark.parametrize(("deadline", "kind", "severity"), CLOCKS)
async def test_a_clock_passes_at_its_instant_and_not_a_second_before_and_decides_nothing(
    desk: CaseDesk, shop: Shop, deadline: str, kind: CaseKind, severity: Severity
) -> None:
    case = await desk.open(kind, severity=severity, order_no=await an_order(shop), subject="P-1")
    due = await desk.due(case, deadline)
    await desk.to(case, deadline, -SECOND)
    note = NoteEvidence(by=SERVICE, what="call", reference="a second before")
    await desk.ask(case, names.NOTE_EVIDENCE, note)
    assert (await desk.states(case))[deadline] == "running"
    await desk.shop.skipper.fast_forward(case, due - await desk.now(case))
    await shop.until(lambda: passed(desk, case, deadline), bool)
    entry = await shop.one(
        "SELECT at, actor, role FROM audit_entries WHERE subject = %s AND act = 'case_deadline_passed' AND actor = %s",
        f"case:{number_of(case)}",
        deadline,
    )
    assert entry is not None
    assert (entry["actor"], entry["role"]) == (deadline, "clock")
    # A busy machine takes real seconds from the clock's move to the record.
    assert due <= entry["at"] < due + 30 * SECOND
    row = await desk.row(case)
    assert row is not None
    assert (row["state"], row["settlement"], row["escalated_to"]) == ("opened", None, "operations")
    named = dict.fromkeys((DEADLINES[DeadlineId(deadline)].department, "operations"))
    assert await desk.told(case, deadline) == list(named)


async def passed(desk: CaseDesk, case: Case, deadline: str) -> dict[str, object] | None:
    """The clock's row, once it has passed."""
    query = "SELECT 1 FROM deadlines WHERE subject = %s AND deadline = %s AND state = 'passed'"
    return await desk.shop.one(query, f"case:{number_of(case)}", deadline)


@pytest.mark.parametrize(("deadline", "kind", "severity"), CLOCKS)
async def test_a_second_after_its_clock_a_case_can_still_be_decided(
    desk: CaseDesk, shop: Shop, deadline: str, kind: CaseKind, severity: Severity
) -> None:
    case = await desk.open(kind, severity=severity, order_no=await an_order(shop), subject="P-1")
    await desk.to(case, deadline, SECOND)
    await shop.until(lambda: passed(desk, case, deadline), bool)
    await desk.ask(case, names.CLAIM_CASE, ClaimCase(by=OPERATIONS))
    assert (await desk.stands(case, "claimed"))["assignee"] == "operations-1"


async def test_a_case_whose_time_is_over_comes_first_until_what_was_owed_is_done(desk: CaseDesk, shop: Shop) -> None:
    order = await an_order(shop)
    late, running = [await desk.open(CaseKind.COMPLAINT, order_no=order) for _ in range(2)]
    due = await desk.due(late, "T10")
    await desk.to(late, "T10", SECOND)
    await shop.until(lambda: passed(desk, late, "T10"), bool)
    await desk.ask(late, names.CLAIM_CASE, ClaimCase(by=SERVICE))
    assert (await desk.stands(late, "claimed"))["due_at"] == due
    async with shop.pool.connection() as conn:
        inbox = await cases.page(conn, cases.CaseFilter(), after=None, limit=10)
    assert [row["case_no"] for row in inbox] == [number_of(late), number_of(running)]
    await desk.ask(late, MEET, met("answer"))
    assert await shop.until(lambda: desk.row(late), lambda row: row is not None and row["due_at"] is None)


async def test_two_people_settle_at_once_and_one_of_them_is_told(desk: CaseDesk, shop: Shop) -> None:
    case = await desk.open(CaseKind.SIGNATURE_DISPUTE, order_no=await an_order(shop))
    answers = await asyncio.gather(
        desk.ask(case, SETTLE, settled(Settlement.REFUND, key="one")),
        desk.ask(case, SETTLE, settled(Settlement.RESHIP, key="two", by=OTHER_SERVICE)),
        return_exceptions=True,
    )
    refusals = [answer for answer in answers if isinstance(answer, WorkflowUpdateFailedError)]
    assert len(refusals) == 1
    assert "已定案 settled as" in str(refusals[0].cause)
    assert (await desk.acts(case)).count("case_settled") == 1
    await desk.ask(case, SETTLE, settled(Settlement.REFUND, key="one" if answers[1] is refusals[0] else "two"))
    assert (await desk.acts(case)).count("case_settled") == 1, "the same key is carried out once"


async def test_only_the_hands_of_its_kind_work_on_a_case_and_nobody_takes_it_from_another(desk: CaseDesk) -> None:
    case = await desk.open(CaseKind.COMPLAINT)
    assert await desk.refused(case, names.CLAIM_CASE, ClaimCase(by=PICKER)) == "NotAllowed"
    assert await desk.refused(case, names.CLAIM_CASE, ClaimCase(by=LOGISTICS)) == "NotAllowed"
    await desk.ask(case, names.CLAIM_CASE, ClaimCase(by=SERVICE))
    other = settled(Settlement.RESOLVED, by=OTHER_SERVICE)
    assert await desk.refused(case, SETTLE, other) == "CaseHeldByAnother"
    assert await desk.refused(case, names.RELEASE_CASE, ReleaseCase(by=OTHER_SERVICE)) == "CaseHeldByAnother"
    await desk.ask(case, names.RELEASE_CASE, ReleaseCase(by=OPERATIONS, reason="ill"))
    await desk.ask(case, names.CLAIM_CASE, ClaimCase(by=OTHER_SERVICE))
    assert (await desk.stands(case, "claimed"))["assignee"] == "service-2"


async def test_a_clock_is_extended_or_waived_by_operations_with_a_reason(desk: CaseDesk) -> None:
    case = await desk.open(CaseKind.COMPLAINT, severity=Severity.MAJOR)
    due = await desk.due(case, "T11")
    longer = ChangeDeadline(by=OPERATIONS, deadline=DeadlineId.T11, extend_by=timedelta(hours=2), reason="typhoon")
    unsaid = longer.model_copy(update={"reason": ""})
    assert await desk.refused(case, names.CHANGE_DEADLINE, longer.model_copy(update={"by": SERVICE})) == "NotAllowed"
    assert await desk.refused(case, names.CHANGE_DEADLINE, unsaid) == "MissingReason"
    await desk.ask(case, names.CHANGE_DEADLINE, longer)
    assert await desk.due(case, "T11") == due + timedelta(hours=2)
    await desk.shop.skipper.fast_forward(case, due + SECOND - await desk.now(case))
    waived = ChangeDeadline(by=OPERATIONS, deadline=DeadlineId.T12, reason="typhoon")
    await desk.ask(case, names.CHANGE_DEADLINE, waived)
    assert await desk.states(case) == {"T11": "running", "T12": "waived"}
    none_runs = waived.model_copy(update={"deadline": DeadlineId.T10})
    assert await desk.refused(case, names.CHANGE_DEADLINE, none_runs) == "NothingToExtend"


async def test_a_signal_does_what_the_update_does_and_its_refusal_goes_on_record(desk: CaseDesk) -> None:
    case = await desk.open(CaseKind.COMPLAINT)
    await case.signal(CLOSE, {"by": {"id": "service-1", "role": "customer_service"}})
    await desk.did(case, "refused_closecase")
    await case.signal(CLOSE, {"reason": "x"})
    await desk.did(case, "refused_unsigned")
    await case.signal("close_the_case", {"by": {"id": "service-1", "role": "customer_service"}, "reason": "x"})
    await desk.did(case, "refused_unheard")
    await case.signal(MEET, {"by": {"id": "service-1", "role": "customer_service"}, "stage": "answer", "reason": "x"})
    await desk.did(case, "case_stage_met")


async def test_the_departments_are_involved_once_in_a_case_beside_it(desk: CaseDesk, shop: Shop) -> None:
    case = await desk.open(CaseKind.COMPLAINT)
    command = InvolveDepartments(by=SERVICE, participants=("warehouse",), reason="many_of_them")
    await desk.ask(case, names.INVOLVE_DEPARTMENTS, command)
    beside = desk.handle(f"{number_of(case)}-X")
    row = await shop.until(lambda: desk.row(beside), bool)
    assert row is not None
    assert (row["kind"], row["related"], row["department"]) == ("cross_department", number_of(case), "operations")
    assert await desk.refused(case, names.INVOLVE_DEPARTMENTS, command) == "CaseStandsElsewhere"
    assert await desk.refused(beside, names.INVOLVE_DEPARTMENTS, command) == "CaseStandsElsewhere"


async def test_the_temporal_ui_says_in_both_languages_what_a_case_waits_for(desk: CaseDesk) -> None:
    case = await desk.open(CaseKind.COMPLAINT)
    details = await case.query("__temporal_workflow_metadata")
    text = details.current_details if hasattr(details, "current_details") else details["currentDetails"]
    for words in ("客訴 complaint", "待領取 opened", "答覆買家", "T10 ordinary complaint answered", "customer_service"):
        assert words in text
    known = {pair.key.name: pair.value for pair in (await case.describe()).typed_search_attributes}
    assert (known["CaseKind"], known["WaitingFor"]) == ("complaint", "answer to the buyer")
    assert known["DueAt"] == (await desk.due(case, "T10")).replace(microsecond=known["DueAt"].microsecond)
