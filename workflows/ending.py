"""What an order that ended early leaves behind is undone: goods, bookings, money (R3, R6, R7)."""

from __future__ import annotations

from functools import partial

from temporalio import workflow

from domain.order_status import OrderStatus
from models.base import SYSTEM
from models.state import StockState
from models.steps import CancelOrder, RefundPayment, VoidBooking
from workflows import calls, payment
from workflows.life import Life
from workflows.outside import insist

EARLY = frozenset({OrderStatus.CANCELLED, OrderStatus.REJECTED, OrderStatus.INTERCEPTED})


async def settle(order: Life) -> None:
    """Bring an early end to one of the outcomes of R3: never paid, or refunded in full."""
    if order.status not in EARLY:
        await order.read_mail()
        return
    if not order.state.settled:
        await undo_here(order)
        if not order.state.payment_closed and order.payment_due:
            await close_payment(order)
        order.state.settled = True
    await order.read_mail()
    while order.state.captured > order.state.refunded:
        await refund(order)
        await order.read_mail()


async def undo_here(order: Life) -> None:
    """Release the stock and stop the picking; then void what was booked with carriers."""
    order.state.stock = StockState.RELEASED
    undone = await calls.cancel_order(CancelOrder(step=order.step("goods_released")))
    for carrier, tracking_no in undone.void:
        request = VoidBooking(order_no=order.state.order.order_no, carrier=carrier, tracking_no=tracking_no)
        await insist(order, f"void {tracking_no}", "logistics", partial(calls.void_booking, request))


async def close_payment(order: Life) -> None:
    """Close the payment at the provider; if it was captured meanwhile, book that, to give it back."""
    if (news := await payment.close(order)) is not None:
        await payment.book(order, news)


async def refund(order: Life) -> None:
    """Give back all that the ledger still holds."""
    owed = order.state.captured - order.state.refunded
    number = order.state.order.order_no
    request = RefundPayment(
        order_no=number,
        key=f"{number}:refund:{order.state.steps}",
        amount=owed,
        at=workflow.now(),
        by=SYSTEM,
        why=str(order.status),
    )
    done = await insist(order, "refund", "finance", partial(calls.refund_payment, request))
    if done is not None:
        order.state.captured, order.state.refunded = done.captured, done.refunded
