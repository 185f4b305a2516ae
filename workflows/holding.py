"""Held orders: who holds them, and what becomes of their clocks and of their cases' clocks meanwhile (R25).

An order goes on only when nobody holds it any more.
"""

from __future__ import annotations

from domain.holds import said
from models.commands import Hold, Unhold
from models.state import HoldRef, OrderState
from models.steps import Reserved
from workflows import calls, clocks, open_cases
from workflows.life import Life


async def hold(order: Life, command: Hold) -> None:
    """Stop the order where it stands."""
    stood = order.state.clocks_stand
    take_hold(order.state, command.hold, HoldRef(reason=command.reason or "held", clocks=command.clocks))
    details: dict[str, str | int | bool | None] = {"hold": command.hold, "clocks": str(command.clocks)}
    await calls.take_step(order.step("held", command=command, details=details))
    await open_cases.tell_clocks(order, stood=stood)


async def unhold(order: Life, command: Unhold) -> None:
    """Let it go on, unless somebody else holds it too."""
    stood = order.state.clocks_stand
    if command.hold is None:
        order.state.holds = {}
    else:
        order.state.holds.pop(command.hold, None)
    order.state.held = said(ref.reason for ref in order.state.holds.values())
    if stood and not order.state.clocks_stand:
        clocks.go_on(order.state)
    await calls.take_step(order.step("unheld", command=command, details={"hold": command.hold or ""}))
    await open_cases.tell_clocks(order, stood=stood)


async def fall_under(order: Life, result: Reserved) -> None:
    """The order came in, or its goods were set aside, in the middle of an emergency: it is held as well."""
    stood = order.state.clocks_stand
    for standing in result.holds:
        take_hold(order.state, standing.hold_id, HoldRef(reason=standing.reason, clocks=standing.clocks))
        details: dict[str, str | int | bool | None] = {"hold": standing.hold_id, "clocks": str(standing.clocks)}
        await calls.take_step(order.step("held", why=standing.reason, details=details))
    await open_cases.tell_clocks(order, stood=stood)


def take_hold(state: OrderState, name: str, ref: HoldRef) -> None:
    """The order is held from now on; its clocks stop if whoever holds it says so."""
    state.holds[name] = ref
    state.held = said(one.reason for one in state.holds.values())
    if state.clocks_stand:
        clocks.stop(state)
