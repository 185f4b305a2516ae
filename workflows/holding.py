"""Held orders: who holds them, and what becomes of their clocks meanwhile (R25).

An order goes on only when nobody holds it any more. While one who holds it has its clocks
stopped, none runs: what was left of each runs on from the release, to a new absolute instant.
"""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from domain.deadlines import DeadlineId
from domain.holds import said
from models.commands import Hold, Unhold
from models.state import Clock, HoldRef, OrderState, StoppedClock
from models.steps import Reserved
from workflows import calls
from workflows.life import Life


async def hold(order: Life, command: Hold) -> None:
    """Stop the order where it stands."""
    take_hold(order.state, command.hold, HoldRef(reason=command.reason or "held", clocks=command.clocks))
    details: dict[str, str | int | bool | None] = {"hold": command.hold, "clocks": str(command.clocks)}
    await calls.take_step(order.step("held", command=command, details=details))


async def unhold(order: Life, command: Unhold) -> None:
    """Let it go on, unless somebody else holds it too."""
    stood = order.state.clocks_stand
    if command.hold is None:
        order.state.holds = {}
    else:
        order.state.holds.pop(command.hold, None)
    order.state.held = said(ref.reason for ref in order.state.holds.values())
    if stood and not order.state.clocks_stand:
        start_clocks_again(order.state)
    await calls.take_step(order.step("unheld", command=command, details={"hold": command.hold or ""}))


async def fall_under(order: Life, result: Reserved) -> None:
    """The order came in, or its goods were set aside, in the middle of an emergency: it is held as well."""
    for standing in result.holds:
        take_hold(order.state, standing.hold_id, HoldRef(reason=standing.reason, clocks=standing.clocks))
        details: dict[str, str | int | bool | None] = {"hold": standing.hold_id, "clocks": str(standing.clocks)}
        await calls.take_step(order.step("held", why=standing.reason, details=details))


def take_hold(state: OrderState, name: str, ref: HoldRef) -> None:
    """The order is held from now on; its clocks stop if whoever holds it says so."""
    state.holds[name] = ref
    state.held = said(one.reason for one in state.holds.values())
    if state.clocks_stand:
        stop_clocks(state)


def stop_clocks(state: OrderState) -> None:
    """Keep of each running clock what is left of it."""
    now = workflow.now()
    for clock in state.clocks.values():
        left = max(timedelta(0), clock.due - now)
        state.stopped[clock.id] = StoppedClock(id=clock.id, started=clock.started, left=left)
    state.clocks = {}


def start_clocks_again(state: OrderState) -> None:
    """What was left of each clock runs on from this moment of workflow time."""
    now = workflow.now()
    for clock in state.stopped.values():
        state.clocks[clock.id] = Clock(id=clock.id, due=now + clock.left, started=clock.started)
    state.stopped = {}


def shift(state: OrderState, deadline: DeadlineId, by: timedelta) -> None:
    """Move a deadline, running or stopped; back as well, but a stopped one never below nothing left."""
    if (clock := state.clocks.get(deadline)) is not None:
        state.clocks[deadline] = clock.model_copy(update={"due": clock.due + by})
    elif (standing := state.stopped.get(deadline)) is not None:
        left = max(timedelta(0), standing.left + by)
        state.stopped[deadline] = standing.model_copy(update={"left": left})
