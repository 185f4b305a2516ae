"""The money of one order: its sums, every movement, its refunds, and the booking of a bank transfer (R3)."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from api.schemas.money import LedgerView, RefundView
from console.bench import Bench
from console.desks.filters import utc_offset
from console.desks.movements import draw_movements
from console.kit import Field, box, button, chip, empty, facts, link, minor, moment, money, text
from console.live import Live

_SUMS = ("total", "captured", "refunding", "refunded", "overpaid")
_COLOURS = {"waiting": "amber", "problem": "red", "done": "green"}


@dataclass
class OrderMoney:
    """The page of one order's money."""

    bench: Bench
    order_no: str
    currency: str = ""

    def build(self) -> None:
        """Lay the page out; the form lies still when money moves."""
        t = self.bench.t
        with box("bar"):
            link(f"← {t('desk.finance')}", "/finance", "btn")
            text(self.order_no, "h1", "mono wrap")
            link(t("order.whole_story"), f"/orders/{quote(self.order_no, safe='')}", "btn")
        with box("side"):
            self.place = box("stack")
            if self.bench.may("payment.book"):
                self.build_booking()
        self.live = Live(self.bench, self.load, self.show, told=("order",), wholly=True)

    def build_booking(self) -> None:
        """The form of a transfer."""
        t = self.bench.t
        with box("card stack", "section", aria_label=t("finance.book")):
            text(t("finance.book"), "h2")
            text(t("finance.book_hint"), "p", "soft small")
            self.amount = Field(t("finance.amount"), inputmode="decimal", autocomplete="off")
            self.reference = Field(t("finance.reference"), autocomplete="off", maxlength="80")
            self.received = Field(t("finance.received_at"), kind="datetime-local")
            with box("bar"):
                button(t("finance.book"), self.book, "primary")

    async def load(self) -> LedgerView:
        """The ledger as it stands."""
        return await self.bench.api.get(f"/v1/orders/{quote(self.order_no, safe='')}/payments", LedgerView)

    def show(self, ledger: LedgerView) -> None:
        """Draw sums, movements and refunds."""
        t, self.currency = self.bench.t, ledger.currency
        self.place.clear()
        with self.place:
            with box("card"):
                text(t("finance.sums"), "h2")
                facts({t(f"money.{name}"): money(getattr(ledger, name), ledger.currency) for name in _SUMS})
            with box("card"):
                text(t("finance.movements"), "h2")
                if ledger.entries:
                    draw_movements(self.bench, ledger.entries)
                else:
                    empty(t("finance.no_movement"), t("finance.no_movement_hint"))
            if ledger.refunds:
                with box("card stack"):
                    text(t("finance.order_refunds"), "h2")
                    for one in ledger.refunds:
                        self.draw_refund(one)

    def draw_refund(self, one: RefundView) -> None:
        """One refund, and who decided it."""
        t = self.bench.t
        with box("spread"):
            text(money(one.amount, one.currency), classes="strong num")
            chip(t.code("refund", one.state), _COLOURS.get(one.state, "blue"))
        asked = t("finance.asked", who=self.bench.who(one.asked_by), at=moment(one.asked_at, self.bench.zone))
        decided = t("finance.decided", who=self.bench.who(one.decided_by)) if one.decided_by else ""
        text(" · ".join(part for part in (asked, decided, one.reason, one.problem) if part), "p", "small soft wrap")

    async def book(self) -> None:
        """Book it once, by the bank's own number; the API refuses what is booked already."""
        t, amount = self.bench.t, minor(self.amount.value, self.currency)
        if amount is None:
            self.bench.tell(t("finance.amount_wrong"), "no")
            return
        received = utc_offset(self.received.value, self.bench.zone)
        if not received:
            self.bench.tell(t("needed", what=t("finance.received_at")), "no")
            return
        body = {"amount": amount, "currency": self.currency, "reference": self.reference.value.strip(),
                "received_at": received}  # fmt: skip
        path = f"/v1/orders/{quote(self.order_no, safe='')}/payments"
        kept = await self.bench.attempt(self.bench.api.post(path, body))
        if kept is None:
            return
        for field in (self.amount, self.reference, self.received):
            field.clear()
        self.bench.tell(t("finance.booked_before" if kept["booked_before"] else "finance.booked"))
        await self.live.look()


async def draw(bench: Bench, order_no: str) -> None:
    """The page."""
    page = OrderMoney(bench, order_no)
    page.build()
    await page.live.look()
