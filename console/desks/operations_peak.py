"""Peak mode: whether it stands, whom it reaches, and setting or ending it (R7)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from api.schemas.emergencies import PeakView
from api.schemas.orders import OrderCount
from console.bench import Bench
from console.kit import Choice, Field, box, button, chip, moment, text

_FACTORS = range(2, 13)


class Peak:
    """How it stands, and the form beneath."""

    def __init__(self, bench: Bench, again: Callable[[], Awaitable[None]]) -> None:
        self.bench, self.again = bench, again
        t = bench.t
        with box("card stack", "section", aria_label=t("peak.title")):
            text(t("peak.title"), "h2")
            self.place = box("stack tight")
            self.form = box("stack")
            self.form.set_visibility(bench.may("peak.set"))
        with self.form:
            self.factor = Choice(t("peak.factor"), {str(one): f"× {one}" for one in _FACTORS})
            self.reason = Field(t("reason"), maxlength="60")
            with box("bar"):
                button(t("peak.set"), lambda: self.set(int(self.factor.value)), "primary")
                self.ending = button(t("peak.end"), lambda: self.set(1), "danger")

    def draw(self, peak: PeakView, in_review: OrderCount) -> None:
        """The setting in force, and whom it reaches."""
        t = self.bench.t
        on = peak.factor > 1
        self.ending.set_visibility(on)
        self.place.clear()
        with self.place:
            with box("bar"):
                chip(t("peak.on", factor=peak.factor) if on else t("peak.off"), "amber" if on else "green")
                if peak.set_by:
                    by = f"{self.bench.who(peak.set_by)} · {moment(peak.set_at, self.bench.zone)} · {peak.reason}"
                    text(by, classes="small soft wrap")
            text(t("peak.reach", number=in_review.text), "p", "small")

    async def set(self, factor: int) -> None:
        """Stretch the clocks, or let them run as promised again."""
        t = self.bench.t
        if not self.reason.value.strip():
            self.bench.tell(t("needed", what=t("reason")), "no")
            return
        body = {"factor": factor, "reason": self.reason.value.strip()}
        if await self.bench.attempt(self.bench.api.post("/v1/peak", body)) is not None:
            self.reason.clear()
            self.bench.tell(t("peak.is_set", factor=factor) if factor > 1 else t("peak.is_over"))
            await self.again()
