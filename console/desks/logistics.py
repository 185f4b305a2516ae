"""The logistics desk: parcels by state, the longest silent first; exceptions by clock; carriers compared (R11, R13)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from pydantic import BaseModel

from api.schemas.board import Carriers
from api.schemas.cases import CasePage
from api.schemas.logistics import ParcelCounts, ParcelPage
from console.bench import Bench
from console.desks import address, board_rows
from console.desks.board_charts import Panel
from console.desks.desk import Desk
from console.desks.filters import Filters
from console.desks.grid import PERIODS
from console.desks.paging import Pages
from console.desks.parcel_exceptions import counted, draw_exceptions
from console.desks.parcel_list import CARRIERS, ParcelList
from console.kit import box, link, text
from console.live import Live

_PATH = "/logistics"
_ROWS = 30
_FILTERS = ("state", "carrier", "warehouse", "period")
_STATES = ("handed_over", "out_for_delivery", "problem", "returned", "booked", "packed", "to_pick")
_USUAL_PERIOD = PERIODS[1]


class Seen(BaseModel):
    """All that is on the desk, of one moment."""

    counts: ParcelCounts
    page: ParcelPage
    cases: CasePage
    carriers: Carriers


@dataclass
class LogisticsDesk:
    """The page as one person has it before them; ``asked`` are its filters, which stand in its address."""

    bench: Bench
    asked: dict[str, str] = field(default_factory=dict)
    cases: CasePage | None = None

    def build(self) -> None:
        """Lay the page out; what is on it comes with the first reading."""
        t = self.bench.t
        self.asked = address.read(_FILTERS)
        if self.asked.get("period") not in PERIODS:
            self.asked["period"] = _USUAL_PERIOD
        with box("spread"):
            text(t("logistics.title"), "h1")
            # On a handheld they stand below the whole list.
            self.first = link("", "#exceptions", "only-narrow num")
        self.build_tabs()
        with box("side"):
            with box("stack", "section", aria_label=t("logistics.parcels")):
                self.build_filters()
                self.parcels = ParcelList(self.bench, self.again)
            with box("stack"):
                with box("card", "section", aria_label=t("logistics.exceptions"), id="exceptions"):
                    text(t("logistics.exceptions"), "h2")
                    self.exceptions = box("stack")
                self.carriers = Panel(self.bench, t("carriers.title"), "carriers.none", self.build_period)
        self.live = Live(self.bench, self.load, self.show, told=("order", "case"))
        self.pages = Pages(self.bench, self.again)

    def build_tabs(self) -> None:
        """One tab for each state; their numbers change, they themselves stay under the keys of whoever is on them."""
        t, self.tabs = self.bench.t, {}
        with box("tabs", role="tablist", aria_label=t("logistics.parcels")):
            for state in _STATES:
                tab = text(t(f"parcel.{state}"), "button", "num", type="button", role="tab")
                self.tabs[state] = tab.on("click", partial(self.turn, state), js_handler="() => emit()")

    def build_filters(self) -> None:
        """Of one carrier, of one warehouse."""
        t = self.bench.t
        filters = Filters(self.asked, self.bench.zone, self.narrowed)
        with box("filters"):
            names = {"": t("all"), **{one: t.code("carrier", one) for one in CARRIERS}}
            filters.choice("carrier", t("parcel.carrier"), names)
            filters.word("warehouse", t("list.warehouse"), maxlength="40")

    def build_period(self) -> None:
        """How long the carriers are compared over."""
        t = self.bench.t
        names = {one: t(f"board.period.{one}") for one in PERIODS}
        with box("filters"):
            Filters(self.asked, self.bench.zone, self.narrowed).choice("period", t("board.period"), names)

    @property
    def state(self) -> str:
        """The state whose parcels are shown; an address may ask for one that has no tab."""
        asked = self.asked.get("state", "")
        return asked if asked in _STATES else _STATES[0]

    async def turn(self, state: str) -> None:
        """Show the parcels of that state."""
        self.asked["state"] = state
        await self.narrowed()
        self.bring_tab()

    async def narrowed(self) -> None:
        """Other filters: the list begins anew, and the address says so."""
        self.bench.hush()
        self.pages.first()
        address.write(self.exceptions, _PATH, self.asked)
        await self.again()

    async def again(self) -> None:
        """Read and draw, whatever was shown."""
        self.parcels.choosing = None
        self.live.forget()
        await self.live.look()

    async def load(self) -> Seen:
        """Counts, one page, the open exceptions, carriers over whole hours."""
        get, asked = self.bench.api.get, self.asked
        hours = timedelta(hours=int(asked["period"]))
        this_hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        until = this_hour + timedelta(hours=1)
        filters = {name: asked.get(name) for name in ("carrier", "warehouse")}
        page = {"state": self.state, **filters, "limit": _ROWS, "cursor": self.pages.cursor}
        period_of = {"since": (this_hour - hours).isoformat(), "until": until.isoformat()}
        counts, parcels, cases, carriers = await asyncio.gather(
            get("/v1/parcels/count", ParcelCounts),
            get("/v1/parcels", ParcelPage, page),
            get("/v1/cases", CasePage, {"kind": "parcel_exception", "limit": _ROWS}),
            get("/v1/carriers/compared", Carriers, period_of),
        )
        return Seen(counts=counts, page=parcels, cases=cases, carriers=carriers)

    def show(self, seen: Seen) -> None:
        """Draw what changed of it."""
        self.show_counts(seen.counts.states)
        self.parcels.show(seen.page, self.state, self.pages)
        self.carriers.show(*board_rows.carriers(self.bench.t, seen.carriers.items))
        if seen.cases != self.cases:
            self.cases = seen.cases
            self.first.set_text(self.bench.t("logistics.to_exceptions", number=counted(seen.cases)))
            draw_exceptions(self.bench, self.exceptions, seen.cases)

    def show_counts(self, counts: dict[str, int]) -> None:
        """How many stand in each state, and which is chosen."""
        for state, tab in self.tabs.items():
            tab.set_text(f"{self.bench.t(f'parcel.{state}')} ({counts.get(state, 0)})")
            tab.props["aria-selected"] = "true" if state == self.state else "false"
            tab.update()

    def bring_tab(self) -> None:
        """Bring the chosen tab into view: on a handheld the row of them is longer than the screen."""
        chosen = self.tabs[self.state]
        chosen.client.run_javascript(f"getHtmlElement({chosen.id})?.scrollIntoView({{block: 'nearest'}})")


async def draw(bench: Bench) -> None:
    """The page."""
    desk = LogisticsDesk(bench)
    desk.build()
    await desk.live.look()
    desk.bring_tab()


DESK = Desk("logistics", "local_shipping", frozenset({"parcel.read", "carrier.choose"}), draw)
