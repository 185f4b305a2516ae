"""Asking an outside party: until it does, or until a person says what else (R11, R3).

A party that is away is asked again by Temporal. A party that refuses would refuse again:
then the order shows what it is stuck on, the department is told, and it goes on waiting,
reading its mail, until someone asks it to try again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

from models.steps import Alert
from workflows import calls
from workflows.life import Life

T = TypeVar("T")


async def insist(
    order: Life,
    what: str,
    department: str,
    ask: Callable[[], Awaitable[T]],
    unless: Callable[[], bool] = lambda: False,
) -> T | None:
    """The party's answer; None when the call was called off because ``unless`` became true."""
    while not unless():
        try:
            return await order.busy(ask(), unless)
        except ActivityError as error:
            if is_cancelled_exception(error):
                return None
            await put_before_people(order, what, department, error)
        await order.until(lambda: order.state.stuck is None or unless())
    return None


async def put_before_people(order: Life, what: str, department: str, error: ActivityError) -> None:
    """Say what the order is stuck on, and tell the department."""
    cause = error.cause
    why = f"{what}: {cause.type}, {cause}" if isinstance(cause, ApplicationError) else f"{what}: {error.retry_state}"
    order.state.stuck = why
    alert = Alert(department=department, kind="refused_outside", text=why)
    await calls.take_step(order.step("refused_outside", why=why, alert=alert))
