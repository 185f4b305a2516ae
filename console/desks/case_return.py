"""The goods of a return on its case's page: decided, received, inspected (R16, T8, T20)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.schemas.cases import CaseView
from api.schemas.orders import OrderView
from api.schemas.returns import ReturnLineView, ReturnView
from console.bench import Bench
from console.desks.case_settling import Send
from console.kit import Choice, Field, box, button, chip, facts, minor, money, text

_GRADES = ("resell", "second", "scrap")
_LIABLE = ("shop", "buyer")


def draw_goods(bench: Bench, goods: ReturnView, order: OrderView | None) -> None:
    """What comes back, why, what for, and what the rules speak against it."""
    t = bench.t
    titles = {line.line_no: line.title for line in order.lines} if order else {}
    text(t("return.goods"), "h2")
    for line in goods.lines:
        name = titles.get(line.line_no, line.sku)
        text(f"{line.quantity} × {name}" + (f" · {line.sku}" if name != line.sku else ""), "p", "wrap")
    for finding in goods.findings:
        chip(t.code("return.finding", finding.value), "amber")
    graded = (f"{one.quantity} × {t.code('return.grade', one.grade.value)}" for one in goods.grades)
    facts(
        {
            t("return.state"): t.code("return.state", goods.state.value),
            t("return.reason"): t.pick(t.code("return.reason", goods.reason.value), goods.reason_zh),
            t("return.wish"): t.code("settlement", goods.wish.value),
            t("return.liable"): t(f"return.liable.{goods.liable.value}"),
            t("return.worth"): money(goods.worth, order.money.currency) if order else "",
            t("return.postage"): money(goods.postage, order.money.currency) if order and goods.postage else "",
            t("return.rma"): goods.rma_no or "",
            t("return.warehouse"): goods.warehouse or "",
            t("return.graded"): ", ".join(graded),
        }
    )


@dataclass
class ReturnWork:
    """What can be done with the goods now, by whom it is the turn of."""

    bench: Bench
    case: CaseView
    order: OrderView | None
    send: Send

    def draw(self) -> None:
        """The next act, for those who may; each post does its own part."""
        waits = self.case.waits_for.name if self.case.waits_for else ""
        goods = self.case.goods
        if goods is None:
            return
        if waits == "decision" and self.bench.may("return.decide"):
            self.draw_decision()
        elif waits == "goods_back" and self.bench.may("return.inspect"):
            self.draw_receipt()
        elif waits == "inspection" and self.bench.may("return.inspect"):
            self.draw_inspection(goods)

    def draw_decision(self) -> None:
        """Accept or decline; against the rules, or to decline, only with a reason."""
        t = self.bench.t
        rule = {"": t("return.by_rule"), **{one: t(f"return.liable.{one}") for one in _LIABLE}}
        with box("two"):
            self.liable = Choice(t("return.liable"), rule)
            self.postage = Field(t("return.postage"), inputmode="decimal")
        with box("bar"):
            button(t("return.accept"), self.accept, "primary")
            button(t("return.decline"), lambda: self.send("decision", {"accept": False}), "danger")

    async def accept(self) -> None:
        """The buyer gets an RMA ticket, and T20 runs."""
        body: dict[str, Any] = {"accept": True}
        if self.liable.value:
            body["liable"] = self.liable.value
        if self.postage.value.strip():
            body["postage"] = minor(self.postage.value, self.order.money.currency) if self.order else None
            if body["postage"] is None:
                self.bench.tell(self.bench.t("settle.no_amount"), "no")
                return
        await self.send("decision", body)

    def draw_receipt(self) -> None:
        """The goods are there."""
        t = self.bench.t
        likely = self.likely_warehouse()
        where = Field(t("return.warehouse"), placeholder=likely)

        async def receive() -> None:
            await self.send("receipt", {"warehouse": where.value.strip() or likely})

        with box("bar"):
            button(t("return.receive"), receive, "primary")

    def likely_warehouse(self) -> str:
        """Where this person works, or where the goods were sent from."""
        own = self.bench.staff.warehouses
        sent_from = [parcel.warehouse for parcel in self.order.parcels] if self.order else []
        return next(iter([*own, *sent_from]), "")

    def draw_inspection(self, goods: ReturnView) -> None:
        """Every piece with its grade; nothing is graded before somebody says so."""
        t = self.bench.t
        fields = {(line.line_no, grade): self.draw_grade(line, grade) for line in goods.lines for grade in _GRADES}
        with box("bar"):
            button(t("return.passed"), lambda: self.inspected(fields, passed=True), "primary")
            button(t("return.failed"), lambda: self.inspected(fields, passed=False), "danger")

    def draw_grade(self, line: ReturnLineView, grade: str) -> Field:
        """How many pieces of the line are of that grade."""
        words = f"{line.sku} · {self.bench.t.code('return.grade', grade)} / {line.quantity}"
        return Field(words, kind="number", min="0", max=str(line.quantity))

    async def inspected(self, fields: Mapping[tuple[int, str], Field], *, passed: bool) -> None:
        """Send what was counted; the case refuses pieces that are missing or too many."""
        lines = [
            {"line_no": line_no, "grade": grade, "quantity": int(one.value)}
            for (line_no, grade), one in fields.items()
            if one.value.isdecimal() and int(one.value)
        ]
        await self.send("inspection", {"passed": passed, "lines": lines})
