"""The time machine on an order's page, in development only: it moves that one order's clock.

In production the console draws none, and the API has no such door.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from pydantic import AwareDatetime, BaseModel

from api.schemas.orders import ClockView
from console.bench import Bench
from console.errors import Away, Refused
from console.kit import box, button, moment, text

_NEEDS = "deadline.change"
_STEPS = {"hour": 3_600, "day": 86_400, "week": 604_800}


class OrderClock(BaseModel):
    """What the API says of it."""

    now: AwareDatetime
    ended: bool = False


class TimeMachine:
    """A card with how far the order's clock is ahead, and the ways to move it; not there without a time machine."""

    def __init__(self, bench: Bench, order_no: str) -> None:
        self.bench = bench
        self.path = f"/v1/orders/{quote(order_no, safe='')}/clock"
        self.place = box("card stack", "section", aria_label=bench.t("time.title"))
        self.place.set_visibility(False)

    async def read(self) -> int | None:
        """By how many minutes the order's clock is ahead of ours; None where nobody moves clocks."""
        if not (self.bench.development and self.bench.may(_NEEDS)):
            return None
        try:
            clock = await self.bench.api.get(self.path, OrderClock)
        except (Refused, Away):
            # The API of a production has no such door; and what the order tells is worth showing without its clock.
            return None
        return round((clock.now - datetime.now(UTC)).total_seconds() / 60)

    def show(self, ahead_min: int | None, deadlines: list[ClockView]) -> None:
        """Draw it: past each of the order's deadlines, and on by some."""
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
                    if one.state == "running":
                        self.draw_way(t("time.past", clock=one.deadline), {"past": one.due_at.isoformat()}, "primary")
                for name, seconds in _STEPS.items():
                    self.draw_way(t(f"time.{name}"), {"seconds": seconds})

    def draw_way(self, words: str, body: dict[str, Any], kind: str = "") -> None:
        """One way to move it."""
        button(words, lambda: self.move(body), kind)

    async def move(self, body: dict[str, Any]) -> None:
        """Let the time pass; what comes of it the page hears by itself."""
        t = self.bench.t
        self.bench.tell(t("time.moving"), "warn")
        answer = await self.bench.attempt(self.bench.api.post(self.path, body))
        if answer is None:
            return
        clock = OrderClock.model_validate(answer)
        self.bench.tell(t("time.ended") if clock.ended else t("time.moved", at=moment(clock.now, self.bench.zone)))
