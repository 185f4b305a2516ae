"""The inbox of cases: what is to be settled, the first due first (R13 to R17, R24, R26)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from api.schemas.cases import CasePage, CaseRowView
from console import saying
from console.bench import Bench
from console.calls import Query
from console.desks import case
from console.desks.case_opening import CaseOpening
from console.desks.desk import Desk
from console.desks.paging import Pages
from console.kit import Choice, box, chip, countdown, empty, status, text
from console.live import Live
from console.rows import Part, Rows

_ROWS = 50
_KINDS = ("return", "complaint", "signature_dispute", "parcel_exception", "shortage", "payment_problem", "mistake",
          "cross_department")  # fmt: skip
_DEPARTMENTS = ("customer_service", "warehouse", "logistics", "finance", "operations")
_STATES = ("opened", "claimed", "settled", "closed")


@dataclass
class CaseInbox:
    """The page as one person has it before them; ``asked`` are the filters of the API's own list."""

    bench: Bench
    asked: dict[str, str] = field(default_factory=dict)

    def build(self) -> None:
        """Lay the page out; what is on it comes with the first reading."""
        t = self.bench.t
        text(t("cases.title"), "h1")
        with box("filters"):
            whose = {"": t("all"), self.bench.staff.id: t("cases.mine")}
            Choice(t("cases.whose"), whose, on_change=self.narrow("assignee"))
            kinds = {"": t("all"), **{one: t.code("case.kind", one) for one in _KINDS}}
            Choice(t("case.kind"), kinds, on_change=self.narrow("kind"))
            departments = {"": t("all"), **{one: t.code("role", one) for one in _DEPARTMENTS}}
            Choice(t("case.department"), departments, on_change=self.narrow("department"))
            states = {"": t("cases.open"), **{one: t(f"cases.state.{one}") for one in _STATES}}
            Choice(t("cases.state"), states, on_change=self.narrow("state"))
        CaseOpening(self.bench, None, self.again)
        with box("stack", "section", aria_label=t("cases.title")):
            self.rows = Rows[CaseRowView](lambda row: row.case_no, self.draw_row)
            self.foot = Part("stack")
        self.live = Live(self.bench, self.load, self.show, told=("order", "case"))
        self.pages = Pages(self.bench, self.again)

    def narrow(self, name: str) -> Callable[[str], Awaitable[None]]:
        """What a filter does when it is changed: the list begins anew."""

        async def narrowed(value: str) -> None:
            self.asked[name] = value
            self.pages.first()
            await self.again()

        return narrowed

    async def again(self) -> None:
        """Read and draw, whatever was shown."""
        self.live.forget()
        await self.live.look()

    async def load(self) -> CasePage:
        """One page, by the filters."""
        query: Query = {"limit": _ROWS, "cursor": self.pages.cursor, **self.asked}
        return await self.bench.api.get("/v1/cases", CasePage, query)

    def show(self, page: CasePage) -> None:
        """Draw what changed."""
        self.rows.show(page.items)
        asked = any(self.asked.values())
        self.foot.show((bool(page.items), asked, self.pages.at(page.next_cursor)), lambda: self.draw_foot(page, asked))

    def draw_foot(self, page: CasePage, asked: bool) -> None:
        """Why there is nothing, and the ways to other pages."""
        so = "_so" if asked else ""
        if not page.items:
            empty(self.bench.t(f"cases.none{so}"), self.bench.t(f"cases.none{so}_hint"))
        self.pages.draw(page.next_cursor)

    def draw_row(self, row: CaseRowView) -> None:
        """One case: what it is, where it stands, whose it is, how long it has."""
        t = self.bench.t
        with box("row-item", "a", href=f"/cases/{row.case_no}"):
            with box("spread"):
                with box("bar"):
                    text(t.pick(t.code("case.kind", row.kind), row.kind_zh), classes="strong")
                    if row.severity == "major":
                        chip(t("case.severity.major"), "red")
                    status(row.state, "green" if row.closed_at else "amber")
                if row.due_at and not row.closed_at:
                    countdown(row.due_at, row.opened_at, t("due"), f"case:{row.case_no}")
            with box("bar small"):
                text(row.order_no or row.case_no, classes="mono wrap")
                if row.waits_for and not row.closed_at:
                    text(t("cases.waits", what=t.pick(row.waits_for.en, row.waits_for.zh)))
                text(saying.of_case(self.bench, row), classes="soft wrap")
                text(f"{t.code('role', row.department)} · {self.bench.who(row.assignee)}", classes="soft")
                if row.escalated_to:
                    chip(t("cases.escalated", to=t.code("role", row.escalated_to)), "red")


async def draw(bench: Bench) -> None:
    """The page."""
    inbox = CaseInbox(bench)
    inbox.build()
    await inbox.live.look()


DESK = Desk("cases", "inbox", frozenset({"case.read"}), draw, pages=(("/cases/{case_no}", case.draw),))
