"""The clocks of whatever lives: absolute while they run, and what is left of them while they stand still (R25).

One set of functions for orders and cases, over the part of their state that holds clocks. While
one who holds the order has its clocks stopped, none of its own runs and none of its cases': what
was left of each runs on from the release, to a new absolute instant.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Protocol

from temporalio import workflow

from domain.deadlines import DeadlineId
from models.state import Clock, StoppedClock
from models.steps import ClockRow


class Kept(Protocol):
    """A serialisable state with clocks; also the continue-as-new payload."""

    clocks: dict[DeadlineId, Clock]
    stopped: dict[DeadlineId, StoppedClock]
    runs: int

    @property
    def clocks_stand(self) -> bool:
        """Whether clocks stand still at this moment, also one that would start now."""


def start(kept: Kept, deadline: DeadlineId, due: datetime, started: datetime) -> None:
    """Start, or start again, a deadline that falls at ``due``; while clocks stand it stands from its start."""
    if kept.clocks_stand:
        left = max(timedelta(0), due - workflow.now())
        kept.stopped[deadline] = StoppedClock(id=deadline, started=started, left=left)
    else:
        kept.clocks[deadline] = Clock(id=deadline, due=due, started=started)


def end(kept: Kept, *deadlines: DeadlineId) -> None:
    """These are over, whether they ran or stood."""
    for deadline in deadlines:
        kept.clocks.pop(deadline, None)
        kept.stopped.pop(deadline, None)


def keep_only(kept: Kept, wanted: Collection[DeadlineId]) -> None:
    """All others are over."""
    end(kept, *[deadline for deadline in names(kept) if deadline not in wanted])


def names(kept: Kept) -> tuple[DeadlineId, ...]:
    """What runs, then what stands still."""
    return (*kept.clocks, *kept.stopped)


def due_of(kept: Kept, deadline: DeadlineId) -> datetime:
    """When it falls; of one that stands still, when it would fall from now."""
    running = kept.clocks.get(deadline)
    return running.due if running else workflow.now() + kept.stopped[deadline].left


def next_of(kept: Kept) -> Clock | None:
    """The running deadline that falls first."""
    return min(kept.clocks.values(), key=lambda clock: clock.due, default=None)


def rows(kept: Kept) -> tuple[ClockRow, ...]:
    """All deadlines, running or standing still, as the board shows them."""
    now = workflow.now()
    running = [ClockRow(**clock.model_dump()) for clock in kept.clocks.values()]
    stopped = [
        ClockRow(id=clock.id, due=now + clock.left, started=clock.started, left=clock.left)
        for clock in kept.stopped.values()
    ]
    return (*running, *stopped)


def stop(kept: Kept) -> None:
    """Keep of each running clock what is left of it."""
    now = workflow.now()
    for clock in kept.clocks.values():
        left = max(timedelta(0), clock.due - now)
        kept.stopped[clock.id] = StoppedClock(id=clock.id, started=clock.started, left=left)
    kept.clocks = {}


def go_on(kept: Kept) -> None:
    """What was left of each clock runs on from this moment of workflow time."""
    now = workflow.now()
    for clock in kept.stopped.values():
        kept.clocks[clock.id] = Clock(id=clock.id, due=now + clock.left, started=clock.started)
    kept.stopped = {}


def shift(kept: Kept, deadline: DeadlineId, by: timedelta) -> None:
    """Move a deadline, running or stopped; back as well, but a stopped one never below nothing left."""
    if (clock := kept.clocks.get(deadline)) is not None:
        kept.clocks[deadline] = clock.model_copy(update={"due": clock.due + by})
    elif (standing := kept.stopped.get(deadline)) is not None:
        left = max(timedelta(0), standing.left + by)
        kept.stopped[deadline] = standing.model_copy(update={"left": left})
