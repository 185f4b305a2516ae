"""What happens when a command to a case is carried out, or one of its clocks passes."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from domain import case_reasons, sayings
from domain.case_progress import remedy_named
from domain.case_reasons import Reason
from domain.case_shapes import CaseKind, Remedy, Settlement, Severity
from domain.cases import CaseState
from domain.deadlines import DEADLINES, DeadlineId
from models.base import SYSTEM, clock_actor
from models.cases import (
    ClaimCase,
    CloseCase,
    Evidence,
    InvolveDepartments,
    MeetStage,
    NoteEvidence,
    OpenCase,
    RaiseCase,
    ReleaseCase,
    SettleCase,
    StockProblem,
    StockQuestion,
    reasoned,
)
from models.commands import ChangeDeadline
from models.returns import InspectGoods
from models.steps import Alert
from workflows import case_calls, case_order, case_remedies, case_returns, clocks
from workflows.case_life import CaseLife

_ESCALATED_TO = "operations"
STOCK_DEPARTMENTS = ("warehouse", "customer_service")


async def open_it(case: CaseLife) -> None:
    """Put the case on record; its clocks start, and its departments are told."""
    opening = case.file.opening
    case.file.severity = opening.severity
    case.start_clocks(opening.since or workflow.now())
    leads = (_ESCALATED_TO,) if opening.severity is Severity.MAJOR else ()
    told = dict.fromkeys((case.kind.department, *leads, *opening.participants))
    why = Reason(opening.reason, opening.reason_code, opening.reason_facts)
    saying = sayings.case_opened(opening.kind, case.kind.chinese, opening.case_no, why)
    alerts = tuple(Alert.to(department, saying) for department in told)
    step = case.step("case_opened", by=opening.by, why=opening.reason, alerts=alerts, opening=opening)
    verdict = await case_calls.take_case_step(step.model_copy(update={"note_id": opening.note_id, "key": opening.key}))
    case.file.recorded = True
    if verdict is not None:
        await case_returns.opened(case, verdict)
    await share_the_cause(case)


async def claim(case: CaseLife, command: ClaimCase) -> None:
    """One pair of hands has it from now on."""
    case.file.assignee = command.by
    before = case.move(CaseState.CLAIMED)
    await case_calls.take_case_step(case.step("case_claimed", before=before, command=command))


async def release(case: CaseLife, command: ReleaseCase) -> None:
    """Back to the queue."""
    case.file.assignee = None
    before = case.move(CaseState.OPENED)
    await case_calls.take_case_step(case.step("case_released", before=before, command=command))


async def note_evidence(case: CaseLife, command: NoteEvidence) -> None:
    """Keep where the evidence is (R15)."""
    piece = Evidence(what=command.what, reference=command.reference, by=command.by.id, at=workflow.now())
    case.file.evidence.append(piece)
    details: dict[str, str | int | bool | None] = {"what": command.what, "reference": command.reference}
    await case_calls.take_case_step(case.step("case_evidence_noted", command=command, details=details))


async def meet_stage(case: CaseLife, command: MeetStage) -> None:
    """The stage is reached; the clock that waited for it ends."""
    case.file.met.append(command.stage)
    case.end_clocks()
    step = case.step("case_stage_met", command=command, details={"stage": command.stage})
    await case_calls.take_case_step(step)


async def make_major(case: CaseLife, command: RaiseCase) -> None:
    """From ordinary to major: T11 and T12 run from now, whatever had been done before (R17)."""
    before = case.back_to_work() if case.file.state is CaseState.SETTLED else case.file.state
    superseded = clocks.names(case.file)
    clocks.keep_only(case.file, ())
    case.file.severity = Severity.MAJOR
    case.file.escalated_to = _ESCALATED_TO
    case.start_clocks(workflow.now())
    told = sayings.case_raised(case.file.kind, case.kind.chinese, case.file.opening.case_no, command.reason)
    departments = dict.fromkeys((case.kind.department, _ESCALATED_TO))
    alerts = tuple(Alert.to(department, told) for department in departments)
    step = case.step("case_raised", before=before, command=command, alerts=alerts, waived=superseded)
    await case_calls.take_case_step(step)


async def settle(case: CaseLife, command: SettleCase) -> None:
    """Settled: the clocks that waited for it end, and whoever carries it out is told or asked."""
    file, remedy = case.file, remedy_named(case.file.kind, command.settlement)
    file.settlement, file.settled_by, file.settled_at = command.settlement, command.by, workflow.now()
    file.reference = command.reference
    file.changes, file.waive_difference = command.changes, command.waive_difference
    file.awaits_order = any(what is not None for what in (remedy.asks, remedy.then, remedy.does))
    file.amount, file.lines = command.amount, list(command.lines)
    goods = case_returns.settled(case, command) if file.kind is CaseKind.RETURN else None
    before = case.move(CaseState.SETTLED)
    case.end_clocks()
    if remedy.then is not None and command.until is not None:
        clocks.start(file, DeadlineId.T19, command.until, workflow.now())
    details: dict[str, str | int | bool | None] = {"settlement": command.settlement.value}
    if command.until is not None:
        details["until"] = command.until.isoformat()
    if command.reference:
        details["reference"] = command.reference
    alerts = _to_do(case, command.settlement, remedy)
    step = case.step("case_settled", before=before, command=command, details=details, alerts=alerts, goods=goods)
    await case_calls.take_case_step(step)
    if remedy.then is not None:
        await _bring_purchasing_in(case, command)
    if remedy.asks is not None:
        await case_order.carry_out(case, remedy.asks)
    elif remedy.does is not None:
        await case_remedies.carry_out(case)
    elif file.kind is CaseKind.RETURN:
        await case_remedies.close_by_itself(case, f"{command.settlement}: nothing is to be carried out")


async def _bring_purchasing_in(case: CaseLife, command: SettleCase) -> None:
    """The order waits for stock: that is a matter of purchasing and the warehouse, too (R26, T15)."""
    await share_the_cause(case)
    if case.file.involved is None:
        await involve(case, InvolveDepartments(by=command.by, reason="stock_short", participants=STOCK_DEPARTMENTS))


async def inspect(case: CaseLife, command: InspectGoods) -> None:
    """The goods are graded; when they pass, what the buyer wished for is settled and done (R16, T8)."""
    await case_returns.inspect(case, command)
    if command.passed:
        await settle(case, case_returns.wished(case))


def _to_do(case: CaseLife, settlement: Settlement, remedy: Remedy) -> tuple[Alert, ...]:
    if not remedy.told:
        return ()
    opening = case.file.opening
    told = sayings.case_settled(opening.case_no, remedy.chinese, settlement, opening.order_no or "")
    return (Alert.to(remedy.told, told),)


async def close(case: CaseLife, command: CloseCase) -> None:
    """Closed: nothing of it is open any more; a mistake's review is on record (R24)."""
    before = case.move(CaseState.CLOSED)
    clocks.keep_only(case.file, ())
    details: dict[str, str | int | bool | None] = {}
    if command.cause_id and command.prevention_id:
        details = {"cause": command.cause_id, "prevention": command.prevention_id}
    await case_calls.take_case_step(case.step("case_closed", before=before, command=command, details=details))


