"""Asking an outside party: until it does, or until a person says what else (R11, R3).

A party that is away is asked again by Temporal. A party that refuses would refuse again:
then the order shows what it is stuck on, the department is told, and it goes on waiting,
reading its mail, until someone asks it to try again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

from domain import sayings
from domain.alert_kinds import Asked
from models.steps import Alert
from workflows import calls
from workflows.life import Life

T = TypeVar("T")


@dataclass(frozen=True)
class Request:
    """What is asked of the party, about which parcel or waybill, and which department hears of a refusal."""

    what: Asked
    department: str
    about: str = ""


async def insist(
    order: Life,
    asked: Request,
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
            await put_before_people(order, asked, error)
        await order.until(lambda: order.state.stuck is None or unless())
    return None


async def put_before_people(order: Life, asked: Request, error: ActivityError) -> None:
    """Say what the order is stuck on, and tell the department."""
    cause = error.cause
    answer = f"{cause.type}, {cause}" if isinstance(cause, ApplicationError) else str(error.retry_state)
    told = sayings.refused_outside(asked.what, asked.about, answer)
    order.state.stuck = told.text
    alert = Alert.to(asked.department, told)
    await calls.take_step(order.step("refused_outside", why=told.text, alert=alert))
