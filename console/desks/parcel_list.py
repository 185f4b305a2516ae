"""A list of parcels, the longest silent first; another carrier for those that are still ours (R10 to R13)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import quote

from api.schemas.logistics import ParcelPage, ParcelRowView
from api.schemas.orders import StatusView
from console.bench import Bench
from console.desks.paging import Pages
from console.kit import Choice, Field, box, button, countdown, empty, link, moment, status, text
from console.rows import Part, Rows
from console.words import CATALOGUE

CARRIERS = tuple(key.removeprefix("carrier.") for key in CATALOGUE if key.startswith("carrier."))
"""Those that have a name in the words of the desks."""
_OURS_STILL = frozenset({"to_pick", "packed", "booked"})
_COLOURS = {"problem": "red", "returned": "amber"}


@dataclass(frozen=True)
class ParcelRow:
    """A parcel as it stands in the list; ``chosen`` with the form for another carrier."""

    parcel: ParcelRowView
    chosen: bool


@dataclass
class ParcelList:
    """``choosing`` is the parcel that is about to get another carrier; ``changed`` reads anew once it has."""

    bench: Bench
    changed: Callable[[], Awaitable[None]]
    choosing: str | None = None
    items: list[ParcelRowView] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Take the place in which it stands."""
        self.rows = Rows[ParcelRow](lambda row: row.parcel.parcel_no, self.draw_row, "stack")
        self.foot = Part("stack")

    def show(self, page: ParcelPage, state: str, pages: Pages) -> None:
        """Draw what changed, but not under the hands of somebody who writes a reason."""
        self.items = page.items
        self.draw(held=self.choosing or "")
        shown = (bool(page.items), state, pages.at(page.next_cursor))
        self.foot.show(shown, lambda: self.draw_foot(page, state, pages))

    def draw(self, held: str = "") -> None:
        """Draw what was shown last."""
        self.rows.show((ParcelRow(one, chosen=one.parcel_no == self.choosing) for one in self.items), held)

    def draw_foot(self, page: ParcelPage, state: str, pages: Pages) -> None:
        """That there is nothing, and the ways to other pages."""
        t = self.bench.t
        if not page.items:
            empty(t("logistics.none", state=t(f"parcel.{state}")), t("logistics.none_hint"))
        pages.draw(page.next_cursor)

    def draw_row(self, row: ParcelRow) -> None:
        """One parcel."""
        with box("card stack tight", "article", aria_label=row.parcel.parcel_no):
            self.draw_parcel(row.parcel)
            if row.parcel.state in _OURS_STILL:
                self.draw_choosing(row)

    def draw_parcel(self, one: ParcelRowView) -> None:
        """Where it is, whose hands it is in, since when nothing was heard."""
        t = self.bench.t
        with box("spread"):
            with box("bar"):
                link(one.parcel_no, f"/orders/{quote(one.order_no, safe='')}", "strong mono wrap")
                english, chinese = CATALOGUE[f"parcel.{one.state}"]
                status(StatusView(code=one.state, zh=chinese, en=english), _COLOURS.get(one.state, "blue"))
            if one.due_at:
                countdown(
                    one.due_at, one.silent_since or one.due_at, f"{t('due')} {one.parcel_no}", f"order:{one.order_no}"
                )
        with box("bar small"):
            text(t.code("carrier", one.carrier) if one.carrier else t("logistics.carrier.none"))
            if one.tracking_no:
                text(one.tracking_no, classes="mono wrap")
            text(t("logistics.from", warehouse=one.warehouse), classes="soft")
            if one.silent_since:
                text(t("logistics.heard", at=moment(one.silent_since, self.bench.zone)), classes="soft num")
            if one.open_case:
                link(t("logistics.open_case"), f"/cases/{quote(one.open_case, safe='')}")

    # --- another carrier ------------------------------------------------------------

    def draw_choosing(self, row: ParcelRow) -> None:
        """The way to it, and once it is chosen its fields (R11)."""
        t, one = self.bench.t, row.parcel
        if not row.chosen:
            name = f"{t('logistics.carrier.choose')}: {one.parcel_no}"
            with box("bar"):
                button(t("logistics.carrier.choose"), lambda: self.choose(one.parcel_no), aria_label=name)
            return
        with box("stack parted"):
            names = {code: t.code("carrier", code) for code in CARRIERS if code != one.carrier}
            carrier = Choice(t("logistics.carrier.other"), names)
            reason = Field(t("reason"), maxlength="60", autocomplete="off")
            with box("bar"):
                button(t("logistics.carrier.send"), lambda: self.send(one, carrier.value, reason.value), "primary")
                button(t("cancel"), lambda: self.choose(None))
        reason.focus()

    async def choose(self, parcel_no: str | None) -> None:
        """Open the choice for this parcel, or for none."""
        self.choosing = parcel_no
        self.bench.hush()
        self.draw()

    async def send(self, one: ParcelRowView, carrier: str, reason: str) -> None:
        """Ask the order; its refusal is shown in its own words. The reason stays with the parcel."""
        t = self.bench.t
        if not reason.strip():
            self.bench.tell(t("needed", what=t("reason")), "no")
            return
        body = {"carrier": carrier, "reason": reason.strip()}
        door = f"/v1/orders/{quote(one.order_no, safe='')}/parcels/{quote(one.parcel_no, safe='')}/carrier"
        if await self.bench.attempt(self.bench.api.post(door, body)) is not None:
            self.choosing = None
            self.draw()
            self.bench.tell(t("logistics.carrier.chosen", parcel=one.parcel_no, carrier=t.code("carrier", carrier)))
            await self.changed()
