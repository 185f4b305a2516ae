"""What every message has in common."""

from __future__ import annotations

import re

from pydantic import AwareDatetime, BaseModel, ConfigDict

ORDER_NO = re.compile(r"[a-z0-9_]{1,20}-[A-Za-z0-9._-]{1,80}")
"""An order number: the channel's name, a dash, the channel's own order id."""


class Message(BaseModel):
    """A frozen value that crosses a boundary.

    The input is hidden in validation errors: such an error travels into logs and
    workflow histories, where no personal data may be (R21).
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True, extra="ignore")


class Actor(Message):
    """Who acts: a person, a machine or a clock (R23).

    ``id`` is a staff id, a machine's name, or the number of the deadline that passed;
    never a person's name. ``role`` is one of R22's roles, or ``system``.
    """

    id: str
    role: str


SYSTEM = Actor(id="orderflow", role="system")


def clock_actor(deadline: str) -> Actor:
    """The actor of what happens when a deadline passes: the clock itself (R23)."""
    return Actor(id=deadline, role="clock")


__all__ = ["ORDER_NO", "SYSTEM", "Actor", "AwareDatetime", "Message", "clock_actor"]
