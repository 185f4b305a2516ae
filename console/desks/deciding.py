"""An act on one row of a list: its button, and once it is pressed the reason and the act itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from console.bench import Bench
from console.kit import Field, box, button


@dataclass(frozen=True)
class Act:
    """``what`` it is done to, ``words`` on its button, ``ask`` that is given the reason, and what is ``told`` then."""

    what: str
    words: str
    ask: Callable[[str], Awaitable[object]]
    told: str
    kind: str = ""


@dataclass
class Deciding:
    """Which row of a page somebody is about to act on. While there is one, ``open``, nobody draws the page anew."""

    bench: Bench
    redraw: Callable[[], None]
    again: Callable[[], Awaitable[None]]
    chosen: str = ""

    @property
    def open(self) -> bool:
        """Whether somebody writes a reason."""
        return bool(self.chosen)

    def draw(self, act: Act) -> None:
        """The button, or the form in its place."""
        if self.chosen != act.what:
            with box("bar"):
                button(act.words, lambda: self.choose(act.what), aria_label=f"{act.words} {act.what}")
            return
        with box("stack"):
            reason = Field(self.bench.t("reason"), maxlength="60")
            reason.focus()
            with box("bar"):
                button(act.words, lambda: self.carry_out(act, reason.value.strip()), act.kind or "primary")
                button(self.bench.t("cancel"), lambda: self.choose(""))

    async def choose(self, what: str) -> None:
        """Begin with this one, or with none."""
        self.chosen = what
        self.redraw()

    async def carry_out(self, act: Act, reason: str) -> None:
        """Do it; a refusal is shown in its own words and the form stays."""
        t = self.bench.t
        if not reason:
            self.bench.tell(t("needed", what=t("reason")), "no")
            return
        if await self.bench.attempt(act.ask(reason)) is not None:
            self.chosen = ""
            self.bench.tell(act.told)
            await self.again()
