"""Applying for a return or an exchange on an order's page (R16)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from api.schemas.orders import LineView
from console.bench import Bench
from console.desks.unfolding import Unfolding
from console.kit import Choice, Field, box, button, text

_REASONS = ("quality", "not_as_described", "no_reason", "wrong_size", "other")
_WISHES = ("refund", "exchange")


class ReturnOpening:
    """The form, for those who may; what the rules speak against it stands in the case that it opens."""

    def __init__(self, bench: Bench, order_no: str, changed: Callable[[], Awaitable[None]]) -> None:
        self.bench, self.order_no, self.changed = bench, order_no, changed
        self.lines: list[LineView] = []
        self.place = box()
        if bench.may("return.apply"):
            with self.place:
                self.form = Unfolding(bench, bench.t("return.apply"), self.draw)

    def draw(self) -> None:
        """Pieces by line, reason, wish, note."""
        t = self.bench.t
        pieces = {line.line_no: self.draw_line(line) for line in self.lines}
        with box("two"):
            reason = Choice(t("return.reason"), {one: t(f"return.reason.{one}") for one in _REASONS})
            wish = Choice(t("return.wish"), {one: t(f"settlement.{one}") for one in _WISHES})
        note = Field(t("note"), tag="textarea", placeholder=t("note_hint"))
        with box("bar"):
            button(t("return.apply"), lambda: self.apply(pieces, reason.value, wish.value, note.value), "primary")
            self.form.never_mind()

    def draw_line(self, line: LineView) -> Field:
        """How many pieces of it come back."""
        with box("spread"):
            with box("stack tight"):
                text(line.title)
                text(line.sku, classes="soft small mono")
            return Field(f"{self.bench.t('return.pieces')} / {line.quantity}", kind="number", min="0",
                         max=str(line.quantity), aria_label=f"{self.bench.t('return.pieces')} {line.sku}")  # fmt: skip

    async def apply(self, pieces: dict[int, Field], reason: str, wish: str, note: str) -> None:
        """Ask the API; it names every fault at once."""
        wanted = [{"line_no": no, "quantity": int(one.value)} for no, one in pieces.items() if _some(one.value)]
        if not wanted:
            self.bench.tell(self.bench.t("needed", what=self.bench.t("return.pieces")), "no")
            return
        body = {"lines": wanted, "reason": reason, "wish": wish} | ({"note": note} if note.strip() else {})
        answer = await self.bench.attempt(self.bench.api.post(f"/v1/orders/{self.order_no}/returns", body))
        if answer is not None:
            self.form.fold()
            self.bench.tell(self.bench.t("case.opened", case=answer["case_no"]))
            await self.changed()


def _some(words: str) -> bool:
    return words.isdecimal() and int(words) > 0
