"""What people ask of an order: one table, command → permission, rule, act.

The rule is checked twice: in the update's validator, where a refusal leaves no trace in
the history, and again when the letter is read, since the order may have moved meanwhile.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from domain.carriers import NoCarrier, named
from domain.errors import (
    AlreadyClaimed,
    IncompleteOrder,
    MissingReason,
    NotAllowed,
    NothingToExtend,
    NotWaitingForThis,
)
from domain.money import PaymentMethod
from domain.order_status import BEFORE_HAND_OVER, ENDED, OrderStatus, both_names
from domain.permissions import Permission, may
from models.commands import (
    AdjustStatus,
    AmendOrder,
    Approve,
    ApproveRefund,
    Cancel,
    ChangeDeadline,
    ChooseCarrier,
    ChosenCarrier,
    Claim,
    Command,
    ConsentForce,
    CorrectAddress,
    DeclineRefund,
    Hold,
    RefundedElsewhere,
    RefundOrder,
    Reject,
    Release,
    RetryOutside,
    RetryRefund,
    RetryStock,
    SetPeak,
    ShipRest,
    Unhold,
)
from models.state import OrderState, ParcelState
from workflows import (
    adjusting,
    amending,
    backorder,
    calls,
    clocks,
    delivery,
    holding,
    peak,
    refund_rules,
    refunding,
    review,
    shortage,
)
from workflows.life import Life

Rule = Callable[[OrderState, Any], None]
Act = Callable[[Life, Any], Awaitable[None]]


@dataclass(frozen=True)
class Decision:
    """Who may ask it, when it is in order, and what then happens."""

    permission: Permission
    rule: Rule
    act: Act


def check(state: OrderState, command: Command) -> None:
    """Raise the rule that forbids this command now; return when it is in order."""
    decision = DECISIONS[type(command)]
    if not command.by.id.strip():
        raise NotAllowed("say who asks: it is kept with the act")
    if not may(command.by.role, decision.permission):
        raise NotAllowed(f"the role {command.by.role} may not {decision.permission}")
    decision.rule(state, command)


async def carry_out(order: Life, command: Command) -> None:
    """Do it; the rule was checked just before."""
    await DECISIONS[type(command)].act(order, command)


# --- rules ---------------------------------------------------------------------


def _stands_in(state: OrderState, status: OrderStatus) -> None:
    if state.status is not status:
        raise NotWaitingForThis(f"the order is {both_names(state.status)}, not {both_names(status)}")


def _reason_given(command: Command) -> None:
    if not command.reason and not command.note_id:
        raise MissingReason("give a reason: it is kept with the act")


def _free_to_review(state: OrderState, command: Command) -> None:
    _stands_in(state, OrderStatus.MANUAL_REVIEW)
    if state.claimed_by is not None and state.claimed_by.id != command.by.id:
        raise AlreadyClaimed(state.claimed_by.id)


def _may_approve(state: OrderState, command: Approve) -> None:
    _free_to_review(state, command)
    if state.missing_fields:
        raise IncompleteOrder(f"correct first what is missing: {', '.join(state.missing_fields)}")


def _may_reject(state: OrderState, command: Reject) -> None:
    _free_to_review(state, command)
    _reason_given(command)


def _may_release(state: OrderState, command: Release) -> None:
    _stands_in(state, OrderStatus.MANUAL_REVIEW)
    if state.claimed_by is None:
        raise NotWaitingForThis("nobody has claimed this order")
    if state.claimed_by.id != command.by.id and not may(command.by.role, Permission.ORDER_HOLD):
        raise AlreadyClaimed(state.claimed_by.id)


def _may_cancel(state: OrderState, command: Cancel) -> None:
    _reason_given(command)
    gone = {ParcelState.HANDED_OVER, ParcelState.OUT_FOR_DELIVERY, ParcelState.SIGNED}
    if state.status not in BEFORE_HAND_OVER or any(parcel.state in gone for parcel in state.parcels):
        raise NotWaitingForThis(f"the order is {both_names(state.status)}: too late to cancel, open a return instead")


def _may_retry(state: OrderState, _command: RetryStock) -> None:
    if not state.backorder:
        _stands_in(state, OrderStatus.SHORTAGE)


def _may_choose_carrier(state: OrderState, command: ChooseCarrier) -> None:
    _reason_given(command)
    parcel = next((one for one in state.parcels if one.parcel_no == command.parcel_no), None)
    if parcel is None:
        raise NotWaitingForThis(f"the order has no parcel {command.parcel_no} that is being made ready")
    if parcel.state not in delivery.NOT_YET_GONE or state.status in ENDED:
        raise NotWaitingForThis(f"the parcel is {parcel.state}: only its carrier can still do something")
    tariff = named(command.carrier)
    if state.order.payment_method is PaymentMethod.CASH_ON_DELIVERY and not tariff.collects:
        raise NoCarrier(f"{command.carrier} does not collect at the door, and this order is paid there")


def _may_retry_outside(state: OrderState, _command: RetryOutside) -> None:
    if state.stuck is None:
        raise NotWaitingForThis("no outside party has refused anything")


def _may_hold(state: OrderState, command: Hold) -> None:
    _reason_given(command)
    if state.status in ENDED or command.hold in state.holds:
        raise NotWaitingForThis("the order has ended" if state.status in ENDED else "the order is held already")


def _may_unhold(state: OrderState, command: Unhold) -> None:
    # An order on its way in may be told of the end of an emergency before it knows of the emergency.
    if state.recorded and (not state.holds if command.hold is None else command.hold not in state.holds):
        raise NotWaitingForThis("the order is not held")


def _may_correct(state: OrderState, _command: CorrectAddress) -> None:
    if state.status not in BEFORE_HAND_OVER:
        raise NotWaitingForThis("the parcel has left: ask the carrier to forward it")


def _may_change_deadline(state: OrderState, command: ChangeDeadline) -> None:
    _reason_given(command)
    if command.deadline not in clocks.names(state):
        running = ", ".join(clocks.names(state)) or "none"
        raise NothingToExtend(f"{command.deadline} is not running for this order (running: {running})")


# --- acts ----------------------------------------------------------------------


async def _claim(order: Life, command: Claim) -> None:
    order.state.claimed_by = command.by
    await calls.take_step(order.step("review_claimed", command=command))


async def _release(order: Life, command: Release) -> None:
    order.state.claimed_by = None
    await calls.take_step(order.step("review_released", command=command))


async def _approve(order: Life, command: Approve) -> None:
    order.state.approved = True
    await calls.take_step(order.step("approved", command=command, to=OrderStatus.APPROVED))


async def _reject(order: Life, command: Reject) -> None:
    await calls.take_step(order.step("rejected", command=command, to=OrderStatus.REJECTED))


async def _cancel(order: Life, command: Cancel) -> None:
    await calls.take_step(order.step("cancelled", command=command, to=OrderStatus.CANCELLED))


async def _retry_outside(order: Life, command: RetryOutside) -> None:
    await calls.take_step(order.step("outside_asked_again", command=command, why=order.state.stuck or ""))
    order.state.stuck = None


async def _choose_carrier(order: Life, command: ChooseCarrier) -> None:
    parcel = order.parcel(command.parcel_no)
    assert parcel is not None
    parcel.chosen = ChosenCarrier(carrier=command.carrier, by=command.by, why=command.reason)
    parcel.rebook = parcel.state is ParcelState.BOOKED and parcel.carrier != command.carrier
    if parcel.state is ParcelState.PACKED:
        # The rules may have found no carrier for it: then this is what its booking waits for.
        order.state.stuck = None
    details: dict[str, str | int | bool | None] = {"parcel": command.parcel_no, "carrier": command.carrier}
    await calls.take_step(order.step("carrier_chosen", command=command, details=details))


async def _correct_address(order: Life, command: CorrectAddress) -> None:
    await calls.take_step(order.step("address_corrected", command=command))
    await review.look_again(order)


async def _change_deadline(order: Life, command: ChangeDeadline) -> None:
    if command.extend_by is None:
        clocks.end(order.state, command.deadline)
    else:
        clocks.shift(order.state, command.deadline, command.extend_by)
    act = "deadline_waived" if command.extend_by is None else "deadline_extended"
    await calls.take_step(order.step(act, command=command, details={"deadline": command.deadline}))


DECISIONS: Mapping[type[Command], Decision] = MappingProxyType(
    {
        Claim: Decision(Permission.REVIEW_DECIDE, _free_to_review, _claim),
        Release: Decision(Permission.REVIEW_DECIDE, _may_release, _release),
        Approve: Decision(Permission.REVIEW_DECIDE, _may_approve, _approve),
        Reject: Decision(Permission.REVIEW_DECIDE, _may_reject, _reject),
        Cancel: Decision(Permission.ORDER_CANCEL, _may_cancel, _cancel),
        RetryStock: Decision(Permission.STOCK_RETRY, _may_retry, shortage.retry),
        AmendOrder: Decision(Permission.ORDER_CANCEL, amending.check, amending.amend),
        ShipRest: Decision(Permission.STOCK_RETRY, backorder.check, backorder.ship_rest),
        ChooseCarrier: Decision(Permission.CARRIER_CHOOSE, _may_choose_carrier, _choose_carrier),
        RetryOutside: Decision(Permission.OUTSIDE_RETRY, _may_retry_outside, _retry_outside),
        Hold: Decision(Permission.ORDER_HOLD, _may_hold, holding.hold),
        Unhold: Decision(Permission.ORDER_HOLD, _may_unhold, holding.unhold),
        CorrectAddress: Decision(Permission.ADDRESS_CORRECT, _may_correct, _correct_address),
        RefundOrder: Decision(Permission.REFUND_ORDER, refund_rules.may_ask, refunding.ask),
        ApproveRefund: Decision(Permission.REFUND_APPROVE, refund_rules.may_approve, refunding.approve),
        DeclineRefund: Decision(Permission.REFUND_ORDER, refund_rules.may_decline, refunding.decline),
        RetryRefund: Decision(Permission.REFUND_APPROVE, refund_rules.may_mend, refunding.retry),
        RefundedElsewhere: Decision(Permission.REFUND_APPROVE, refund_rules.may_mend, refunding.done_elsewhere),
        AdjustStatus: Decision(Permission.ORDER_FORCE, adjusting.may_adjust, adjusting.adjust),
        ConsentForce: Decision(Permission.ORDER_FORCE, adjusting.may_consent, adjusting.consent),
        SetPeak: Decision(Permission.PEAK_SET, peak.may_set, peak.set_factor),
        ChangeDeadline: Decision(Permission.DEADLINE_CHANGE, _may_change_deadline, _change_deadline),
    }
)
