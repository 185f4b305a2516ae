"""Lines leave the order or are replaced, as customer service agreed with the buyer (R9)."""

from __future__ import annotations

from domain import amending
from domain.amending import Bill, Change, NoSuchLine, Sold
from domain.errors import NotWaitingForThis
from domain.money import PaymentMethod
from domain.order_status import OrderStatus, both_names
from models.base import SYSTEM
from models.commands import AmendOrder
from models.order import Line, PlaceOrder
from models.state import OrderState
from models.steps import AmendLines
from workflows import backorder, calls, open_cases, refunding, stock
from workflows.life import Life


def check(state: OrderState, command: AmendOrder) -> None:
    """Goods of the order must be missing, the change must make sense, and nobody is charged unasked."""
    if state.status is not OrderStatus.SHORTAGE and not state.backorder:
        raise NotWaitingForThis(f"the order is {both_names(state.status)}: nothing of it is missing")
    amended(state, command)


def amended(state: OrderState, command: AmendOrder) -> PlaceOrder:
    """The order as it is to be. Raises NoSuchLine, NothingLeft and DifferenceOwed."""
    before = bill_of(state.order)
    changes = [Change(**change.model_dump()) for change in command.changes]
    after = amending.amend(before, changes, state.backorder or None)
    if command.waive_difference:
        after = amending.waive_difference(before, after)
    if state.order.payment_method is PaymentMethod.ONLINE and after.total > before.total:
        amending.check_paid(after, state.captured - state.refunded)
    _keeps_what_was_refunded(state, after)
    lines = tuple(Line(**vars(line)) for line in after.lines)
    new = {"lines": lines, "tax": after.tax, "discount": after.discount, "total": after.total}
    return PlaceOrder.model_validate(state.order.model_dump() | new)


def _keeps_what_was_refunded(state: OrderState, after: Bill) -> None:
    left = {line.line_no: line.quantity for line in after.lines}
    for line_no, pieces in state.refunded_lines.items():
        if pieces > left.get(line_no, 0):
            raise NoSuchLine(f"{pieces} pieces of line {line_no} were refunded before: only the others can change")


def bill_of(order: PlaceOrder) -> Bill:
    """The order as the rules of domain.amending see it."""
    lines = tuple(Sold(**line.model_dump()) for line in order.lines)
    return Bill(lines, order.shipping, order.tax, order.discount)


def due_at_the_door(state: OrderState) -> int | None:
    """What an order paid at the door comes to without what ships later; None for any other (R9, R14)."""
    if state.order.payment_method is not PaymentMethod.CASH_ON_DELIVERY:
        return None
    return amending.without(bill_of(state.order), state.backorder).total


async def amend(order: Life, command: AmendOrder) -> None:
    """Change the lines if what then remains is there; if it is not, nothing has happened."""
    state, new = order.state, amended(order.state, command)
    before, after = bill_of(state.order), bill_of(new)
    gone, come = amending.pieces_gone(before, after), amending.pieces_come(before, after)
    later = {sku: pieces - gone.get(sku, 0) for sku, pieces in state.backorder.items() if pieces > gone.get(sku, 0)}
    details: dict[str, str | int | bool | None] = {
        "left": stock.listed(gone),
        "came": stock.listed(come),
        "total_before": before.total,
        "total": after.total,
    }
    step = order.step("lines_amended", command=command, details=details)
    result = await calls.amend_lines(AmendLines(step=step, order=new, later=later))
    if result.short:
        await open_cases.cannot_settle(order, stock.missing_of(result))
        return
    state.order = new
    await give_back(order, command, before.total - after.total)
    if state.status is OrderStatus.SHORTAGE:
        stock.note(order, result)
        await stock.go_on(order, command.by)
    else:
        await backorder.changed(order, later, come=bool(come))


async def give_back(order: Life, command: AmendOrder, less: int) -> None:
    """What was paid for goods that left goes back; cash at the door was never taken.

    The shop owes it by the new total, so nobody has to approve it: who settled stands with the lines.
    """
    state = order.state
    on_its_way = sum(one.amount for one in state.refunds.values())
    amount = min(less, state.captured - state.refunded - on_its_way - state.order.total)
    if amount > 0:
        key = f"lines amended {state.acts['lines_amended']}"
        await refunding.refund(order, by=SYSTEM, reason=command.reason, amount=amount, key=key)
