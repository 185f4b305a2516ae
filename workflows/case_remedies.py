"""What was settled is carried out: money goes back, a replacement is sent, a coupon issued (R13, R15 to R17, R24).

The case waits for it. A replacement counts when the buyer has signed for it, not at its hand-over:
most of these cases begin with a parcel that was handed over and never came.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from domain.case_kinds import KINDS
from domain.case_progress import missing_stages, remedy_named
from domain.case_shapes import REMEDY_NEWS, CaseKind, Doing, OrderOutcome
from domain.cases import CaseState
from models.base import SYSTEM
from models.cases import OrderNews
from models.remedies import IssueCoupon, PlanReplacement, PriceLines
from workflows import case_calls, case_refunds, case_returns, clocks
from workflows.case_life import CaseLetter, CaseLife

_Facts = dict[str, str | int | bool | None]


async def carry_out(case: CaseLife) -> None:
    """Begin with what the settlement does; what comes of it reaches the case as news."""
    file = case.file
    assert file.settlement is not None
    doing = remedy_named(file.kind, file.settlement).does
    if doing is None:
        return
    file.remedies += 1
    try:
        await _DOES[doing](case)
    except ActivityError as error:
        case.mail.append(CaseLetter(OrderNews(outcome=_FAILS[doing], why=said(error))))


def key_of(case: CaseLife) -> str:
    """The key of this remedy: what outside parties and rows know it by."""
    return f"case:{case.file.opening.case_no}#{case.file.remedies}"


def said(error: ActivityError) -> str:
    """Why an activity refused; a type and codes, never a person (R21)."""
    cause = error.cause
    return f"{cause.type}: {cause}" if isinstance(cause, ApplicationError) else str(error.retry_state)


# --- how each is done ----------------------------------------------------------------------------


async def _replace(case: CaseLife) -> None:
    """A linked order at no charge goes through stock, picking and shipping like any other."""
    file, opening = case.file, case.file.opening
    assert opening.order_no is not None
    request = PlanReplacement(
        case_no=opening.case_no,
        order_no=opening.order_no,
        key=key_of(case),
        at=workflow.now(),
        lines=tuple(file.lines),
        parcel_no=opening.subject,
        policy=opening.policy,
    )
    order = await case_calls.send_replacement(request)
    file.remedy = {"replacement": order.order_no}
    details: _Facts = {"replacement": order.order_no, "of": opening.order_no}
    await case_calls.take_case_step(
        case.step("case_replacement_ordered", by=file.settled_by or SYSTEM, details=details)
    )


async def _refund(case: CaseLife) -> None:
    """Give money back: an amount that was named, or what the pieces cost."""
    file, opening = case.file, case.file.opening
    assert opening.order_no is not None
    amount = file.amount
    if amount is None:
        asked = PriceLines(order_no=opening.order_no, lines=tuple(file.lines), parcel_no=opening.subject)
        amount = (await case_calls.price_lines(asked)).amount
    file.remedy = {"refund": amount}
    await case_refunds.ask(case, amount, key_of(case))


async def _coupon(case: CaseLife) -> None:
    """The coupon service may be slow: the case reads its mail meanwhile."""
    file, opening = case.file, case.file.opening
    assert opening.order_no is not None
    assert file.amount is not None
    request = IssueCoupon(case_no=opening.case_no, order_no=opening.order_no, key=key_of(case), amount=file.amount)
    case.send_out(_issued(request))


async def _issued(request: IssueCoupon) -> OrderNews:
    try:
        issued = await case_calls.issue_coupon(request)
    except ActivityError as error:
        return OrderNews(outcome=OrderOutcome.COUPON_REFUSED, why=said(error))
    return OrderNews(outcome=OrderOutcome.COUPON_ISSUED, reference=issued.coupon_id)


_DOES: Mapping[Doing, Callable[[CaseLife], Awaitable[None]]] = MappingProxyType(
    {Doing.REPLACE: _replace, Doing.REFUND: _refund, Doing.COUPON: _coupon}
)

_FAILS: Mapping[Doing, OrderOutcome] = MappingProxyType(
    {
        Doing.REPLACE: OrderOutcome.REPLACEMENT_ENDED,
        Doing.REFUND: OrderOutcome.NOT_REFUNDED,
        Doing.COUPON: OrderOutcome.COUPON_REFUSED,
    }
)


# --- what comes of it ----------------------------------------------------------------------------


async def read_news(case: CaseLife, news: OrderNews) -> None:
    """The remedy was carried out, or could not be: then the case goes back to work."""
    expected = case.file.remedy.get("replacement", news.reference)
    if not (case.file.awaits_order and _is_mine(case)) or news.reference not in ("", expected):
        await case_calls.take_case_step(case.step("case_order_told", why=f"{news.outcome} {news.reference}".strip()))
    elif REMEDY_NEWS[news.outcome]:
        await _done(case, news)
    else:
        await case.settlement_failed(news.why)


def _is_mine(case: CaseLife) -> bool:
    """Whether the settlement is one that the case carries out itself; an order's own refund is only told."""
    settlement = case.file.settlement
    return settlement is not None and remedy_named(case.file.kind, settlement).does is not None


async def _done(case: CaseLife, news: OrderNews) -> None:
    file = case.file
    file.awaits_order = False
    if news.outcome is OrderOutcome.COUPON_ISSUED:
        file.remedy = {"coupon": news.reference, "amount": file.amount or 0}
    goods = case_returns.done(case, news.outcome) if file.kind is CaseKind.RETURN else None
    details: _Facts = dict(file.remedy)
    step = case.step("case_remedy_done", why=news.outcome.replace("_", " "), details=details, goods=goods)
    await case_calls.take_case_step(step)
    if not KINDS[file.kind].reviewed and not missing_stages(file.kind, file.progress):
        await close_by_itself(case)


async def close_by_itself(case: CaseLife, why: str = "carried out") -> None:
    """Nothing is left to do, and nothing has to be written down."""
    before, unmet = case.move(CaseState.CLOSED), clocks.names(case.file)
    clocks.keep_only(case.file, ())
    await case_calls.take_case_step(case.step("case_closed", before=before, why=why, waived=unmet))
