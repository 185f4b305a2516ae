"""Acts on the rows of a list: the button, once it is pressed the reason and the act itself; and a page of such rows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from console.bench import Bench
from console.kit import Field, box, button
from console.live import Live

Seen = TypeVar("Seen")


@dataclass(frozen=True)
class Act:
    """``what`` it is done to, ``words`` on its button, the ``path`` that is asked, and what is ``told`` then.

    The reason goes with the ``body``; without ``needs_reason`` none has to be written.
    """

    what: str
    words: str
    path: str
    told: str
    kind: str = "primary"
    body: Mapping[str, str] = field(default_factory=dict)
    needs_reason: bool = True


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

    def draw(self, *acts: Act, opening: str = "") -> None:
        """The button, or in its place the form of these acts on one row; ``opening`` stands for several of them."""
        what, words = acts[0].what, opening or acts[0].words
        if self.chosen != what:
            with box("bar"):
                button(words, lambda: self.choose(what), aria_label=f"{words} {what}")
            return
        with box("stack"):
            reason = Field(self.bench.t("reason"), maxlength="60", autocomplete="off")
            reason.focus()
            with box("bar"):
                for act in acts:
                    button(act.words, lambda act=act: self.carry_out(act, reason.value.strip()), act.kind)
                button(self.bench.t("cancel"), lambda: self.choose(""))

    async def choose(self, what: str) -> None:
        """Begin with this one, or with none."""
        self.chosen = what
        self.redraw()

    async def elsewhere(self) -> None:
        """Another part of the list: nobody acts on what is no longer shown."""
        self.chosen = ""
        await self.again()

    async def carry_out(self, act: Act, reason: str) -> None:
        """Do it; a refusal is shown in its own words and the form stays."""
        t = self.bench.t
        if act.needs_reason and not reason:
            self.bench.tell(t("needed", what=t("reason")), "no")
            return
        asked = self.bench.api.post(act.path, {**act.body, "reason": reason})
        if await self.bench.attempt(asked) is not None:
            self.bench.tell(act.told)
            # The form goes at once, however long the reading takes: its next words may be meant for another row.
            await self.choose("")
            await self.again()


@dataclass
class ActingPage(Generic[Seen]):
    """A page of rows to act on: it draws what it reads, but not under the hands of somebody who writes a reason."""

    bench: Bench
    read: Seen | None = None
    deciding: Deciding = field(init=False)

    def __post_init__(self) -> None:
        """Nobody acts yet."""
        self.deciding = Deciding(self.bench, self.redraw, self.again)

    def keep_true(
        self,
        told: Collection[str],
        *,
        wholly: bool = False,
        until: Callable[[Seen], datetime | None] | None = None,
    ) -> None:
        """Read from now on, as :class:`Live` does."""
        self.live = Live(self.bench, self.load, self.show, told=told, wholly=wholly, until=until)

    async def load(self) -> Seen:
        """All that the page shows."""
        raise NotImplementedError

    def draw(self, read: Seen) -> None:
        """Draw it."""
        raise NotImplementedError

    async def again(self) -> None:
        """Read and draw, whatever was shown."""
        self.live.forget()
        await self.live.look()

    def show(self, read: Seen) -> None:
        """What was read."""
        self.read = read
        if not self.deciding.open:
            self.redraw()

    def redraw(self) -> None:
        """Draw what was read last."""
        if self.read is not None:
            self.draw(self.read)
