"""The operations desk: what stands in an emergency, and what is done in one (R7, R25)."""

from __future__ import annotations

import asyncio

from pydantic import BaseModel

from api.schemas.emergencies import BroadcastPage, HoldPage, PeakView
from api.schemas.orders import OrderCount
from console.bench import Bench
from console.desks import operations_schedules, operations_stuck
from console.desks.deciding import ActingPage
from console.desks.desk import Desk
from console.desks.operations_broadcasts import Broadcasts
from console.desks.operations_frame import draw_pages
from console.desks.operations_holds import Holds
from console.desks.operations_peak import Peak
from console.kit import box
from console.noticeboard import first_over

_ROWS = 20


class Emergencies(BaseModel):
    """All that the page shows."""

    broadcasts: BroadcastPage
    peak: PeakView
    in_review: OrderCount
    holds: HoldPage


class EmergencyPage(ActingPage[Emergencies]):
    """The page as one person has it before them."""

    def build(self) -> None:
        """Lay the page out: forms lie still, what stands comes with the first reading."""
        draw_pages(self.bench, "emergencies")
        with box("two"):
            with box("stack"):
                self.broadcasts = Broadcasts(self.bench, self.deciding)
            with box("stack"):
                self.peak = Peak(self.bench, self.again)
                self.holds = Holds(self.bench, self.deciding)
        self.keep_true(
            ("order", "hold", "broadcast", "peak"), wholly=True, until=lambda read: first_over(read.broadcasts.items)
        )

    async def load(self) -> Emergencies:
        """How it all stands."""
        get = self.bench.api.get
        broadcasts, peak, in_review, holds = await asyncio.gather(
            get("/v1/broadcasts", BroadcastPage, {"limit": _ROWS, "cursor": self.broadcasts.pages.cursor}),
            get("/v1/peak", PeakView),
            get("/v1/orders/count", OrderCount, {"status": "manual_review"}),
            get("/v1/holds", HoldPage, {"limit": _ROWS, "cursor": self.holds.pages.cursor}),
        )
        return Emergencies(broadcasts=broadcasts, peak=peak, in_review=in_review, holds=holds)

    def draw(self, read: Emergencies) -> None:
        """Its three parts."""
        self.broadcasts.draw(read.broadcasts)
        self.peak.draw(read.peak, read.in_review)
        self.holds.draw(read.holds)


async def draw(bench: Bench) -> None:
    """The page."""
    page = EmergencyPage(bench)
    page.build()
    await page.live.look()


DESK = Desk(
    "operations",
    "engineering",
    frozenset({"schedule.read"}),
    draw,
    pages=(("/operations/stuck", operations_stuck.draw), ("/operations/schedules", operations_schedules.draw)),
)
