"""Settling a case: the ways of its kind, and what each of them takes (R9, R13, R15 to R17, R24)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from api.schemas.cases import CaseView, SettlementWay
from api.schemas.orders import LineView, OrderView
from console.bench import Bench
from console.kit import Choice, Field, Tick, box, button, minor, money, text

Send = Callable[[str, Mapping[str, Any]], Awaitable[None]]
_OF_AN_ORDER = frozenset({"lines", "changes", "amount"})


@dataclass
class LineFields:
    """What is said of one line of the order."""

    line: LineView
    pieces: Field
    sku: Field | None = None
    price: Field | None = None


@dataclass
class Settling:
    """The form; it changes with the way that is chosen. ``send`` is the page's own: it adds words and reason."""

    bench: Bench
    case: CaseView
    order: OrderView | None
    send: Send
    _lines: list[LineFields] = field(default_factory=list)
    _amount: Field | None = None
    _until: Field | None = None
    _reference: Field | None = None
    _waive: Tick | None = None

    def draw(self) -> None:
        """The ways that this person may choose; the case refuses what is not its turn, and says why."""
        t = self.bench.t
        self.ways = {way.settlement.value: way for way in self.case.ways if way.needs is None or self.may(way.needs)}
        names = {code: t.pick(t.code("settlement", code), way.zh) for code, way in self.ways.items()}
        self.choice = Choice(t("case.settlement"), names, on_change=self.chosen)
        self.more = box("stack")
        self.draw_more()
        with box("bar"):
            button(t("case.settle"), self.settle, "primary")

    def may(self, permission: str) -> bool:
        """Whether this person has the right that a way asks for."""
        return self.bench.may(permission)

    @property
    def way(self) -> SettlementWay:
        """The one that is chosen."""
        return self.ways[self.choice.value]

    async def chosen(self, _: str) -> None:
        """Another way takes other things."""
        self.draw_more()

    def draw_more(self) -> None:
        """The fields of the chosen way."""
        self._lines, self._amount, self._until, self._reference, self._waive = [], None, None, None, None
        self.more.clear()
        takes = self.way.takes if self.ways else []
        with self.more:
            if self.order is None and _OF_AN_ORDER.intersection(takes):
                text(self.bench.t("settle.no_order"), "p", "soft")
                return
            self.draw_how_much(takes)
            self.draw_when_and_where(takes)

    def draw_how_much(self, takes: list[str]) -> None:
        """An amount, lines of the order, or what comes instead of them."""
        t = self.bench.t
        if "amount" in takes and self.order is not None:
            self._amount = Field(t("settle.amount", currency=self.order.money.currency), inputmode="decimal")
        if "amount" in takes and "lines" in takes:
            text(t("settle.or_lines"), "p", "soft small")
        if self.order is not None and ("lines" in takes or "changes" in takes):
            self._lines = [self.draw_line(line, replaced="sku" in takes) for line in self.order.lines]
        if "sku" in takes:
            with box("checks"):
                self._waive = Tick(t("settle.waive"))

    def draw_line(self, line: LineView, *, replaced: bool) -> LineFields:
        """So many pieces of it, and for a substitute what comes in their place."""
        t = self.bench.t
        assert self.order is not None
        with box("stack tight"):
            with box("spread"):
                text(line.title)
                text(f"{line.quantity} × {money(line.unit_price, self.order.money.currency)}", classes="soft small num")
            with box("two"):
                pieces = Field(f"{t('settle.pieces')} {line.sku}", kind="number", min="0", max=str(line.quantity))
                if not replaced:
                    return LineFields(line, pieces)
                sku = Field(f"{t('settle.sku')} {line.sku}")
            price = Field(f"{t('settle.price', currency=self.order.money.currency)} {line.sku}", inputmode="decimal")
        return LineFields(line, pieces, sku, price)

    def draw_when_and_where(self, takes: list[str]) -> None:
        """The agreed date (T19), the reference of money given back elsewhere."""
        if "until" in takes:
            self._until = Field(self.bench.t("case.until"), kind="date")
        if "reference" in takes:
            self._reference = Field(self.bench.t("settle.reference"), maxlength="200")

    # --- sending ------------------------------------------------------------------

    async def settle(self) -> None:
        """Hand over what was said; an amount that is none is told before anything is asked."""
        body: dict[str, Any] = {"settlement": self.choice.value}
        try:
            body |= self.said_amount() | self.said_lines()
        except ValueError:
            self.bench.tell(self.bench.t("settle.no_amount"), "no")
            return
        if self._until is not None and self._until.value:
            # The date is noon of the shop's day.
            noon = datetime.combine(date.fromisoformat(self._until.value), time(12), self.bench.zone)
            body["until"] = noon.isoformat()
        if self._reference is not None:
            body["reference"] = self._reference.value.strip()
        if self._waive is not None:
            body["waive_difference"] = self._waive.value
        await self.send("settle", body)

    def said_amount(self) -> dict[str, Any]:
        """In minor units; raises ValueError for what is no amount."""
        return {"amount": self.in_minor(self._amount.value)} if self._amount and self._amount.value.strip() else {}

    def said_lines(self) -> dict[str, Any]:
        """The lines of which pieces are named."""
        lines = [self.said_line(one) for one in self._lines if one.pieces.value.isdecimal() and int(one.pieces.value)]
        return {"lines": lines} if lines else {}

    def said_line(self, one: LineFields) -> dict[str, Any]:
        """One line, with what comes instead; raises ValueError for a price that is none."""
        said: dict[str, Any] = {"line_no": one.line.line_no, "pieces": int(one.pieces.value)}
        if one.sku is not None and one.sku.value.strip():
            said["sku"] = one.sku.value.strip()
        if one.price is not None and one.price.value.strip():
            said["unit_price"] = self.in_minor(one.price.value)
        return said

    def in_minor(self, words: str) -> int:
        """Raises ValueError for what is no amount of the order's currency."""
        assert self.order is not None
        amount = minor(words, self.order.money.currency)
        if amount is None:
            raise ValueError(words)
        return amount
