"""Commands to an order: each is a Workflow Update under the request's Idempotency-Key (DESIGN, idea 2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from api import commanding
from api.auth import Staff, allowed
from api.commanding import Ask
from api.correcting import correct_address
from api.house import InHouse
from api.once import Answer, Asking, Key, once
from api.paths import OrderNo, ParcelNo
from api.problems import COMMAND_REFUSALS, Responses
from api.schemas.commands import (
    CarrierChoice,
    DeadlineChange,
    Decision,
    ForceConsent,
    HoldAsked,
    MaybeReasoned,
    NewPlace,
    Reasoned,
    ReviewDecision,
)
from api.schemas.orders import OrderAccepted, OrderView
from domain.permissions import Permission
from models import workflow_names as names
from models.commands import (
    Approve,
    Cancel,
    ChangeDeadline,
    ChooseCarrier,
    Claim,
    Command,
    Hold,
    Reject,
    Release,
    RetryOutside,
    RetryStock,
    Unhold,
)

router = APIRouter(prefix="/v1/orders/{order_no}", tags=["commands"])

_DECISIONS: dict[Decision, tuple[str, type[Command]]] = {
    Decision.CLAIM: (names.CLAIM, Claim),
    Decision.RELEASE: (names.RELEASE, Release),
    Decision.APPROVE: (names.APPROVE, Approve),
    Decision.REJECT: (names.REJECT, Reject),
}


@dataclass(frozen=True)
class Desk:
    """What every command needs: the order, the key, the request, the house."""

    order_no: OrderNo
    key: Key
    request: Request
    house: InHouse

    async def once(self, body: BaseModel, by: Staff, act: Callable[[], Any]) -> Response:
        """Under the order's own name: the key is the update's id, which is the order's, not the person's."""
        asking = Asking.by(f"order:{self.order_no}", self.key, self.request, body, who=by.id)
        return await once(self.house, asking, act)

    async def command(
        self, body: ReviewDecision | Reasoned | MaybeReasoned | DeadlineChange | CarrierChoice | ForceConsent,
        by: Staff, update: str,
        kind: type[Command], **rest: Any,
    ) -> Response:  # fmt: skip
        """Seal the note, ask the order, answer with the order as it then stands."""

        async def act() -> Answer:
            note_id = await commanding.write_note(self.house, self.order_no, body.note, self.key, by)
            command = kind(by=by.actor, reason=body.reason, note_id=note_id, key=self.key, **rest)
            async with commanding.noted(self.house, note_id):
                return await commanding.carry_out(self.house, Ask(self.order_no, update, command))

        return await self.once(body, by, act)


At = Annotated[Desk, Depends()]
_NOT_KNOWN_YET: Responses = {202: COMMAND_REFUSALS[202] | {"model": OrderAccepted}}
ANSWERS: dict[str, Any] = {"response_model": OrderView, "responses": COMMAND_REFUSALS | _NOT_KNOWN_YET}


@router.post("/review", summary="Claim, give back, approve or reject", **ANSWERS)
async def review(
    at: At, decision: ReviewDecision, by: Annotated[Staff, Depends(allowed(Permission.REVIEW_DECIDE))]
) -> Response:
    """A reviewer's decision (R7). An order with a missing core field cannot be approved (R19)."""
    update, kind = _DECISIONS[decision.decision]
    return await at.command(decision, by, update, kind)


@router.post("/cancel", summary="Cancel before hand-over", **ANSWERS)
async def cancel(at: At, body: Reasoned, by: Annotated[Staff, Depends(allowed(Permission.ORDER_CANCEL))]) -> Response:
    """Stop picking, release stock, refund what was paid (R3)."""
    return await at.command(body, by, names.CANCEL, Cancel)


@router.post("/hold", summary="Stop the order where it stands", **ANSWERS)
async def hold(at: At, body: HoldAsked, by: Annotated[Staff, Depends(allowed(Permission.ORDER_HOLD))]) -> Response:
    """Nothing is released to the warehouse while it is held; its clocks run on or stop (R25)."""
    return await at.command(body, by, names.HOLD, Hold, clocks=body.clocks or at.house.settings.hold_clocks)


@router.post("/release", summary="Let a held order go on", **ANSWERS)
async def unhold(at: At, body: Reasoned, by: Annotated[Staff, Depends(allowed(Permission.ORDER_HOLD))]) -> Response:
    """End of the hold (R25)."""
    return await at.command(body, by, names.UNHOLD, Unhold)


@router.post("/retry-stock", summary="Try the stock again", **ANSWERS)
async def retry_stock(
    at: At, body: MaybeReasoned, by: Annotated[Staff, Depends(allowed(Permission.STOCK_RETRY))]
) -> Response:
    """For an order that is short of stock (R9, R28)."""
    return await at.command(body, by, names.RETRY_STOCK, RetryStock)


@router.post("/retry-outside", summary="Ask an outside party again that refused", **ANSWERS)
async def retry_outside(
    at: At, body: MaybeReasoned, by: Annotated[Staff, Depends(allowed(Permission.OUTSIDE_RETRY))]
) -> Response:
    """For an order that is `stuck`: a carrier, a payment provider or a channel refused, and the cause is mended.

    The outside party gets the same request under the same key: what it did already is not done twice.
    """
    return await at.command(body, by, names.RETRY_OUTSIDE, RetryOutside)


@router.post("/parcels/{parcel_no}/carrier", summary="Choose another carrier for a parcel", **ANSWERS)
async def choose_carrier(
    at: At, parcel_no: ParcelNo, body: CarrierChoice, by: Annotated[Staff, Depends(allowed(Permission.CARRIER_CHOOSE))]
) -> Response:
    """Until the parcel is handed over; a waybill that it has already is withdrawn (R11)."""
    return await at.command(body, by, names.CHOOSE_CARRIER, ChooseCarrier, parcel_no=parcel_no, carrier=body.carrier)


@router.post("/address", summary="Correct the address", **ANSWERS)
async def address(
    at: At, body: NewPlace, by: Annotated[Staff, Depends(allowed(Permission.ADDRESS_CORRECT))]
) -> Response:
    """The vault is written, then the order looks again at what was missing (R2, R6)."""
    return await at.once(body, by, lambda: correct_address(at.house, at.order_no, body, key=at.key, by=by))


@router.post("/deadlines", summary="Extend or waive a running deadline", **ANSWERS)
async def change_deadline(
    at: At, body: DeadlineChange, by: Annotated[Staff, Depends(allowed(Permission.DEADLINE_CHANGE))]
) -> Response:
    """With a reason, by a permitted person; it stays on record."""
    seconds = body.extend_by_seconds
    extend_by = None if seconds is None else timedelta(seconds=seconds)
    return await at.command(
        body, by, names.CHANGE_DEADLINE, ChangeDeadline, deadline=body.deadline, extend_by=extend_by
    )
