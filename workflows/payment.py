"""Phase two: the money (R3, R4, R28).

Every order ends as exactly one of {paid and reserved, cancelled and refunded in full,
cancelled and never paid}.
"""

from __future__ import annotations

from functools import partial

from temporalio import workflow

from domain.alert_kinds import Asked
from domain.deadlines import DeadlineId
from domain.money import PaymentMethod
from domain.order_status import OrderStatus
from models.base import SYSTEM, clock_actor
from models.news import PaymentEvent, PaymentNews
from models.payments import BookPayment, ClosePayment
from models.state import StockState
from workflows import calls, refunding, shortage
from workflows.life import Life
from workflows.outside import Request, insist


async def collect(order: Life) -> None:
    """Wait until the order is paid, or cancel it at T1; cash on delivery goes straight on (R4)."""
    if order.state.stock is StockState.SHORT and not order.state.promotion_released:
        # Nothing can be promised, so nobody is asked to pay: the review will intercept it.
        return
    while order.status is OrderStatus.AWAITING_PAYMENT and order.payment_due:
        passed = await order.until(lambda: order.status is not OrderStatus.AWAITING_PAYMENT or not order.payment_due)
        if passed is DeadlineId.T2P:
            await release_promotion_stock(order)
        elif passed is DeadlineId.T1:
            await close_and_cancel(order)
    if order.status is OrderStatus.AWAITING_PAYMENT and order.state.order.payment_method is PaymentMethod.ONLINE:
        await take_as_paid(order)
    await shortage.secure(order)


async def take_as_paid(order: Life) -> None:
    """The ledger covers the total: paid, or nothing was due (accident 4)."""
    nothing_due = order.state.order.total == 0
    act = "nothing_due" if nothing_due else "payment_complete"
    await calls.take_step(order.step(act, to=OrderStatus.PAID))
    if not order.reserved and order.state.promotion_released:
        await shortage.reserve_again(order)


async def release_promotion_stock(order: Life) -> None:
    """T2P: the promotion's hold ends; the order stays payable until T1 (R28)."""
    order.state.stock = StockState.RELEASED
    order.state.promotion_released = True
    step = order.step("promotion_hold_ended", by=clock_actor("T2P"), passed=(DeadlineId.T2P,))
    await calls.release_stock(step)


async def close_and_cancel(order: Life) -> None:
    """T1: close the payment at the provider first; only if nobody paid is the order cancelled.

    The provider is the arbiter of who was first: a buyer who paid in time but whose notice
    is still on its way has paid in time.
    """
    await calls.take_step(order.step("payment_deadline_passed", by=clock_actor("T1"), passed=(DeadlineId.T1,)))
    news = await close(order)
    if news is not None:
        await book(order, news)
    if order.payment_due and order.status is OrderStatus.AWAITING_PAYMENT:
        why = "not paid in time"
        await calls.take_step(order.step("cancelled", by=clock_actor("T1"), to=OrderStatus.CANCELLED, why=why))


async def close(order: Life) -> PaymentNews | None:
    """Close the payment; if the provider says it is captured already, that is the notice."""
    terms = order.state.order
    order.state.payment_closed = True
    if not terms.payment_provider or not terms.payment_reference:
        return None
    request = ClosePayment(order_no=terms.order_no, provider=terms.payment_provider, reference=terms.payment_reference)
    closed = await insist(
        order, Request(Asked.CLOSE_PAYMENT, "finance", terms.order_no), partial(calls.close_payment, request)
    )
    if closed is None or not closed.captured:
        return None
    return PaymentNews(
        event_id=f"{terms.payment_provider}:{terms.payment_reference}:captured",
        event=PaymentEvent.CAPTURED,
        provider=terms.payment_provider,
        reference=terms.payment_reference,
        amount=closed.captured,
        currency=closed.currency,
        at=workflow.now(),
    )


async def book(order: Life, news: PaymentNews) -> None:
    """Write the notice into the ledger; sums, not flags, say what it means."""
    step = order.step(
        f"payment_{news.event}",
        by=news.by or SYSTEM,
        details={"amount": news.amount, "currency": news.currency, "provider": news.provider},
    )
    ledger = await calls.book_payment(BookPayment(step=step, news=news))
    order.heed(ledger)
    if ledger.came_back is not None:
        await refunding.came_back(order, news, ledger.came_back)
