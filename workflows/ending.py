"""What an order that ended early leaves behind is undone: goods, bookings, money (R3, R6, R7)."""

from __future__ import annotations

from functools import partial

from domain.alert_kinds import Asked
from domain.order_status import OrderStatus
from models.state import StockState
from models.steps import CancelOrder, VoidBooking
from workflows import calls, open_cases, payment, refunding
from workflows.life import Life
from workflows.outside import Request, insist

EARLY = frozenset({OrderStatus.CANCELLED, OrderStatus.REJECTED, OrderStatus.INTERCEPTED})


async def settle(order: Life) -> None:
    """Bring an early end to one of the outcomes of R3: never paid, or refunded in full."""
    if order.status not in EARLY:
        await order.read_mail()
        return
    await open_cases.replacement_over(order)
    if not order.state.settled:
        await open_cases.ended_while_held(order)
        await undo_here(order)
        if not order.state.payment_closed and order.payment_due:
            await close_payment(order)
        order.state.settled = True
    await order.read_mail()
    await refunding.drop_waiting(order)
    while order.state.captured > order.state.refunded or order.state.refunds:
        await refunding.refund_rest(order, str(order.status))
        await order.until(lambda: not refunding.on_the_way(order))


async def undo_here(order: Life) -> None:
    """Release the stock and stop the picking; then void what was booked with carriers."""
    order.state.stock = StockState.RELEASED
    undone = await calls.cancel_order(CancelOrder(step=order.step("goods_released")))
    for carrier, tracking_no in undone.void:
        request = VoidBooking(order_no=order.state.order.order_no, carrier=carrier, tracking_no=tracking_no)
        asked = Request(Asked.VOID_BOOKING, "logistics", tracking_no)
        await insist(order, asked, partial(calls.void_booking, request))


async def close_payment(order: Life) -> None:
    """Close the payment at the provider; if it was captured meanwhile, book that, to give it back."""
    if (news := await payment.close(order)) is not None:
        await payment.book(order, news)
