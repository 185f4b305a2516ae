"""A case and its order: what the case asks of it, and what its news means for the case."""

from __future__ import annotations

from collections.abc import Mapping

from temporalio import workflow

from domain import sayings
from domain.case_progress import remedy_named
from domain.case_shapes import REMEDY_NEWS, OrderAct, OrderOutcome, Settlement
from domain.cases import UNSETTLED, CaseState
from domain.deadlines import DeadlineId
from models import workflow_names as names
from models.base import SYSTEM, Actor
from models.cases import ASKED_BY_CASE, CaseClosed, CaseOpened, ClocksStand, OrderNews
from models.commands import AmendOrder, Cancel, Command, RefundedElsewhere, RetryRefund, RetryStock, ShipRest
from models.steps import Alert
from workflows import case_calls, case_remedies, clocks
from workflows.case_life import CaseLife

CARRIER = Actor(id="carrier", role="carrier")


async def announce(case: CaseLife) -> None:
    """A case that a person opened tells its order, which is not archived meanwhile (T18)."""
    opening = case.file.opening
    if opening.order_no is not None and not opening.told:
        news = CaseOpened(case_no=opening.case_no, kind=opening.kind, subject=opening.subject)
        await case_calls.tell_order(opening.order_no, names.CASE_OPENED, news)


async def say_goodbye(case: CaseLife) -> None:
    """The case is closed: its order may be archived."""
    opening = case.file.opening
    if opening.order_no is not None:
        await case_calls.tell_order(opening.order_no, names.CASE_CLOSED, CaseClosed(case_no=opening.case_no))


async def carry_out(case: CaseLife, act: OrderAct) -> None:
    """Ask the order for what was settled, in the name of whoever settled it; it answers by news."""
    file = case.file
    assert file.opening.order_no is not None
    if not await case_calls.tell_order(file.opening.order_no, act.value, _command(case, act)):
        await read_news(case, OrderNews(outcome=OrderOutcome.ENDED, why="the order has ended"))


def _command(case: CaseLife, act: OrderAct) -> Command:
    file = case.file
    assert file.settled_by is not None
    key = f"{ASKED_BY_CASE}{file.opening.case_no}#{sum(file.acts.values())}"
    said = {"by": file.settled_by, "reason": f"{file.kind}_{file.settlement}"[:60], "key": key}
    refund = {"refund_id": file.opening.subject, "reference": file.reference}
    lines = {"changes": file.changes, "waive_difference": file.waive_difference}
    return _ASKED[act].model_validate(said | refund | lines)


async def stop_or_go_on(case: CaseLife, news: ClocksStand) -> None:
    """The order's clocks stop, or go on, and with them those of its cases (R25)."""
    if case.closed or news.stand is case.file.clocks_stand:
        return
    case.file.clocks_stand = news.stand
    (clocks.stop if news.stand else clocks.go_on)(case.file)
    act = "case_clocks_stopped" if news.stand else "case_clocks_go_on"
    await case_calls.take_case_step(case.step(act, why=news.why))


_ASKED: Mapping[OrderAct, type[Command]] = {
    OrderAct.RETRY_STOCK: RetryStock,
    OrderAct.CANCEL: Cancel,
    OrderAct.AMEND: AmendOrder,
    OrderAct.SHIP_REST: ShipRest,
    OrderAct.RETRY_REFUND: RetryRefund,
    OrderAct.REFUNDED_ELSEWHERE: RefundedElsewhere,
}
_FAILED = frozenset(
    {OrderOutcome.REFUSED, OrderOutcome.STILL_SHORT, OrderOutcome.STILL_REFUSED, OrderOutcome.REFUND_DECLINED}
)


async def read_news(case: CaseLife, news: OrderNews) -> None:
    """What the order says: the settlement failed, was carried out, or the case is overtaken."""
    if case.closed:
        return
    if news.outcome in _FAILED:
        if case.file.awaits_order and _ends_what_was_agreed(case, news):
            await case.settlement_failed(news.why)
    elif news.outcome in REMEDY_NEWS and not _ends_with_money(case):
        await case_remedies.read_news(case, news)
    elif case.file.state in UNSETTLED:
        await _settle_by_itself(case, news)
        await _close(case, news)
    elif _asked_of_the_order(case) or _carried_out(case, news):
        await _close(case, news)
    else:
        await _put_before_people(case, news)


def _ends_with_money(case: CaseLife) -> bool:
    """Whether a refund can be what this kind of case waits for; to all others it is a word on the way."""
    return any(remedy.ends_by is OrderOutcome.REFUNDED for remedy in case.kind.settlements.values())


def _ends_what_was_agreed(case: CaseLife, news: OrderNews) -> bool:
    """Goods that are not there today say nothing of the agreed date (T19); an order that refuses does."""
    return news.outcome is OrderOutcome.REFUSED or DeadlineId.T19 not in clocks.names(case.file)


def _asked_of_the_order(case: CaseLife) -> bool:
    """The order carries out what was settled; any other news of it overtakes that."""
    file = case.file
    remedy = remedy_named(file.kind, file.settlement) if file.settlement else None
    return file.awaits_order and remedy is not None and remedy.does is None


def _carried_out(case: CaseLife, news: OrderNews) -> bool:
    settlement = case.file.settlement
    return settlement is not None and remedy_named(case.file.kind, settlement).ends_by is news.outcome


def _speaker(news: OrderNews) -> Actor:
    return CARRIER if news.outcome is OrderOutcome.DELIVERED else SYSTEM


async def _close(case: CaseLife, news: OrderNews) -> None:
    """Nothing is left to do; what was settled counts only if it is what happened."""
    file = case.file
    if file.settlement is not Settlement.OVERTAKEN and not _carried_out(case, news):
        file.settlement = Settlement.OVERTAKEN
    before = case.move(CaseState.CLOSED)
    file.awaits_order = False
    clocks.keep_only(file, ())
    why = news.why or news.outcome.replace("_", " ")
    details: dict[str, str | int | bool | None] = {"settlement": file.settlement.value if file.settlement else ""}
    await case_calls.take_case_step(
        case.step("case_closed", before=before, by=_speaker(news), why=why, details=details)
    )


async def _settle_by_itself(case: CaseLife, news: OrderNews) -> None:
    delivered = news.outcome is OrderOutcome.DELIVERED
    case.file.settlement = Settlement.DELIVERED_AFTER_ALL if delivered else Settlement.OVERTAKEN
    case.file.settled_by, case.file.settled_at = _speaker(news), workflow.now()
    before = case.move(CaseState.SETTLED)
    case.end_clocks()
    details: dict[str, str | int | bool | None] = {"settlement": case.file.settlement.value}
    step = case.step("case_settled", before=before, by=_speaker(news), why=news.why, details=details)
    await case_calls.take_case_step(step)


async def _put_before_people(case: CaseLife, news: OrderNews) -> None:
    """A parcel came after all that had been settled as refunded or sent again: people must see it."""
    told = sayings.case_overtaken(case.file.opening.case_no, case.file.settlement, news.outcome)
    alert = Alert.to(case.kind.department, told)
    step = case.step("case_order_told", by=_speaker(news), why=told.text, alerts=(alert,))
    await case_calls.take_case_step(step)
