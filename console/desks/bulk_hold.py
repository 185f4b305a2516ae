"""Holding many orders at once: what it would take is shown first, then each order is asked (R25)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nicegui import ui

from api.schemas.emergencies import HoldPage, HoldView
from api.schemas.orders import OrderPage
from console.bench import Bench
from console.calls import Query
from console.desks import hold_results
from console.desks.order_list import OrderList
from console.kit import Field, box, button, chip, link, text

_PAGE = 200
_MOST = 1_000
"""The API takes so many numbers for one hold."""


@dataclass
class BulkHold:
    """The bar under the list. ``numbers`` are those of a preview that waits for its reason."""

    bench: Bench
    orders: OrderList
    numbers: list[str] = field(default_factory=list)
    standing: list[HoldView] = field(default_factory=list)

    def build(self) -> None:
        """Its place, which lies still while the list moves."""
        self.place = box("stack", "section", aria_label=self.bench.t("bulk.title"))
        self.place.set_visibility(self.bench.may("hold.bulk"))

    async def read(self) -> None:
        """The bulk holds that stand, so that they can be released."""
        if not self.bench.may("hold.bulk"):
            return
        found = await self.bench.or_none(self.bench.api.get("/v1/holds", HoldPage, {"limit": _PAGE}))
        self.standing = [one for one in found.items if one.state != "released"] if found else []
        self.draw()

    def draw(self) -> None:
        """What can be held now, or the preview of it."""
        if not self.bench.may("hold.bulk"):
            return
        t = self.bench.t
        self.place.clear()
        with self.place:
            if self.numbers:
                self.draw_preview()
                return
            with box("bar"):
                count = len(self.orders.selected)
                disabled = {} if count else {"disabled": "disabled"}
                button(t("bulk.selected", number=count), self.preview_selected, **disabled)
                button(t("bulk.all"), self.preview_all)
                for one in self.standing:
                    link(t("bulk.standing", why=one.reason, number=one.held), hold_results.address(one.hold_id), "btn")

    def draw_preview(self) -> None:
        """Which orders would be asked, before any of them is."""
        t = self.bench.t
        with box("card stack"):
            text(t("bulk.preview", number=len(self.numbers)), "h2")
            text(t("bulk.preview_hint"), "p", "soft small")
            with box("bar preview"):
                for number in self.numbers:
                    chip(number)
            self.reason = Field(t("reason"), maxlength="60")
            self.reason.focus()
            with box("bar"):
                button(t("bulk.hold", number=len(self.numbers)), self.hold, "danger")
                button(t("cancel"), self.forget)

    async def preview_selected(self) -> None:
        """Those with a tick."""
        self.numbers = sorted(self.orders.selected)
        self.draw()

    async def preview_all(self) -> None:
        """Every order of the filtered list, read page by page; too many are refused before anything is done."""
        found = await self.bench.attempt(every(self.bench, self.orders.asked))
        if found is None:
            return
        if not found or len(found) > _MOST:
            self.bench.tell(self.bench.t("bulk.too_many" if found else "list.none_so", most=f"{_MOST:,}"), "no")
            return
        self.numbers = found
        self.draw()

    async def forget(self) -> None:
        """Hold nothing."""
        self.numbers = []
        self.draw()

    async def hold(self) -> None:
        """Ask for the hold; its own page shows how far it has come and what each order said."""
        t = self.bench.t
        if not self.reason.value.strip():
            self.bench.tell(t("needed", what=t("reason")), "no")
            return
        body = {"orders": self.numbers, "reason": self.reason.value.strip()}
        opened = await self.bench.attempt(self.bench.api.post("/v1/holds", body))
        if opened is None:
            return
        if "hold_id" not in opened:
            self.bench.tell(t("bulk.soon"), "warn")
            return
        ui.navigate.to(hold_results.address(opened["hold_id"]))


async def every(bench: Bench, asked: Mapping[str, str]) -> list[str]:
    """The numbers of the filtered list, up to one more than may be held together."""
    numbers: list[str] = []
    cursor: str | None = None
    while len(numbers) <= _MOST:
        query: Query = {**asked, "limit": _PAGE, "cursor": cursor}
        page = await bench.api.get("/v1/orders", OrderPage, query)
        numbers += [row.order_no for row in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    return numbers
