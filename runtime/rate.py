"""How often something may be asked for: ``600/min`` in a setting."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator
from pydantic_settings import NoDecode

_TEXT = re.compile(r"([1-9]\d{0,6}) ?/ ?(s|min|h)")
_ROUNDING = 1e-6
"""A whole one that is free must not be missed by the last digit of a float."""
_PER = {"s": timedelta(seconds=1), "min": timedelta(minutes=1), "h": timedelta(hours=1)}


class Allowance(NamedTuple):
    """So many in such a time."""

    number: int
    per: timedelta


def _read(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if (read := _TEXT.fullmatch(value)) is None:
        raise ValueError("is written as 600/min: a number per s, min or h")
    return Allowance(int(read[1]), _PER[read[2]])


Rate = Annotated[Allowance, NoDecode, BeforeValidator(_read)]
"""A setting's allowance."""


@dataclass(frozen=True)
class Window:
    """A stretch of time in which is counted: its number since 1970, and how much of it is gone, from 0 to 1."""

    number: int
    gone: float


def window_at(allowance: Allowance, at: datetime) -> Window:
    """The window of that instant; every process on earth comes to the same."""
    gone, number = math.modf(at.timestamp() / allowance.per.total_seconds())
    return Window(int(number), gone)


@dataclass(frozen=True)
class Spent:
    """What is gone of an allowance: in this window, and in the one before, which slides out as this one passes."""

    here: int
    before: int

    def left(self, allowance: Allowance, gone: float) -> int:
        """How often one may ask yet; never less than nothing."""
        return max(0, math.floor(allowance.number - self.here - self.before * (1 - gone) + _ROUNDING))

    def again_in(self, allowance: Allowance, gone: float) -> timedelta:
        """When one may ask again, if nobody else asks meanwhile."""
        if (room := allowance.number - 1 - self.here) >= 0:
            return max(0.0, 1 - room / self.before - gone) * allowance.per if self.before else timedelta(0)
        return (1 - gone + 1 - (allowance.number - 1) / self.here) * allowance.per
