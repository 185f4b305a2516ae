"""What a department is told to look at: deadlines that passed, cases that opened, parties that refuse (R7, R25)."""

from __future__ import annotations

from dataclasses import dataclass, field

from api.schemas.alerts import AlertPage, AlertView
from console import saying
from console.bench import Bench
from console.desks.desk import Desk
from console.desks.paging import Pages
from console.kit import Choice, box, button, chip, empty, link, moment, text
from console.live import Live
from console.rows import Part, Rows
from console.words import CATALOGUE

_ROWS = 50
_ALL = frozenset({"operations", "administrator", "auditor"})
_LOOKERS = frozenset({"auditor"})
"""Who looks on, and leaves the list as it is."""
_DEPARTMENTS = ("reviewer", "customer_service", "warehouse", "logistics", "finance", "operations", "administrator")


@dataclass
class AlertDesk:
    """The page as one person has it before them."""

    bench: Bench
    department: str = ""
    page: AlertPage = field(default_factory=lambda: AlertPage(items=[], next_cursor=None))

    def build(self) -> None:
        """Lay the page out; what is on it comes with the first reading."""
        t, role = self.bench.t, self.bench.staff.role
        with box("bar"):
            text(t("alerts.title"), "h1")
            self.count = text("", classes="soft num", aria_live="polite")
        with box("bar end"):
            if role in _ALL:
                names = {"": t("all"), **{one: t.code("role", one) for one in _DEPARTMENTS}}
                Choice(t("clocks.department"), names, on_change=self.narrow)
            if role not in _LOOKERS:
                button(t("alerts.all_seen"), lambda: self.look_at(self.page.items))
        with box("stack", "section", aria_label=t("alerts.title")):
            self.rows = Rows[AlertView](lambda one: str(one.id), self.draw_alert, "stack")
            self.foot = Part("stack")
        self.live = Live(self.bench, self.load, self.show, told=("alerts", "task"), wholly=True)
        self.pages = Pages(self.bench, self.live.look)

    async def narrow(self, department: str) -> None:
        """Show that department's only."""
        self.department = department
        self.pages.first()
        await self.live.look()

    async def load(self) -> AlertPage:
        """What nobody has looked at yet."""
        query = {"department": self.department or None, "limit": _ROWS, "cursor": self.pages.cursor}
        return await self.bench.api.get("/v1/alerts", AlertPage, query)

    def show(self, page: AlertPage) -> None:
        """Draw it, the newest first."""
        self.page = page
        self.count.set_text(f"{len(page.items)}{'+' if page.next_cursor else ''}")
        self.rows.show(page.items)
        self.foot.show((bool(page.items), self.pages.at(page.next_cursor)), lambda: self.draw_foot(page))

    def draw_foot(self, page: AlertPage) -> None:
        """That there is nothing, and the ways to other pages."""
        if not page.items:
            empty(self.bench.t("alerts.none"), self.bench.t("alerts.none_hint"))
        self.pages.draw(page.next_cursor)

    def draw_alert(self, one: AlertView) -> None:
        """What it is about, for whom, since when, and the way to its order."""
        t = self.bench.t
        with box("card stack tight", "article", aria_label=f"{one.kind} {one.order_no or ''}"):
            with box("spread"):
                with box("bar"):
                    self.draw_kind(one.kind)
                    if one.order_no and self.bench.may("order.read"):
                        link(one.order_no, f"/orders/{one.order_no}", "mono wrap")
                if self.bench.staff.role not in _LOOKERS:
                    button(t("alerts.seen"), lambda: self.look_at([one]), aria_label=f"{t('alerts.seen')} {one.id}")
            text(saying.of_alert(self.bench, one), classes="wrap")
            with box("bar small soft"):
                text(moment(one.at, self.bench.zone), classes="num")
                text(t.code("role", one.department))

    def draw_kind(self, kind: str) -> None:
        """A T that passed with its promise, or what else happened in its own word."""
        t = self.bench.t
        if f"clock.{kind}" in CATALOGUE:
            chip(t("alerts.passed", clock=kind), "red")
            text(t(f"clock.{kind}"), classes="soft")
        else:
            chip(t(f"case.kind.{kind}") if f"case.kind.{kind}" in CATALOGUE else t.code("alert", kind), "amber")

    async def look_at(self, shown: list[AlertView]) -> None:
        """They leave the list; who looked is kept with them."""
        if not shown:
            return
        body = {"ids": [one.id for one in shown]}
        if await self.bench.attempt(self.bench.api.post("/v1/alerts/seen", body)) is not None:
            await self.live.look()


async def draw(bench: Bench) -> None:
    """The page."""
    desk = AlertDesk(bench)
    desk.build()
    await desk.live.look()


DESK = Desk("alerts", "notifications", frozenset({"alert.read"}), draw)
