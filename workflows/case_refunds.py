"""Money that a case gives back: through its order while that lives, by itself when it has ended (R3, R16)."""

from __future__ import annotations

import hashlib

from temporalio import workflow

from domain.case_shapes import OrderOutcome
from models import workflow_names as names
from models.cases import OrderNews
from models.commands import RefundOrder
from models.payments import RefundPayment
from models.refunds import AskRefund, MoveRefund, RefundState
from models.steps import Step
from workflows import calls, case_calls, refunding
from workflows.case_life import CaseLetter, CaseLife


async def ask(case: CaseLife, amount: int, key: str) -> None:
    """Give back ``amount`` minor units in the name of whoever settled; what comes of it is news."""
    if amount == 0:
        news = OrderNews(outcome=OrderOutcome.REFUNDED, why="nothing was paid for it")
        case.mail.append(CaseLetter(news))
        return
    file = case.file
    assert file.opening.order_no is not None
    assert file.settled_by is not None
    reason = f"{file.kind}_{file.settlement}"[:60]
    wish = RefundOrder(by=file.settled_by, reason=reason, amount=amount, cause=file.opening.case_no, key=key)
    if not await case_calls.tell_order(file.opening.order_no, names.REFUND, wish):
        await _beside(case, wish)


async def _beside(case: CaseLife, wish: RefundOrder) -> None:
    """The order has ended: the same ledger, the same limit, and the case itself asks the provider."""
    order_no, amount = case.file.opening.order_no, wish.amount
    assert order_no is not None
    assert amount is not None
    refund_id = f"{order_no}-R{hashlib.sha256(wish.key.encode()).hexdigest()[:10]}"
    step = _step(order_no, refund_id, wish, "refund_asked")
    asked = await calls.ask_refund(AskRefund(step=step, refund_id=refund_id, amount=amount, cause=wish.cause))
    if asked.waits:
        await _too_much(case, order_no, refund_id, wish)
        return
    request = RefundPayment(
        order_no=order_no,
        refund_id=refund_id,
        key=f"{refund_id}:1",
        amount=amount,
        at=workflow.now(),
        by=wish.by,
        why=wish.reason,
    )
    case.send_out(_given_back(request))


async def _too_much(case: CaseLife, order_no: str, refund_id: str, wish: RefundOrder) -> None:
    """Nobody approves beside an ended order: above the limit it is finance's, by hand."""
    assert wish.amount is not None
    step = _step(order_no, refund_id, wish, "refund_declined")
    to = RefundState.DECLINED
    await calls.move_refund(MoveRefund(step=step, refund_id=refund_id, to=to, amount=wish.amount, key=f"{refund_id}:1"))
    why = "above what one person may give back, and the order has ended: settle a smaller amount, or let finance pay"
    case.mail.append(CaseLetter(OrderNews(outcome=OrderOutcome.NOT_REFUNDED, why=why)))


async def _given_back(request: RefundPayment) -> OrderNews:
    """A provider that is away is asked again after each pause; then the case goes back to work."""
    heard = await refunding.pay(request)
    if heard.missing:
        return OrderNews(outcome=OrderOutcome.NOT_REFUNDED, why=heard.why)
    return OrderNews(outcome=OrderOutcome.REFUNDED, why=request.refund_id)


def _step(order_no: str, refund_id: str, wish: RefundOrder, act: str) -> Step:
    """A step beside the ended order: it leaves the order's row alone."""
    return Step(
        order_no=order_no,
        seq=1,
        series=f"case:{wish.cause}:",
        cause=f"{act}:{refund_id}",
        at=workflow.now(),
        act=act,
        by=wish.by,
        before=None,
        after=None,
        why=wish.reason,
        details={"refund": refund_id, "amount": wish.amount, "cause": wish.cause},
    )
