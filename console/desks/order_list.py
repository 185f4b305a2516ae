"""The list of orders under all the filters the API has, counted, in pages, its filters in the address (R25)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from pydantic import BaseModel

from api.schemas.orders import OrderCount, OrderPage, OrderRowView
from console.bench import Bench
from console.desks import address
from console.desks.filters import Filters
from console.desks.order_row import draw_row
from console.desks.paging import Pages
from console.kit import Tick, box, button, empty, link, text
from console.rows import Part, Rows

PATH = "/orders"
_ROWS = 30
FILTERS = ("status", "channel", "waiting_for", "due_before", "warehouse", "risk", "placed_from", "placed_to", "held",
           "has_case", "sort")  # fmt: skip
_MORE = ("due_before", "warehouse", "risk", "placed_from", "placed_to", "held", "has_case")
STATUSES = ("awaiting_payment", "paid", "manual_review", "intercepted", "rejected", "shortage", "approved", "picking",
            "packed", "partly_shipped", "shipped", "partly_signed", "signed", "cancelled", "archived")  # fmt: skip
WAITS = ("payment", "automatic review", "review decision", "stock, or a decision of the buyer",
          "release to the warehouse", "picking and recheck", "hand-over to the carrier",
          "hand-over of the other parcels", "signature", "signature of the other parcels",
          "end of the return window")  # fmt: skip
_CHOICES = {
    "status": STATUSES,
    "risk": ("none", "review", "block"),
    "held": ("true", "false"),
    "has_case": ("true", "false"),
    "sort": ("recorded", "placed", "due"),
}


class Listed(BaseModel):
    """A page of the list, and how many orders the whole of it has."""

    page: OrderPage
    count: OrderCount


@dataclass
class OrderList:
    """Filters and rows; ``changed`` draws anew after other filters or another page.

    ``picked`` is told of another selection: the list itself stays, and with it whoever tabs through it.
    """

    bench: Bench
    changed: Callable[[], Awaitable[None]]
    picked: Callable[[], None]
    asked: dict[str, str] = field(default_factory=dict)
    selected: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Begin with what the address asks for."""
        self.asked = self.asked or address.read(FILTERS)
        self.pages = Pages(self.bench, self.changed)

    def build(self) -> None:
        """The filters, in a place that other filters (a saved view) can be drawn into."""
        self.fields = box("", "section", aria_label=self.bench.t("list.filters"))
        self.draw_filters()

    def draw_filters(self) -> None:
        """All that the API can be asked for."""
        t = self.bench.t
        filters = Filters(self.asked, self.bench.zone, self.narrowed)
        self.fields.clear()
        with self.fields:
            with box("filters"):
                self.draw_choices(filters, "status")
                waits = {code: t.code("list.wait", code) for code in WAITS}
                filters.choice("waiting_for", t("list.waiting_for"), {"": t("all"), **waits})
                filters.word("channel", t("order.channel"), maxlength="20")
                sorts = {code: t(f"list.sort.{code}") for code in _CHOICES["sort"]}
                filters.choice("sort", t("list.sort"), {"": t("list.sort.usual"), **sorts})
            unfolded = {"open": "open"} if any(self.asked.get(name) for name in _MORE) else {}
            with box("more-filters", "details", **unfolded):
                text(t("list.more"), "summary", "soft")
                with box("filters"):
                    self.draw_choices(filters, "risk", "held", "has_case")
                    filters.word("warehouse", t("list.warehouse"), maxlength="80")
                    for name in ("due_before", "placed_from", "placed_to"):
                        filters.instant(name, t(f"list.{name}"))

    def draw_choices(self, filters: Filters, *names: str) -> None:
        """Filters by codes of the API's."""
        t = self.bench.t
        for name in names:
            codes = {code: t.code(f"list.{name}", code) for code in _CHOICES[name]}
            filters.choice(name, t(f"list.{name}"), {"": t("all"), **codes})

    async def show_only(self, asked: dict[str, str]) -> None:
        """The list of these filters, all others off."""
        self.asked = {name: value for name, value in asked.items() if name in FILTERS}
        self.draw_filters()
        await self.narrowed()

    async def narrowed(self) -> None:
        """Other filters: the list begins anew, nothing of it is selected, and the address says so."""
        self.pages.first()
        self.selected.clear()
        # Their ticks go, too.
        self.rows.forget()
        await self.changed()
        # Last: the address says what is shown, not what will be.
        address.write(self.fields, PATH, self.asked)

    async def load(self) -> Listed:
        """One page and the count, by the same filters."""
        get, asked = self.bench.api.get, self.asked
        page, count = await asyncio.gather(
            get("/v1/orders", OrderPage, {"limit": _ROWS, "cursor": self.pages.cursor, **asked}),
            get("/v1/orders/count", OrderCount, {name: asked[name] for name in asked if name != "sort"}),
        )
        return Listed(page=page, count=count)

    def build_rows(self) -> None:
        """Where the rows stand."""
        self.head = Part()
        self.rows = Rows[OrderRowView](lambda row: row.order_no, self.draw_one)
        self.foot = Part("stack")

    def show(self, listed: Listed) -> None:
        """Draw what changed of the rows, with ticks for whoever may hold them together."""
        page, asked = listed.page, dict(self.asked)
        self.head.show((listed.count, asked), lambda: self.draw_head(listed))
        self.rows.show(page.items)
        shown = (bool(page.items), any(asked.values()), self.pages.at(page.next_cursor))
        self.foot.show(shown, lambda: self.draw_foot(page))

    def draw_head(self, listed: Listed) -> None:
        """What the list is of, how long it is, and the way to a file of it."""
        t = self.bench.t
        with box("spread"):
            with box("bar"):
                text(t("find.listed" if any(self.asked.values()) else "find.newest"), "h2")
                text(t("list.count", number=listed.count.text), classes="soft num", aria_live="polite")
            with box("bar"):
                if any(self.asked.values()):
                    button(t("list.clear"), lambda: self.show_only({}))
                link(t("list.export"), address.with_query("/exports/orders.csv", self.asked), "btn", download="")

    def draw_foot(self, page: OrderPage) -> None:
        """Why there is nothing, and the ways to other pages."""
        t = self.bench.t
        if not page.items and any(self.asked.values()):
            empty(t("list.none_so"), t("cases.none_so_hint"))
        elif not page.items:
            empty(t("find.none"), t("list.none_hint"))
        self.pages.draw(page.next_cursor)

    def draw_one(self, row: OrderRowView) -> None:
        """One order, and its tick."""
        if not self.bench.may("hold.bulk"):
            draw_row(self.bench, row)
            return
        with box("ticked"):
            with box("checks"):
                tick = Tick(self.bench.t("list.select", order=row.order_no), value=row.order_no in self.selected)
            tick.on_turned(lambda chosen: self.select(row.order_no, chosen=chosen))
            draw_row(self.bench, row)

    async def select(self, order_no: str, *, chosen: bool) -> None:
        """Take this order into the selection, or out of it."""
        (self.selected.add if chosen else self.selected.discard)(order_no)
        self.picked()
