"""The time machine's doors in the API, in development only: what time it is for one clock's owner, and moving it on.

``api`` knows nothing of them: ``orderflow api`` adds them to its application in development. So in
production there is no such route, and no setting that could bring one. Where a clock was moved, what is
left of its deadlines is told by that clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Path, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from temporalio.service import RPCError

from api.auth import Staff, allowed
from api.house import Ahead, House, InHouse
from api.once import Answer, Asking, Key, once
from api.problems import REFUSALS, Away, Conflicting, NotThere, among
from api.scope import within
from dev.time_machine import NotInProduction, TimeMachine, TimeMachineBusy
from domain.deadlines import DeadlineId
from domain.permissions import Permission
from models.cases import case_workflow_id
from models.order import workflow_id
from runtime.settings import Settings
from store import deadlines
from store.reaching import TemporalAway, no_such_workflow, reaching_temporal
from store.scopes import Within

router = APIRouter(prefix="/v1/deadlines", tags=["boards"])

Mover = Annotated[Staff, Depends(allowed(Permission.DEADLINE_CHANGE))]
Subject = Annotated[str, Path(pattern=r"^(order|case|rights-review|channel):[A-Za-z0-9._-]{1,130}$")]
_FURTHEST_S = int(timedelta(days=366).total_seconds())
_AT_MOST = 200


class ClockNow(BaseModel):
    """What time it is for the owner of a clock; ``ended`` when it is over and has no clock any more."""

    now: datetime = Field(examples=["2024-06-12T09:30:00Z"])
    ahead_seconds: int = Field(default=0, examples=[3600], description="ahead of the wall clock")
    ended: bool = False


class MovedClock(BaseModel):
    """A clock that was moved, and by how much."""

    subject: str = Field(examples=["order:site-20240611-0042"])
    ahead_seconds: int = Field(examples=[3600])


class MovedClocks(BaseModel):
    """Those that were moved."""

    items: list[MovedClock]


class MoveOn(BaseModel):
    """Let so much time pass, or pass an instant: one of the two."""

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
    """Add them to the API; raises NotInProduction unless the settings are development's."""
    if settings.environment == "production":
        raise NotInProduction("the time machine exists in development only")
    app.include_router(router)
    app.state.ahead = _ahead_in(app)
    app.state.lookouts.add("moved", lambda house: _moved_in(house, _machine_in(app)))


def _ahead_in(app: FastAPI) -> Ahead:
    async def ahead(workflow_ids: Iterable[str]) -> Mapping[str, timedelta]:
        # The board is there without Temporal, too; nobody then knows of another clock than the wall's.
        try:
            with _reaching("the board"):
                return await _machine_in(app).ahead(workflow_ids)
        except (Away, Conflicting):
            return {}

    return ahead


def _machine_in(app: FastAPI) -> TimeMachine:
    """The one of this process: it moves a clock for one caller at a time."""
    if not hasattr(app.state, "time_machine"):
        house: House = app.state.house
        app.state.time_machine = TimeMachine(house.client, house.settings)
    machine: TimeMachine = app.state.time_machine
    return machine


def machine_of(request: Request) -> TimeMachine:
    """As a door is given it."""
    return _machine_in(request.app)


Machine = Annotated[TimeMachine, Depends(machine_of)]


@router.get("/moved", responses=REFUSALS | among(503), summary="Development only: which running clocks were moved")
async def moved_clocks(
    house: InHouse, by: Annotated[Staff, Depends(allowed(Permission.DEADLINE_READ))], machine: Machine
) -> MovedClocks:
    """Of the first two hundred of the deadline board; a countdown of theirs goes by their own clock."""
    with _reaching("the board"):
        moved = await _moved_in(house, machine, within(by))
    items = [MovedClock(subject=one, ahead_seconds=int(ahead.total_seconds())) for one, ahead in moved.items()]
    return MovedClocks(items=items)


async def _moved_in(house: House, machine: TimeMachine, own: Within | None = None) -> Mapping[str, timedelta]:
    """Whose clocks were moved, and by how much; within what somebody is confined to."""
    t13 = house.settings.deadline_policy().duration(DeadlineId.T13)
    async with house.pool.connection() as conn:
        rows = await deadlines.running(conn, limit=_AT_MOST, t13=t13, within=own)
    ahead = await machine.ahead(row["workflow_id"] for row in rows)
    return {row["subject"]: ahead[row["workflow_id"]] for row in rows if row["workflow_id"] in ahead}


@router.get(
    "/{subject}/clock", responses=REFUSALS | among(404, 503), summary="Development only: what time it is for it"
)
async def read_clock(subject: Subject, house: InHouse, by: Mover, machine: Machine) -> ClockNow:
    """Ahead of the wall clock by all that it was moved."""
    del by
    return await _now(machine, subject, await _workflow_of(house, subject))


@router.post(
    "/{subject}/clock", response_model=ClockNow, responses=REFUSALS | among(404, 409, 503),
    summary="Development only: move its clock on",
)  # fmt: skip
async def move_clock(
    request: Request, subject: Subject, body: MoveOn, key: Key, house: InHouse, by: Mover, machine: Machine
) -> Response:
    """Every deadline on the way passes at its own instant; the wall clock and all other clocks stay where they are."""

    async def move() -> Answer:
        return Answer.of(await _moved(machine, subject, await _workflow_of(house, subject), body))

    return await once(house, Asking.by(by.id, key, request, body), move)


async def _moved(machine: TimeMachine, subject: str, workflow: str, body: MoveOn) -> ClockNow:
    before = await _now(machine, subject, workflow)
    with _reaching(subject):
        if body.past is not None:
            lives = await machine.forward_past(workflow, body.past)
        else:
            lives = await machine.forward(workflow, timedelta(seconds=body.seconds or 0))
    return await _now(machine, subject, workflow) if lives else before.model_copy(update={"ended": True})


async def _now(machine: TimeMachine, subject: str, workflow: str) -> ClockNow:
    with _reaching(subject):
        now, lives = await machine.now(workflow), await machine.lives(workflow)
    return ClockNow(now=now, ahead_seconds=max(0, round((now - datetime.now(UTC)).total_seconds())), ended=not lives)


@contextmanager
def _reaching(subject: str) -> Iterator[None]:
    """Say plainly what Temporal's absence or refusal comes to."""
    try:
        with reaching_temporal():
            yield
    except TimeMachineBusy as error:
        raise Conflicting(str(error)) from None
    except TemporalAway:
        raise Away("Temporal cannot be reached; ask again with the same key") from None
    except RPCError as error:
        if no_such_workflow(error):
            raise NotThere(f"{subject} has no clock: it is not there, or over for long") from None
        raise Conflicting(f"Temporal does not move this clock: {error.status.name}", slug="clock-stands") from None


_WORKFLOWS: Mapping[str, Callable[[str], str]] = {
    "order": workflow_id,
    "case": case_workflow_id,
    "channel": "t13-{}".format,
}


async def _workflow_of(house: House, subject: str) -> str:
    """Whose clock it is; a review of rights has its name from the Schedule that began it."""
    kind, _, number = subject.partition(":")
    if kind in _WORKFLOWS:
        return _WORKFLOWS[kind](number)
    async with house.pool.connection() as conn:
        row = await deadlines.of_subject(conn, subject, DeadlineId.T16)
    if row is None:
        raise NotThere(f"{subject} has no clock: it is not there")
    return str(row["workflow_id"])
