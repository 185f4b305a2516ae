"""A return on its way: decided by rule, sent back, inspected, and then refunded or exchanged (R16, T8, T20)."""

from __future__ import annotations

from datetime import datetime

from temporalio import workflow

from domain import sayings
from domain.case_shapes import OrderOutcome, Settlement
from domain.cases import CaseStandsElsewhere, CaseState, NoSuchSettlement, NotYetComplete
from domain.deadlines import DeadlineId
from domain.errors import MissingReason
from domain.returns import Liable, Wish, inspection_problem
from models.base import clock_actor
from models.cases import CaseFile, SettleCase
from models.returns import DecideReturn, Goods, InspectGoods, ReceiveGoods, ReturnChange, ReturnState, Verdict
from models.steps import Alert
from workflows import case_calls, clocks
from workflows.case_life import CaseLife

_S, _R = Settlement, ReturnState

WISHED = {Wish.REFUND: _S.REFUND, Wish.EXCHANGE: _S.EXCHANGE}

# When each settlement can be chosen by hand, and where the goods then are.
BY_HAND = {
    _S.WITHDRAWN: frozenset({_R.APPLIED, _R.ISSUED}),
    _S.DECLINED: frozenset({_R.FAILED}),
    _S.REFUND: frozenset({_R.FAILED, _R.PASSED}),
    _S.EXCHANGE: frozenset({_R.FAILED, _R.PASSED}),
}
_ENDS = {_S.WITHDRAWN: _R.WITHDRAWN, _S.DECLINED: _R.DECLINED}


def _goods(file: CaseFile) -> Goods:
    if file.goods is None:
        raise CaseStandsElsewhere(f"a {file.kind} is no return")
    return file.goods


def _stands(file: CaseFile, state: ReturnState) -> Goods:
    goods = _goods(file)
    if goods.state is not state:
        raise CaseStandsElsewhere(f"the return is {goods.state}, not {state}")
    return goods


# --- rules ---------------------------------------------------------------------------------------


def may_decide(file: CaseFile, command: DecideReturn, _now: datetime) -> None:
    """By the rules; against them, or to decline, only with a reason (R16)."""
    goods = _stands(file, _R.APPLIED)
    against_the_rules = goods.verdict.findings or command.liable not in (None, goods.verdict.liable)
    if (against_the_rules or not command.accept) and not command.reason and not command.note_id:
        raise MissingReason("the rules say otherwise: give a reason or a note, it is kept with the decision")
    liable = command.liable or goods.verdict.liable
    if command.postage and liable is Liable.BUYER:
        raise NoSuchSettlement("the buyer bears the postage of a return that is not the shop's fault")


def may_receive(file: CaseFile, _command: ReceiveGoods, _now: datetime) -> None:
    """Only what has a ticket is taken in."""
    _stands(file, _R.ISSUED)


def may_inspect(file: CaseFile, command: InspectGoods, _now: datetime) -> None:
    """Every piece is graded, or the inspection fails."""
    _stands(file, _R.RECEIVED)
    assert file.opening.goods is not None
    wanted = [pieces.piece for pieces in file.opening.goods.lines]
    if problem := inspection_problem(wanted, [one.graded for one in command.lines], passed=command.passed):
        raise NotYetComplete(problem)


def may_settle(file: CaseFile, command: SettleCase) -> None:
    """By hand only before the goods are there, or when the inspection has failed."""
    goods = _goods(file)
    if goods.state not in BY_HAND[command.settlement]:
        when = ", ".join(sorted(BY_HAND[command.settlement]))
        raise CaseStandsElsewhere(f"{command.settlement} is for a return that is {when}; this one is {goods.state}")


# --- acts ----------------------------------------------------------------------------------------


async def opened(case: CaseLife, verdict: Verdict) -> None:
    """What the rules say; an application that cannot be ends here, in words."""
    case.file.goods = Goods(verdict=verdict)
    if verdict.problem:
        case.file.goods.state = _R.VOID
        await _end(case, _S.DECLINED, _R.VOID, why=verdict.problem)


async def decide(case: CaseLife, command: DecideReturn) -> None:
    """Accepted: the buyer gets a ticket, and T20 runs. Declined: that is the end of it."""
    if not command.accept:
        await _end(case, _S.DECLINED, _R.DECLINED, command=command)
        return
    goods = _goods(case.file)
    liable = command.liable or goods.verdict.liable
    goods.state, goods.rma_no = _R.ISSUED, f"RMA-{case.file.opening.case_no}"
    goods.postage, goods.decided_by = command.postage, command.by
    goods.verdict = goods.verdict.model_copy(update={"liable": liable})
    case.reach("decision")
    change = ReturnChange(
        state=goods.state,
        rma_no=goods.rma_no,
        due=clocks.due_of(case.file, DeadlineId.T20),
        liable=liable,
        worth=goods.verdict.worth,
        postage=goods.postage,
    )
    alert = Alert.to("warehouse", sayings.return_accepted(goods.rma_no, case.file.opening.order_no or ""))
    step = case.step("return_accepted", command=command, goods=change, alerts=(alert,), details={"rma": goods.rma_no})
    await case_calls.take_case_step(step)


