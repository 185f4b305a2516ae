"""A clock as every desk shows it: counting down, or standing still while its order is held (R25)."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from console.kit import chip, countdown
from console.words import Words


class Clocked(Protocol):
    """A deadline as the API tells of it."""

    @property
    def deadline(self) -> str:
        """Its T."""

    @property
    def started_at(self) -> datetime:
        """Since when it runs."""

    @property
    def due_at(self) -> datetime:
        """When it falls; of a stopped one, where it would have fallen."""

    @property
    def state(self) -> str:
        """``running`` or ``stopped``."""


def clock(t: Words, one: Clocked, name: str, of: str) -> None:
    """Show it; ``name`` is what it is read out as, ``of`` whose it is on the deadline board."""
    if one.state == "stopped":
        chip(t("clocks.stopped"), "amber")
    else:
        countdown(one.due_at, one.started_at, name, of)
