"""The finance desk: refunds that wait for a second person, payment problems, differences of the sweep (R3, R16)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TypeVar

from nicegui import ui
from pydantic import BaseModel

from api.schemas.cases import CasePage, CaseRowView
from api.schemas.differences import Differences, DifferenceView
from api.schemas.money import RefundPage, RefundView
from console import saying
from console.bench import Bench
from console.desks import address, finance_ledger, finance_order
from console.desks.deciding import Act, ActingPage
from console.desks.desk import Desk
from console.kit import Field, box, button, chip, countdown, empty, link, moment, money, text

_LONGEST_PAGE = 200
Row = TypeVar("Row")


class Waiting(BaseModel):
    """All that waits for finance."""

    refunds: RefundPage
    problems: CasePage
    differences: Differences


class FinanceDesk(ActingPage[Waiting]):
    """The page as one person has it before them."""

    def build(self) -> None:
        """Lay the page out; what is on it comes with the first reading."""
        t = self.bench.t
        text(t("finance.title"), "h1")
        with box("card"), box("bar end", "search"):
            with box("grow"):
                self.number = Field(t("finance.order_no"), autocomplete="off").on_enter(self.open_order)
            button(t("finance.open_order"), lambda: self.open_order(self.number.value), "primary")
            link(t("finance.ledger"), "/finance/ledger", "btn")
        self.place = box("stack")
        self.keep_true(("order", "case", "differences"), wholly=True)

    async def open_order(self, number: str) -> None:
        """To the money of one order."""
        if number.strip():
            ui.navigate.to(address.money_of(number.strip()))

    async def load(self) -> Waiting:
        """Refunds the longest waiting first, cases by their clocks, differences the oldest first."""
        get = self.bench.api.get
        refunds, problems, differences = await asyncio.gather(
            get("/v1/refunds", RefundPage, {"state": "waiting", "limit": _LONGEST_PAGE}),
            get("/v1/cases", CasePage, {"kind": "payment_problem", "limit": _LONGEST_PAGE}),
            get("/v1/differences", Differences),
        )
        return Waiting(refunds=refunds, problems=problems, differences=differences)

    def draw(self, read: Waiting) -> None:
        """Its three lists."""
        self.place.clear()
        with self.place:
            self.draw_part("refunds", read.refunds.items, self.draw_refund, read.refunds.next_cursor)
            self.draw_part("problems", read.problems.items, self.draw_problem, read.problems.next_cursor)
            self.draw_part("differences", read.differences.items, self.draw_difference)

    def draw_part(
        self, name: str, rows: list[Row], drawing: Callable[[Row], None], following: str | None = None
    ) -> None:
        """One of the three lists, with how many it has."""
        t = self.bench.t
        with box("stack", "section", aria_label=t(f"finance.{name}")):
            with box("bar"):
                text(t(f"finance.{name}"), "h2")
                text(f"{len(rows)}{'+' if following else ''}", classes="soft num")
            if not rows:
                empty(t(f"finance.{name}.empty"), t(f"finance.{name}.hint"))
            for row in rows:
                drawing(row)

    # --- refunds with four eyes -----------------------------------------------------

    def draw_refund(self, one: RefundView) -> None:
        """One refund that waits: how much, why, who asked."""
        t, own = self.bench.t, one.asked_by == self.bench.staff.id
        path = f"/v1/orders/{one.order_no}/refunds/{one.refund_id}"
        with box("card stack tight"):
            with box("spread"):
                link(one.order_no, address.money_of(one.order_no), "strong mono wrap")
                text(money(one.amount, one.currency), classes="strong num")
            asked = t("finance.asked", who=self.bench.who(one.asked_by), at=moment(one.asked_at, self.bench.zone))
            text(" · ".join(part for part in (asked, one.reason, one.cause) if part), classes="small wrap")
            if own:
                text(t("finance.own"), "p", "small")
            decline = self.act(f"refund:{one.refund_id}", "decline", f"{path}/decline", "danger")
            approve = self.act(f"refund:{one.refund_id}", "approve", f"{path}/approve", needs_reason=False)
            self.decide(*(() if own else (approve,)), decline)

    # --- payment problems -----------------------------------------------------------

    def draw_problem(self, one: CaseRowView) -> None:
        """One case of money, with its clock."""
        with box("card stack tight"):
            with box("spread"):
                link(one.order_no or one.case_no, f"/cases/{one.case_no}", "strong mono wrap")
                if one.due_at:
                    countdown(one.due_at, one.opened_at, self.bench.t("due"), f"case:{one.case_no}")
            text(f"{saying.of_case(self.bench, one)} · {self.bench.who(one.assignee)}", classes="small soft wrap")

    # --- differences ----------------------------------------------------------------

    def draw_difference(self, one: DifferenceView) -> None:
        """What does not agree, what proves it, what could mend it."""
        t = self.bench.t
        with box("card stack tight"):
            with box("spread"):
                text(t.pick(one.says, one.says_zh), classes="strong wrap")
                chip(t.code("role", one.department))
            with box("bar small"):
                text(one.subject, classes="mono wrap")
                if one.order_no:
                    link(one.order_no, address.money_of(one.order_no), "mono wrap")
                text(one.evidence, classes="wrap")
            first = moment(one.first_seen, self.bench.zone)
            text(t("finance.suggested", what=one.suggestion, since=first), "p", "small soft wrap")
            what, path = f"difference:{one.id}", f"/v1/differences/{one.id}"
            ways = {"repair": "primary", "accept": ""} if one.repair else {"accept": ""}
            self.decide(
                *(self.act(what, way, path, kind, {"decision": way}, needs_reason=False) for way, kind in ways.items())
            )

    # --- deciding -------------------------------------------------------------------

    def act(
        self,
        what: str,
        way: str,
        path: str,
        kind: str = "primary",
        body: Mapping[str, str] | None = None,
        *,
        needs_reason: bool = True,
    ) -> Act:
        """One way to decide; it stays under this person's name."""
        t = self.bench.t
        return Act(what, t(f"finance.{way}"), path, t("finance.done"), kind, body or {}, needs_reason=needs_reason)

    def decide(self, *acts: Act) -> None:
        """The way to a decision, and once it is chosen its reason and buttons."""
        self.deciding.draw(*acts, opening=self.bench.t("finance.decide"))


async def draw(bench: Bench) -> None:
    """The page."""
    desk = FinanceDesk(bench)
    desk.build()
    await desk.live.look()


DESK = Desk(
    "finance",
    "account_balance",
    frozenset({"payment.read", "refund.approve", "difference.settle"}),
    draw,
    pages=(("/finance/ledger", finance_ledger.draw), ("/finance/orders/{order_no}", finance_order.draw)),
)