async def receive(case: CaseLife, command: ReceiveGoods) -> None:
    """The goods are there in time."""
    goods = _goods(case.file)
    goods.state, goods.warehouse = _R.RECEIVED, command.warehouse
    case.reach("goods_back")
    change = ReturnChange(state=goods.state, warehouse=command.warehouse)
    step = case.step("return_received", command=command, goods=change, details={"warehouse": command.warehouse})
    await case_calls.take_case_step(step)


async def inspect(case: CaseLife, command: InspectGoods) -> None:
    """Passed: the goods go where they belong, T8 runs, and the wish is carried out. Failed: service see it."""
    goods = _goods(case.file)
    goods.state = _R.PASSED if command.passed else _R.FAILED
    change = ReturnChange(state=goods.state, graded=command.lines, stock=command.passed)
    found = ", ".join(f"{one.quantity} {one.grade} of line {one.line_no}" for one in command.lines)
    alerts: tuple[Alert, ...] = ()
    if command.passed:
        case.reach("inspection")
    else:
        alerts = (Alert.to(case.kind.department, sayings.return_failed_inspection(goods.rma_no or "")),)
    details: dict[str, str | int | bool | None] = {"passed": command.passed, "found": found}
    act = "return_inspected" if command.passed else "return_failed_inspection"
    await case_calls.take_case_step(case.step(act, command=command, goods=change, alerts=alerts, details=details))


def wished(case: CaseLife) -> SettleCase:
    """The settlement that a passed inspection brings about, in the name of whoever accepted the return."""
    goods = _goods(case.file)
    assert case.file.opening.goods is not None
    assert goods.decided_by is not None
    return SettleCase(by=goods.decided_by, settlement=WISHED[case.file.opening.goods.wish], reason="inspection_passed")


def settled(case: CaseLife, command: SettleCase) -> ReturnChange:
    """What a settlement means for the goods. After a failed inspection they are kept only now."""
    goods = _goods(case.file)
    assert case.file.opening.goods is not None
    kept_now = command.settlement in WISHED.values() and goods.state is _R.FAILED
    if kept_now:
        case.reach("inspection")
    goods.state = _ENDS.get(command.settlement, _R.PASSED)
    case.file.lines = list(case.file.opening.goods.lines)
    if case.file.amount is None:
        case.file.amount = goods.verdict.worth + goods.postage
    return ReturnChange(state=goods.state, stock=kept_now)


def done(case: CaseLife, outcome: OrderOutcome) -> ReturnChange:
    """Money back or new goods there: T8 is met."""
    goods = _goods(case.file)
    goods.state = _R.REFUNDED if outcome is OrderOutcome.REFUNDED else _R.EXCHANGED
    case.reach("done")
    return ReturnChange(state=goods.state)


async def lapse(case: CaseLife) -> None:
    """T20: the goods never came. The ticket lapses, and the channel tells the buyer."""
    await _end(case, _S.LAPSED, _R.LAPSED, why="the goods did not come back in time (T20)", passed=DeadlineId.T20)


async def _end(
    case: CaseLife,
    settlement: Settlement,
    state: ReturnState,
    *,
    command: DecideReturn | None = None,
    why: str = "",
    passed: DeadlineId | None = None,
) -> None:
    """Settled and closed at once: nothing is to be carried out."""
    file = case.file
    _goods(file).state = state
    file.settlement, file.settled_at = settlement, workflow.now()
    file.settled_by = command.by if command else clock_actor(passed or "R16")
    before = case.file.state
    case.move(CaseState.SETTLED)
    case.move(CaseState.CLOSED)
    clocks.keep_only(file, ())
    act = f"return_{settlement}"
    lapsed = sayings.return_lapsed(case.kind.chinese, file.opening.case_no)
    alerts = (Alert.to(case.kind.department, lapsed),) if passed else ()
    step = case.step(
        act,
        before=before,
        by=file.settled_by,
        command=command,
        why=why,
        alerts=alerts,
        details={"settlement": settlement.value},
        goods=ReturnChange(state=state),
        passed=(passed,) if passed else (),
    )
    await case_calls.take_case_step(step)
