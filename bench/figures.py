"""What a measurement comes to: plain rows, so that the next measurement only adds rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from statistics import median


class AimFor(StrEnum):
    """Which number of a row its aim speaks of."""

    ORDER = "order"
    RATIO = "ratio"


@dataclass(frozen=True)
class Figure:
    """One row: our number, that of what it is measured beside in the same run, and how they compare.

    ``aim`` is the most that is wanted of our number, or of the ratio; with ``at_least`` the least.
    An absolute time says something about this machine only; the ratio says something about us.
    """

    what: str
    unit: str
    order: float
    no_op: float | None = None
    ratio: float | None = None
    aim: float | None = None
    aim_for: AimFor = AimFor.ORDER
    at_least: bool = False

    @property
    def met(self) -> bool | None:
        """Whether the aim is met; None for a row without one."""
        measured = self.order if self.aim_for is AimFor.ORDER else self.ratio
        if self.aim is None or measured is None:
            return None
        return measured >= self.aim if self.at_least else measured <= self.aim


def counted(what: str, unit: str, order: Sequence[float], no_op: Sequence[float], aim: float) -> Figure:
    """A row of medians over single workflows, with an aim for the order's."""
    middle, beside = median(order), median(no_op)
    return Figure(what, unit, middle, beside, middle / beside, aim)


def compared(
    what: str, unit: str, order: Sequence[float], no_op: Sequence[float], ratio_aim: float | None = None
) -> Figure:
    """A row of medians over batches; the ratio is the median over neighbouring pairs of batches.

    Neighbours share the machine's mood, so their ratio is steadier than that of two medians.
    """
    pairs = [one / other for one, other in zip(order, no_op, strict=True)]
    return Figure(what, unit, median(order), median(no_op), median(pairs), ratio_aim, AimFor.RATIO)


def rates(what: str, ours: Sequence[float], beside: Sequence[float], least: float | None = None) -> Figure:
    """A row of rates per second over neighbouring rounds; ``least`` is the ratio that is wanted."""
    row = compared(what, "per s", ours, beside, least)
    return replace(row, at_least=True)
