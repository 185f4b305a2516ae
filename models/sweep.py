"""Inputs and results of what watches over the house: the sweep, and the ear for silent senders."""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from models.base import Message


class SweepBooks(Message):
    """Compare what the database alone can tell; ``at`` is the sweep's workflow time."""

    at: AwareDatetime


class CompareWorkflows(Message):
    """Compare the next ``limit`` orders after ``after`` (an order number) with their workflows."""

    at: AwareDatetime
    after: str = ""
    limit: int = Field(default=1_000, ge=1, le=10_000)


class Compared(Message):
    """``next_after`` is where the next page begins; None when all orders were compared."""

    compared: int
    next_after: str | None = None


class ConcludeSweep(Message):
    """Close what this sweep did not see again, and tell the departments what is new."""

    at: AwareDatetime


class SweepSummary(Message):
    """What a sweep came to: ``open`` counts the open differences of each kind."""

    compared: int = 0
    opened: int = 0
    resolved: int = 0
    open: dict[str, int] = Field(default_factory=dict)


class Listen(Message):
    """Look for senders that are silent for longer than their habit at ``at`` (workflow time)."""

    at: AwareDatetime
