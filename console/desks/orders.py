"""The order desk: find any order, and from there its whole story (R25). What can be done there, the role says."""

from __future__ import annotations

from dataclasses import dataclass, field

from api.schemas.orders import OrderPage, OrderRowView
from console.bench import Bench
from console.desks import story
from console.desks.desk import Desk
from console.kit import Choice, Field, box, button, chip, countdown, empty, moment, money, status, text
from console.live import Live

_WAYS = ("order_no", "tracking_no", "channel_order_id", "phone")
_PERSONAL = "phone"
_ROWS = 30


@dataclass
class OrderDesk:
    """Search, and the newest orders while nothing is sought."""

    bench: Bench
    sought: tuple[str, str] | None = None
    rows: list[OrderRowView] = field(default_factory=list)

    def build(self) -> None:
        """Lay the page out."""
        t = self.bench.t
        text(t("find.title"), "h1")
        with box("card"), box("bar end", "search"):
            ways = {way: t(f"find.{way}") for way in _WAYS if way != _PERSONAL or self.bench.may("contact.masked")}
            self.way = Choice(t("find.by"), ways)
            with box("grow"):
                self.what = Field(t("find.what"), autocomplete="off")
            self.what.on_enter(self.find)
            button(t("find.go"), lambda: self.find(self.what.value), "primary")
        self.place = box("stack", "section", aria_label=t("find.title"))
        self.live = Live(self.bench, self.load, self.show)
        self.what.focus()

    async def find(self, what: str) -> None:
        """Look for this from now on; nothing brings the newest back."""
        self.sought = (self.way.value, what.strip()) if what.strip() else None
        self.live.forget()
        await self.live.look()

    async def newest(self) -> None:
        """Look for nothing."""
        await self.find("")

    async def load(self) -> OrderPage:
        """What is found; a phone never stands in an address, so the search is a POST (R21)."""
        if self.sought is None:
            return await self.bench.api.get("/v1/orders", OrderPage, {"limit": _ROWS})
        way, what = self.sought
        found = await self.bench.api.post(f"/v1/orders/search?limit={_ROWS}", {way: what})
        return OrderPage.model_validate(found)

    def show(self, page: OrderPage) -> None:
        """Draw the list."""
        t = self.bench.t
        self.place.clear()
        with self.place:
            with box("bar"):
                text(t("find.found" if self.sought else "find.newest"), "h2")
                if self.sought:
                    button(t("find.again"), self.newest)
            if page.items:
                with box("rows"):
                    for row in page.items:
                        self.draw_row(row)
            elif self.sought:
                empty(t("find.nothing", what=self.sought[1]), t("find.nothing_hint"))
            else:
                empty(t("find.none"))

    def draw_row(self, row: OrderRowView) -> None:
        """One order."""
        t = self.bench.t
        with box("row-item", "a", href=f"/orders/{row.order_no}"):
            with box("spread"):
                text(row.order_no, classes="strong mono wrap")
                status(row.status)
            with box("bar small"):
                text(moment(row.placed_at, self.bench.zone), classes="soft num")
                text(money(row.total, row.currency), classes="num")
                text(t.pick(row.waits_for, row.waits_for_zh), classes="soft")
                if row.due_at:
                    countdown(row.due_at, row.recorded_at, t("due"))
                if row.held:
                    chip(t("order.held", why=row.held), "red")


async def draw(bench: Bench) -> None:
    """The page."""
    desk = OrderDesk(bench)
    desk.build()
    await desk.live.look()


DESK = Desk(
    "orders",
    "receipt_long",
    frozenset({"order.read"}),
    draw,
    pages=(("/orders/{order_no}", story.draw),),
)
