"""The deadline board: what waits on which clock, overdue first; extended or waived with a reason (R7, R25)."""

from __future__ import annotations

from dataclasses import dataclass, field

from api.schemas.boards import DeadlinePage, DeadlineView
from console.bench import Bench
from console.calls import Query
from console.desks import time_machine, timing
from console.desks.desk import Desk
from console.kit import Choice, Field, box, button, empty, link, text
from console.live import Live
from console.rows import Part, Rows

_LONGEST_PAGE = 200
_DEPARTMENTS = ("reviewer", "customer_service", "warehouse", "logistics", "finance", "operations", "administrator")
_CHANGEABLE = ("order", "case", "rights-review")
_KINDS = ("order", "case", "rights", "channels", "moved")
"""Whose clocks they are; and in development, whose were moved."""
_MINUTES = ("30", "60", "240", "1440")


@dataclass(frozen=True)
class ClockRow:
    """A clock as it stands in the list; ``chosen`` with the form to change it."""

    clock: DeadlineView
    chosen: bool

    @property
    def key(self) -> str:
        """What it is known by."""
        return _key(self.clock)


@dataclass
class ClockDesk:
    """The page as one person has it before them; ``chosen`` is the clock they are about to change."""

    bench: Bench
    department: str = ""
    chosen: str | None = None
    rows: list[DeadlineView] = field(default_factory=list)

    def build(self) -> None:
        """Lay the page out; what is on it comes with the first reading."""
        t = self.bench.t
        with box("bar"):
            text(t("clocks.title"), "h1")
            self.count = text("", classes="soft num", aria_live="polite")
        names = {"": t("all"), **{one: t.code("role", one) for one in _DEPARTMENTS}}
        with box("bar end"):
            Choice(t("clocks.department"), names, on_change=self.narrow)
        with box("stack", "section", aria_label=t("clocks.title")):
            self.list = Rows(lambda row: row.key, self.draw_row, "stack")
            self.none = Part()
        self.live = Live(self.bench, self.load, self.show, told=_KINDS, wholly=True)

    async def narrow(self, department: str) -> None:
        """Show that department's only."""
        self.department = department
        self.live.forget()
        await self.live.look()

    async def load(self) -> list[tuple[str, DeadlineView]]:
        """The clocks that run; that a second has passed is no change."""
        query: Query = {"limit": _LONGEST_PAGE, "department": self.department or None}
        page = await self.bench.api.get("/v1/deadlines", DeadlinePage, query)
        items = sorted(page.items, key=lambda one: one.seconds_left)
        return [(one.subject, one.model_copy(update={"seconds_left": 0})) for one in items]

    def show(self, found: list[tuple[str, DeadlineView]]) -> None:
        """Draw what changed, but not under the hands of somebody who writes a reason."""
        self.rows = [one for _, one in found]
        self.draw(held=self.chosen or "")

    def draw(self, held: str = "") -> None:
        """Draw what was read last."""
        self.count.set_text(str(len(self.rows)))
        self.list.show((ClockRow(one, chosen=_key(one) == self.chosen) for one in self.rows), held)
        self.none.show(bool(self.rows), self.draw_none)

    def draw_none(self) -> None:
        """Say that there is nothing, where there is nothing."""
        if not self.rows:
            empty(self.bench.t("clocks.empty"), self.bench.t("clocks.empty_hint"))

    def draw_row(self, row: ClockRow) -> None:
        """One clock: whose it is, what it promises, how long it has."""
        one = row.clock
        t, name = self.bench.t, self.bench.t.code("clock", one.deadline)
        with box("card stack tight"):
            with box("spread"):
                with box("bar"):
                    text(one.deadline, classes="strong mono")
                    text(name)
                timing.clock(t, one, f"{one.deadline} {one.subject}", one.subject)
            with box("bar small"):
                self.draw_subject(one)
                text(t.code("role", one.department), classes="soft")
            with box("bar"):
                if _door(one) is not None:
                    self.draw_change(one, chosen=row.chosen)
                time_machine.draw_way_past(self.bench, one.subject, one)

    def draw_subject(self, one: DeadlineView) -> None:
        """The order or the case, with the way to it."""
        kind, _, number = one.subject.partition(":")
        if kind == "order":
            link(number, f"/orders/{number}", "mono wrap")
        elif kind == "case":
            link(number, f"/cases/{number}", "mono wrap")
            if one.order_no is not None:
                link(one.order_no, f"/orders/{one.order_no}", "mono wrap")
        else:
            text(number or one.subject, classes="mono wrap")

    def draw_change(self, one: DeadlineView, *, chosen: bool) -> None:
        """Extend or waive it; the reason stays on record."""
        t = self.bench.t
        if not chosen:
            button(t("clocks.change"), lambda: self.choose(one), aria_label=f"{t('clocks.change')} {one.deadline}")
            return
        longer = Choice(t("clocks.longer"), {minutes: t(f"clocks.by_{minutes}") for minutes in _MINUTES})
        reason = Field(t("reason"))
        with box("bar"):
            button(t("clocks.extend"), lambda: self.change(one, int(longer.value) * 60, reason.value), "primary")
            button(t("clocks.waive"), lambda: self.change(one, None, reason.value), "danger")
            button(t("cancel"), lambda: self.choose(None))

    async def choose(self, one: DeadlineView | None) -> None:
        """Open the change of this clock, or none."""
        self.chosen = None if one is None else _key(one)
        self.draw()

    async def change(self, one: DeadlineView, seconds: int | None, reason: str) -> None:
        """Ask the order or the case; its refusal is shown in its own words."""
        body = {"deadline": one.deadline, "extend_by_seconds": seconds, "reason": reason.strip()}
        if await self.bench.attempt(self.bench.api.post(_door(one) or "", body)) is not None:
            self.chosen = None
            self.bench.tell(self.bench.t("clocks.changed", clock=one.deadline))
            self.live.forget()
            await self.live.look()


def _key(one: DeadlineView) -> str:
    return f"{one.subject} {one.deadline}"


def _door(one: DeadlineView) -> str | None:
    """Where this clock is changed; None for one that is nobody's to change (T13: the channel is told or not)."""
    return f"/v1/deadlines/{one.subject}" if one.subject.partition(":")[0] in _CHANGEABLE else None


async def draw(bench: Bench) -> None:
    """The page."""
    desk = ClockDesk(bench)
    desk.build()
    await desk.live.look()


DESK = Desk("clocks", "schedule", frozenset({"deadline.read", "deadline.change"}), draw)
