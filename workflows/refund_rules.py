"""What may be refunded of an order, and by whom (R16, R22; accident 6). Nothing here changes anything."""

from __future__ import annotations

from collections.abc import Sequence

from domain.errors import MoreThanLeft, NotWaitingForThis, SamePerson
from domain.permissions import Permission, may
from domain.refund_amounts import Bill, Bought, amount_of, pieces, worth
from models.base import SYSTEM
from models.commands import ApproveRefund, DeclineRefund, RefundedElsewhere, RefundLine, RefundOrder, RetryRefund
from models.order import PlaceOrder
from models.refunds import OpenRefund, RefundState
from models.state import OrderState


def wish(state: OrderState, lines: Sequence[RefundLine], amount: int | None, *, shipping: bool = False) -> OpenRefund:
    """What is asked for, in pieces and minor units; raises MoreThanLeft."""
    bill = bill_of(state.order)
    taken = pieces(bill, state.refunded_lines, [(line.sku, line.quantity) for line in lines])
    if shipping and state.shipping_refunded:
        raise MoreThanLeft("the shipping was refunded before")
    value = amount_of(bill, state.refunded_lines, taken) + (worth(bill)[1] if shipping else 0)
    left = state.captured - state.refunded - sum(one.amount for one in state.refunds.values())
    if not taken and not shipping:
        value = left
    if amount is not None and amount > value:
        raise MoreThanLeft(f"only {max(value, 0)} minor units are left to give back")
    total = value if amount is None else amount
    if not 0 < total <= left:
        raise MoreThanLeft(f"only {max(left, 0)} minor units are left to give back")
    return OpenRefund(amount=total, state=RefundState.ORDERED, by=SYSTEM, lines=taken, shipping=shipping)


def bill_of(terms: PlaceOrder) -> Bill:
    """The order as its refunds see it."""
    bought = [
        Bought(line.line_no, line.sku, line.quantity, line.quantity * line.unit_price - line.discount)
        for line in terms.lines
    ]
    return Bill(bought, terms.shipping, terms.tax - terms.discount)


def may_ask(state: OrderState, command: RefundOrder) -> None:
    """So much is left, in money and in pieces."""
    wish(state, command.lines, command.amount, shipping=command.shipping)


def may_approve(state: OrderState, command: ApproveRefund) -> None:
    """It waits, and this is another person (four eyes)."""
    if _one(state, command.refund_id, RefundState.WAITING).by.id == command.by.id:
        raise SamePerson("a second person has to approve this refund: you asked for it yourself")


def may_decline(state: OrderState, command: DeclineRefund) -> None:
    """It waits; whoever asked for it may take it back, too."""
    asked = _one(state, command.refund_id, RefundState.WAITING)
    if asked.by.id != command.by.id and not may(command.by.role, Permission.REFUND_APPROVE):
        raise SamePerson("ask finance or operations to decline this refund")


def may_mend(state: OrderState, command: RetryRefund | RefundedElsewhere) -> None:
    """Its provider has failed it."""
    _one(state, command.refund_id, RefundState.PROBLEM)


def _one(state: OrderState, refund_id: str, stands: RefundState) -> OpenRefund:
    found = state.refunds.get(refund_id)
    if found is None or found.state is not stands:
        raise NotWaitingForThis(f"the refund {refund_id} is {found.state if found else 'not open'}, not {stands}")
    return found
