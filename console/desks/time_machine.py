"""The time machine, in development only: it moves the clock of one order, case, channel or review of rights.

In production the console draws none, and the API has no such door.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from pydantic import AwareDatetime, BaseModel

from console.bench import Bench
from console.desks.timing import Clocked
from console.errors import Away, Refused
from console.kit import box, button, moment, text

_NEEDS = "deadline.change"
_STEPS = {"hour": 3_600, "day": 86_400, "week": 604_800}


class ClockNow(BaseModel):
    """What the API says of it."""

    now: AwareDatetime
    ahead_seconds: int = 0
    ended: bool = False


class TimeMachine:
    """A card with how far a clock is ahead, and the ways to move it; not there without a time machine.

    ``subject`` is whose clock it is, as the deadline board names it.
    """

    def __init__(self, bench: Bench, subject: str) -> None:
        self.bench, self.subject = bench, subject
        self.place = box("card stack", "section", aria_label=bench.t("time.title"))
        self.place.set_visibility(False)

    async def read(self) -> int | None:
        """By how many minutes its clock is ahead of ours; None where nobody moves clocks, or nothing runs any more."""
        if not _may_move(self.bench):
            return None
        try:
            clock = await self.bench.api.get(_path(self.subject), ClockNow)
        except (Refused, Away):
            # The API of a production has no such door; and what the page tells is worth showing without its clock.
            return None
        return None if clock.ended else round(clock.ahead_seconds / 60)

    def show(self, ahead_min: int | None, deadlines: Sequence[Clocked]) -> None:
        """Draw it: past each of the running deadlines, and on by some."""
        self.place.set_visibility(ahead_min is not None)
        self.place.clear()
        if ahead_min is None:
            return
        t = self.bench.t
        with self.place:
            text(t("time.title"), "h2")
            text(t("time.hint"), "p", "soft small")
            text(t("time.ahead", time=timedelta(minutes=ahead_min)) if ahead_min else t("time.level"), "p", "num")
            with box("bar"):
                for one in deadlines:
                    draw_way_past(self.bench, self.subject, one, "primary")
                for name, seconds in _STEPS.items():
                    _draw_way(self.bench, self.subject, t(f"time.{name}"), {"seconds": seconds})


def draw_way_past(bench: Bench, subject: str, one: Clocked, kind: str = "") -> None:
    """A button that lets this deadline pass; none where nobody moves clocks, or where it stands still."""
    if _may_move(bench) and one.state == "running":
        _draw_way(bench, subject, bench.t("time.past", clock=one.deadline), {"past": one.due_at.isoformat()}, kind)


def _draw_way(bench: Bench, subject: str, words: str, body: dict[str, Any], kind: str = "") -> None:
    button(words, lambda: _move(bench, subject, body), kind)


async def _move(bench: Bench, subject: str, body: dict[str, Any]) -> None:
    """Let the time pass; what comes of it the page hears by itself."""
    t = bench.t
    bench.tell(t("time.moving"), "warn")
    answer = await bench.attempt(bench.api.post(_path(subject), body))
    if answer is None:
        return
    clock = ClockNow.model_validate(answer)
    bench.tell(t("time.ended") if clock.ended else t("time.moved", at=moment(clock.now, bench.zone)))


def _may_move(bench: Bench) -> bool:
    return bench.development and bench.may(_NEEDS)


def _path(subject: str) -> str:
    return f"/v1/deadlines/{quote(subject, safe='')}/clock"
