"""How money goes back: to the captures it came from, never more than each has left (R3, accident 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Capture:
    """Money a provider took, in minor units of ``currency``."""

    provider: str
    reference: str
    amount: int
    currency: str


@dataclass(frozen=True)
class Given:
    """Money given back or ordered to be; ``reference`` is None when nobody said of which capture."""

    provider: str | None
    reference: str | None
    amount: int


@dataclass(frozen=True)
class Part:
    """Give back so much of that capture, in minor units of its own currency."""

    provider: str
    reference: str
    amount: int
    currency: str


def refund_plan(captures: Sequence[Capture], given: Sequence[Given], amount: int) -> list[Part]:
    """Share ``amount`` out over what the captures have left, oldest first; less if less is left."""
    left = _left(captures, given)
    parts = []
    for capture, available in zip(captures, left, strict=True):
        take = min(available, amount)
        if take > 0:
            parts.append(Part(capture.provider, capture.reference, take, capture.currency))
            amount -= take
    return parts


def _left(captures: Sequence[Capture], given: Sequence[Given]) -> list[int]:
    """What each capture has left. A refund goes to its own capture first, then wherever there is room."""
    left = [capture.amount for capture in captures]
    over = 0
    for back in given:
        over += _take(left, captures, back.amount, (back.provider, back.reference))
    _take(left, captures, over, None)
    return left


def _take(left: list[int], captures: Sequence[Capture], amount: int, of: tuple[str | None, str | None] | None) -> int:
    for index, capture in enumerate(captures):
        if of is None or of == (capture.provider, capture.reference):
            taken = min(left[index], amount)
            left[index] -= taken
            amount -= taken
    return amount
