"""The operations desk: what stands in an emergency, and what is done in one (R7, R25)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from pydantic import BaseModel

from api.schemas.emergencies import BroadcastPage, HoldPage, PeakView
from api.schemas.orders import OrderCount
from console.bench import Bench
from console.desks import operations_schedules, operations_stuck
from console.desks.deciding import Deciding
from console.desks.desk import Desk
from console.desks.operations_broadcasts import Broadcasts
from console.desks.operations_frame import draw_pages
from console.desks.operations_holds import Holds
from console.desks.operations_peak import Peak
from console.kit import box
from console.live import Live

_ROWS = 20


class Emergencies(BaseModel):
    """All that the page shows."""

    broadcasts: BroadcastPage
    peak: PeakView
    in_review: OrderCount
    holds: HoldPage


@dataclass
class EmergencyPage:
    """The page as one person has it before them."""

    bench: Bench
    read: Emergencies | None = None

    def build(self) -> None:
        """Lay the page out: forms lie still, what stands comes with the first reading."""
        draw_pages(self.bench, "emergencies")
        self.deciding = Deciding(self.bench, self.draw, self.again)
        with box("two"):
            with box("stack"):
                self.broadcasts = Broadcasts(self.bench, self.deciding)
            with box("stack"):
                self.peak = Peak(self.bench, self.again)
                self.holds = Holds(self.bench, self.deciding)
        self.live = Live(self.bench, self.load, self.show)

    async def again(self) -> None:
        """Read and draw, whatever was shown."""
        self.live.forget()
        await self.live.look()

    async def load(self) -> Emergencies:
        """How it all stands."""
        get = self.bench.api.get
        broadcasts, peak, in_review, holds = await asyncio.gather(
            get("/v1/broadcasts", BroadcastPage, {"limit": _ROWS}),
            get("/v1/peak", PeakView),
            get("/v1/orders/count", OrderCount, {"status": "manual_review"}),
            get("/v1/holds", HoldPage, {"limit": _ROWS}),
        )
        return Emergencies(broadcasts=broadcasts, peak=peak, in_review=in_review, holds=holds)

    def show(self, read: Emergencies) -> None:
        """Draw it, but not under the hands of somebody who writes a reason."""
        self.read = read
        if not self.deciding.open:
            self.draw()

    def draw(self) -> None:
        """Draw what was read last."""
        if self.read is not None:
            self.broadcasts.draw(self.read.broadcasts.items)
            self.peak.draw(self.read.peak, self.read.in_review)
            self.holds.draw(self.read.holds.items)


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
