"""The order's side of its cases: it opens them, knows which are open, and tells them what happens.

An order with an open case is not archived (T18). The first command of a case in an order's
history stands behind a patch, so that orders begun before there were cases replay as they lived.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from temporalio import workflow

from domain import case_reasons
from domain.carrier_codes import meaning
from domain.case_reasons import Reason
from domain.case_shapes import CaseKind, OrderOutcome
from domain.order_status import OrderStatus
from models import workflow_names as names
from models.base import SYSTEM, Actor
from models.cases import CaseClosed, CaseOpened, ClocksStand, OpenCase, OrderNews, reasoned
from models.news import CarrierNews, CarrierState, WrongGoods
from models.state import CaseRef, ParcelState
from workflows import case_calls
from workflows.life import Life

PATCH = "orders-open-cases"
CLOCKS_PATCH = "held-orders-stop-the-clocks-of-their-cases"

TROUBLED = frozenset({CarrierState.PROBLEM, CarrierState.REFUSED, CarrierState.RETURNING, CarrierState.RETURNED})
WITH_THE_CARRIER = frozenset({ParcelState.HANDED_OVER, ParcelState.OUT_FOR_DELIVERY, ParcelState.PROBLEM})

# What leaving the shortage means for its case; every other way on is the order's own (R9).
LEFT_SHORTAGE: Mapping[OrderStatus, OrderOutcome] = {OrderStatus.CANCELLED: OrderOutcome.ENDED}


_OVER: Mapping[OrderStatus, OrderOutcome] = {
    OrderStatus.SIGNED: OrderOutcome.REPLACEMENT_DELIVERED,
    OrderStatus.CANCELLED: OrderOutcome.REPLACEMENT_ENDED,
    OrderStatus.REJECTED: OrderOutcome.REPLACEMENT_ENDED,
    OrderStatus.INTERCEPTED: OrderOutcome.REPLACEMENT_ENDED,
}


async def open_case(
    order: Life,
    kind: CaseKind,
    *,
    subject: str = "",
    why: Reason,
    by: Actor = SYSTEM,
    key: str = "",
    skus: Sequence[str] = (),
) -> None:
    """Open a case of the order, unless one of this kind is open for the same thing already."""
    if is_open(order, kind, subject) or not workflow.patched(PATCH):
        return
    state = order.state
    state.cases_opened += 1
    opening = OpenCase(
        case_no=f"{state.order.order_no}-C{state.cases_opened}",
        kind=kind,
        order_no=state.order.order_no,
        subject=subject,
        by=by,
        key=key,
        told=True,
        skus=tuple(skus),
        policy=state.order.policy,
        **reasoned(why),
    )
    state.open_cases[opening.case_no] = CaseRef(kind=kind, subject=subject)
    await case_calls.start_case(opening)
    if state.clocks_stand:
        await _tell_clocks(order, opening.case_no, stand=True)


def is_open(order: Life, kind: CaseKind, subject: str = "") -> bool:
    """Whether a case of that kind about that thing is open."""
    return CaseRef(kind=kind, subject=subject) in order.state.open_cases.values()


async def tell(order: Life, kind: CaseKind, outcome: OrderOutcome, *, subject: str = "", why: str = "") -> None:
    """Tell the open cases of that kind what happened; nothing to do where there is none."""
    wanted, news = CaseRef(kind=kind, subject=subject), OrderNews(outcome=outcome, why=why)
    for case_no in [number for number, ref in order.state.open_cases.items() if ref == wanted]:
        if not await case_calls.tell_case(case_no, names.ORDER_NEWS, news):
            order.state.open_cases.pop(case_no, None)


# --- shortage (R9) ------------------------------------------------------------------------


async def shortage(order: Life) -> None:
    """The order is short: customer service settle with the buyer."""
    if order.status is OrderStatus.SHORTAGE:
        skus = order.state.short_skus + order.state.unknown_skus
        why = case_reasons.no_stock(skus) if skus else case_reasons.short_pick()
        await open_case(order, CaseKind.SHORTAGE, why=why, skus=skus)


async def shortage_over(order: Life) -> None:
    """The order has left the shortage, by whatever road: its case need not wait any longer."""
    if order.state.backorder and not order.ended:
        # Part of it ships later: the case waits with the order for the agreed date (T19).
        return
    outcome = LEFT_SHORTAGE.get(order.status, OrderOutcome.WENT_ON)
    await tell(order, CaseKind.SHORTAGE, outcome, why=f"the order is {order.status}")


async def still_short(order: Life) -> None:
    """The stock was tried again in vain."""
    missing = ", ".join(order.state.short_skus + order.state.unknown_skus)
    await tell(order, CaseKind.SHORTAGE, OrderOutcome.STILL_SHORT, why=f"still no stock of {missing}")


async def cannot_settle(order: Life, why: str) -> None:
    """What was settled cannot be carried out: the case goes back to work with the reason."""
    await tell(order, CaseKind.SHORTAGE, OrderOutcome.REFUSED, why=why)


async def backorder_over(order: Life) -> None:
    """The order ended while something was to ship later: its case need not wait any longer."""
    if order.ended and order.state.backorder:
        await tell(order, CaseKind.SHORTAGE, OrderOutcome.ENDED, why=f"the order is {order.status}")


# --- parcels (R13) --------------------------------------------------------------------------


async def parcel_news(order: Life, news: CarrierNews) -> None:
    """A signature ends what was open for the parcel; trouble opens a case of it (R13)."""
    if news.state is CarrierState.SIGNED:
        await tell(order, CaseKind.PARCEL_EXCEPTION, OrderOutcome.DELIVERED, subject=news.parcel_no)
    known = meaning(news.code)
    trouble = known.trouble if known else None
    if trouble is None and news.state not in TROUBLED:
        return
    why = case_reasons.carrier_trouble(trouble, news.state, news.code)
    await open_case(order, CaseKind.PARCEL_EXCEPTION, subject=news.parcel_no, why=why, key=news.event_id)


async def silence(order: Life) -> None:
    """T6 passed: every parcel that is with its carrier has been silent too long (R13)."""
    why = case_reasons.parcel_silent()
    for parcel in order.state.parcels:
        if parcel.state in WITH_THE_CARRIER:
            await open_case(order, CaseKind.PARCEL_EXCEPTION, subject=parcel.parcel_no, why=why)


# --- refunds (R16) --------------------------------------------------------------------------


async def refund_failed(order: Life, refund_id: str, why: str) -> None:
    """Its provider will not or cannot give it back: finance get a case, or hear that it failed again."""
    if is_open(order, CaseKind.PAYMENT_PROBLEM, refund_id):
        await tell(order, CaseKind.PAYMENT_PROBLEM, OrderOutcome.STILL_REFUSED, subject=refund_id, why=why)
    else:
        failed = case_reasons.refund_not_given_back(why)
        await open_case(order, CaseKind.PAYMENT_PROBLEM, subject=refund_id, why=failed)


async def refund_done(order: Life, refund_id: str) -> None:
    """The money is back: a case about it has nothing more to wait for."""
    await tell(order, CaseKind.PAYMENT_PROBLEM, OrderOutcome.REFUNDED, subject=refund_id)


async def tell_case(order: Life, case_no: str, outcome: OrderOutcome, *, why: str = "") -> None:
    """Tell the one case that asked for something what became of it, while it is open."""
    if case_no in order.state.open_cases and not await case_calls.tell_case(
        case_no, names.ORDER_NEWS, OrderNews(outcome=outcome, why=why)
    ):
        order.state.open_cases.pop(case_no, None)


# --- mistakes (R24) -------------------------------------------------------------------------


async def wrong_goods(order: Life, news: WrongGoods) -> None:
    """The recheck found what the picker had got wrong: it is reported, and its cause written down (R24)."""
    if not order.ended:
        why = case_reasons.wrong_goods(news.task_no, news.picker)
        await open_case(order, CaseKind.MISTAKE, subject=news.task_no, why=why, by=news.by)


# --- replacements (R13, R15, R16, R24) --------------------------------------------------------


async def replacement_over(order: Life) -> None:
    """A replacement tells the case that sent it how it ended: signed for, or ended early."""
    terms = order.state.order
    if terms.for_case is None or order.state.told_its_case or order.status not in _OVER:
        return
    order.state.told_its_case = True
    why = f"the replacement {terms.order_no} is {order.status}"
    news = OrderNews(outcome=_OVER[order.status], reference=terms.order_no, why=why)
    await case_calls.tell_case(terms.for_case, names.ORDER_NEWS, news)


# --- clocks (R25) -------------------------------------------------------------------------------


async def tell_clocks(order: Life, *, stood: bool) -> None:
    """The clocks of the order's cases stop and run on with its own; ``stood``: whether they did until now."""
    if order.state.clocks_stand is not stood:
        for case_no in list(order.state.open_cases):
            await _tell_clocks(order, case_no, stand=not stood)


async def ended_while_held(order: Life) -> None:
    """An order that has ended is held by nobody: what is still open of its cases is due again."""
    if order.state.clocks_stand:
        for case_no in list(order.state.open_cases):
            await _tell_clocks(order, case_no, stand=False)


async def _tell_clocks(order: Life, case_no: str, *, stand: bool) -> None:
    if not workflow.patched(CLOCKS_PATCH):
        return
    news = ClocksStand(stand=stand, why=order.state.held or "")
    if not await case_calls.tell_case(case_no, names.ORDER_CLOCKS, news):
        order.state.open_cases.pop(case_no, None)


# --- what cases tell ------------------------------------------------------------------------


async def opened(order: Life, news: CaseOpened) -> None:
    """A person opened a case of this order."""
    order.state.open_cases[news.case_no] = CaseRef(kind=news.kind, subject=news.subject)
    if order.state.clocks_stand:
        await _tell_clocks(order, news.case_no, stand=True)


async def closed(order: Life, news: CaseClosed) -> None:
    """A case of this order is closed."""
    order.state.open_cases.pop(news.case_no, None)