async def change_deadline(case: CaseLife, command: ChangeDeadline) -> None:
    """Extend or waive a running clock, with its reason; an agreed date that is waived is no agreement."""
    if command.extend_by is None and command.deadline is DeadlineId.T19:
        await case.settlement_failed(command.reason, command)
        return
    details: dict[str, str | int | bool | None] = {"deadline": command.deadline.value}
    if command.extend_by is None:
        clocks.end(case.file, command.deadline)
        step = case.step("case_deadline_waived", command=command, details=details, waived=(command.deadline,))
    else:
        clocks.shift(case.file, command.deadline, command.extend_by)
        details["seconds"] = int(command.extend_by / timedelta(seconds=1))
        step = case.step("case_deadline_extended", command=command, details=details)
    await case_calls.take_case_step(step)


async def involve(case: CaseLife, command: InvolveDepartments) -> None:
    """Open a cross-department case beside this one; operations lead it (R26)."""
    opening = case.file.opening
    case.file.involved = f"{opening.case_no}-X"
    beside = OpenCase(
        case_no=case.file.involved,
        kind=CaseKind.CROSS_DEPARTMENT,
        order_no=opening.order_no,
        by=command.by,
        note_id=command.note_id,
        participants=command.participants,
        related=opening.case_no,
        policy=opening.policy,
        **reasoned(case_reasons.beside(opening.kind, command.reason)),
    )
    await case_calls.open_beside(beside)
    details: dict[str, str | int | bool | None] = {"involved": beside.case_no}
    await case_calls.take_case_step(case.step("case_departments_involved", command=command, details=details))


async def share_the_cause(case: CaseLife) -> None:
    """When many orders are short of one SKU, that is one problem of all departments, in a case of its own (R9, R26)."""
    file, opening = case.file, case.file.opening
    if not opening.skus or file.involved is not None:
        return
    found = await case_calls.stock_problems(StockQuestion(skus=opening.skus))
    for problem in found.problems:
        if not problem.open:
            await case_calls.open_beside(_stock_case(case, problem))
    if found.problems:
        file.involved = found.problems[0].case_no
        details: dict[str, str | int | bool | None] = {"involved": ", ".join(one.case_no for one in found.problems)}
        await case_calls.take_case_step(case.step("case_departments_involved", why="stock_short", details=details))


def _stock_case(case: CaseLife, problem: StockProblem) -> OpenCase:
    return OpenCase(
        case_no=problem.case_no,
        kind=CaseKind.CROSS_DEPARTMENT,
        by=SYSTEM,
        subject=problem.sku,
        participants=STOCK_DEPARTMENTS,
        related=case.file.opening.case_no,
        policy=case.file.opening.policy,
        **reasoned(case_reasons.stock_problem(problem.sku, problem.orders)),
    )


async def pass_deadline(case: CaseLife, passed: DeadlineId) -> None:
    """A clock has passed: people are told, and nothing is decided; only T19 does what was agreed."""
    if passed is DeadlineId.T20:
        await case_returns.lapse(case)
        return
    if passed is DeadlineId.T19:
        await case_calls.take_case_step(
            case.step("case_date_has_come", by=clock_actor(passed), passed=(passed,), why="the agreed date (T19)")
        )
        remedy = remedy_named(case.file.kind, case.file.settlement) if case.file.settlement else None
        if remedy is not None and remedy.then is not None:
            await case_order.carry_out(case, remedy.then)
        return
    case.file.escalated_to = _ESCALATED_TO
    told = sayings.passed(passed, case.file.opening.case_no)
    departments = dict.fromkeys((DEADLINES[passed].department, _ESCALATED_TO))
    alerts = tuple(Alert.to(department, told) for department in departments)
    step = case.step("case_deadline_passed", by=clock_actor(passed), passed=(passed,), why=told.text, alerts=alerts)
    await case_calls.take_case_step(step)
