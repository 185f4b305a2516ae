"""The time machine's door in the API, in development only: what time it is for one order, and moving it on.

``api`` knows nothing of it: ``orderflow api`` adds it to its application in development. So in
production there is no such route, and no setting that could bring one.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from temporalio.service import RPCError

from api.auth import Staff, allowed
from api.house import InHouse
from api.once import Answer, Asking, Key, once
from api.paths import OrderNo
from api.problems import REFUSALS, Away, Conflicting, NotThere, among
from dev.time_machine import NotInProduction, TimeMachine, TimeMachineBusy
from domain.permissions import Permission
from runtime.settings import Settings
from store.reaching import TemporalAway, no_such_workflow, reaching_temporal

router = APIRouter(prefix="/v1/orders/{order_no}/clock", tags=["commands"])

Mover = Annotated[Staff, Depends(allowed(Permission.DEADLINE_CHANGE))]
_FURTHEST_S = int(timedelta(days=366).total_seconds())


class OrderClock(BaseModel):
    """What time it is for the order; ``ended`` when it is over and has no clock any more."""

    now: datetime = Field(examples=["2024-06-12T09:30:00Z"])
    ended: bool = False


class MoveOn(BaseModel):
    """Let so much time pass for the order, or pass an instant: one of the two."""

    model_config = ConfigDict(hide_input_in_errors=True)

    seconds: Annotated[int, Field(strict=True, ge=1, le=_FURTHEST_S)] | None = Field(default=None, examples=[3600])
    past: AwareDatetime | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> MoveOn:
        if (self.seconds is None) == (self.past is None):
            raise ValueError("give seconds or past")
        if self.past is not None and self.past > datetime.now(UTC) + 4 * timedelta(seconds=_FURTHEST_S):
            raise ValueError("past lies further ahead than any deadline")
        return self


def open_door(app: FastAPI, settings: Settings) -> None:
    """Add it to the API; raises NotInProduction unless the settings are development's."""
    if settings.environment == "production":
        raise NotInProduction("the time machine exists in development only")
    app.include_router(router)


def machine_of(request: Request, house: InHouse) -> TimeMachine:
    """The one of this process: it moves an order for one caller at a time."""
    state = request.app.state
    if not hasattr(state, "time_machine"):
        state.time_machine = TimeMachine(house.client, house.settings)
    machine: TimeMachine = state.time_machine
    return machine


Machine = Annotated[TimeMachine, Depends(machine_of)]


@router.get("", responses=REFUSALS | among(404, 503), summary="Development only: what time it is for this order")
async def read_clock(order_no: OrderNo, by: Mover, machine: Machine) -> OrderClock:
    """Ahead of the wall clock by all that it was moved."""
    del by
    return OrderClock(now=await _now(machine, order_no))


@router.post(
    "", response_model=OrderClock, responses=REFUSALS | among(404, 409, 503),
    summary="Development only: move this order's clock on",
)  # fmt: skip
async def move_clock(
    request: Request, order_no: OrderNo, body: MoveOn, key: Key, house: InHouse, by: Mover, machine: Machine
) -> Response:
    """Every deadline on the way passes at its own instant; the wall clock and all other orders stay where they are."""
    return await once(house, Asking.by(by.id, key, request, body), lambda: _move(machine, order_no, body))


async def _move(machine: TimeMachine, order_no: str, body: MoveOn) -> Answer:
    now = await _now(machine, order_no)
    try:
        with reaching_temporal():
            if body.past is not None:
                lives = await machine.forward_past(order_no, body.past)
            else:
                lives = await machine.forward(order_no, timedelta(seconds=body.seconds or 0))
    except TimeMachineBusy as error:
        raise Conflicting(str(error)) from None
    except TemporalAway:
        raise Away("Temporal cannot be reached; ask again with the same key") from None
    return Answer.of(OrderClock(now=await _now(machine, order_no) if lives else now, ended=not lives))


async def _now(machine: TimeMachine, order_no: str) -> datetime:
    try:
        with reaching_temporal():
            return await machine.now(order_no)
    except TemporalAway:
        raise Away("Temporal cannot be reached; ask again") from None
    except RPCError as error:
        if not no_such_workflow(error):
            raise
        raise NotThere(f"order {order_no} has no clock: it is not there, or over for long") from None
