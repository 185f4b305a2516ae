"""What a measurement comes to: plain rows, so that the next measurement only adds rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median


class AimFor(StrEnum):
    """Which number of a row its aim speaks of."""

    ORDER = "order"
    RATIO = "ratio"


@dataclass(frozen=True)
class Figure:
    """One row: a number for the order, one for the no-op of the same run, and how they compare.

    ``aim`` is the most that is wanted of the order's number, or of the ratio. An absolute
    time says something about this machine only; the ratio says something about the order.
    """

    what: str
    unit: str
    order: float
    no_op: float | None = None
    ratio: float | None = None
    aim: float | None = None
    aim_for: AimFor = AimFor.ORDER

    @property
    def met(self) -> bool | None:
        """Whether the aim is met; None for a row without one."""
        measured = self.order if self.aim_for is AimFor.ORDER else self.ratio
        return None if self.aim is None or measured is None else measured <= self.aim


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
