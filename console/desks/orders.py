"""The order desk: find any order, and from there its whole story (R25). What can be done there, the role says."""

from __future__ import annotations

from dataclasses import dataclass

from api.schemas.orders import OrderPage
from console.bench import Bench
from console.desks import hold_results, story
from console.desks.bulk_hold import BulkHold
from console.desks.desk import Desk
from console.desks.order_list import Listed, OrderList
from console.desks.order_row import draw_row
from console.desks.views import Views
from console.kit import Choice, Field, box, button, empty, text
from console.live import Live
from console.rows import Part

_WAYS = ("order_no", "tracking_no", "channel_order_id", "phone")
_PERSONAL = "phone"
_ROWS = 30


@dataclass
class OrderDesk:
    """Search, and the filtered list while nothing is sought."""

    bench: Bench
    sought: tuple[str, str] | None = None

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
        self.orders = OrderList(self.bench, self.again, lambda: self.bulk.draw())
        with box("card stack"):
            self.views = Views(self.bench, DESK.name, lambda: self.orders.asked, self.orders.show_only)
            self.views.build()
            self.orders.build()
        self.bulk = BulkHold(self.bench, self.orders)
        self.bulk.build()
        with box("stack", "section", aria_label=t("find.title")):
            self.listed = box("stack")
            with self.listed:
                self.orders.build_rows()
            self.found = Part("stack")
        self.live = Live(self.bench, self.load, self.show, told=("order",))
        self.what.focus()

    async def find(self, what: str) -> None:
        """Look for this from now on; nothing brings the newest back."""
        self.sought = (self.way.value, what.strip()) if what.strip() else None
        self.live.forget()
        await self.live.look()

    async def newest(self) -> None:
        """Look for nothing."""
        await self.find("")

    async def again(self) -> None:
        """Other filters, another page, another selection: the list is shown, whatever was sought."""
        self.sought = None
        self.bulk.draw()
        self.live.forget()
        await self.live.look()

    async def load(self) -> Listed | OrderPage:
        """What is found; a phone never stands in an address, so the search is a POST (R21)."""
        if self.sought is None:
            return await self.orders.load()
        way, what = self.sought
        found = await self.bench.api.post(f"/v1/orders/search?limit={_ROWS}", {way: what})
        return OrderPage.model_validate(found)

    def show(self, read: Listed | OrderPage) -> None:
        """Draw the list, or what was found."""
        self.listed.set_visibility(isinstance(read, Listed))
        if isinstance(read, Listed):
            self.orders.show(read)
            self.found.show(None, lambda: None)
        else:
            self.found.show((read, self.sought), lambda: self.draw_found(read))

    def draw_found(self, page: OrderPage) -> None:
        """What the search brought."""
        t = self.bench.t
        with box("bar"):
            text(t("find.found"), "h2")
            button(t("find.again"), self.newest)
        if not page.items:
            empty(t("find.nothing", what=self.sought[1] if self.sought else ""), t("find.nothing_hint"))
            return
        with box("rows"):
            for row in page.items:
                draw_row(self.bench, row)


async def draw(bench: Bench) -> None:
    """The page."""
    desk = OrderDesk(bench)
    desk.build()
    await desk.views.read()
    await desk.bulk.read()
    await desk.live.look()


DESK = Desk(
    "orders",
    "receipt_long",
    frozenset({"order.read"}),
    draw,
    pages=(("/orders/{order_no}", story.draw), ("/orders/holds/{hold_id}", hold_results.draw)),
)
