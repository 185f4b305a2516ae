"""One order's whole story on one page: what it is, where it stands, what happened, who can do what now."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from pydantic import BaseModel

from api.schemas.buyers import Notes
from api.schemas.orders import Timeline
from api.schemas.story import CaseOfOrder, OrderStory
from console.bench import Bench
from console.desks import timing
from console.desks.case_opening import CaseOpening
from console.desks.order_parts import draw_lines, draw_money, draw_parcel, draw_temporal, draw_timeline
from console.desks.return_opening import ReturnOpening
from console.desks.revealing import Buyer
from console.desks.time_machine import TimeMachine
from console.kit import Field, box, button, chip, facts, moment, status, text
from console.live import Live

BEFORE_HAND_OVER = frozenset({"awaiting_payment", "paid", "manual_review", "shortage", "approved", "picking", "packed"})
"""While an order stands here it can still be cancelled (R3); the order itself decides in the end."""


class Story(BaseModel):
    """All that the page shows."""

    order: OrderStory
    acts: Timeline
    notes: Notes | None
    ahead_min: int | None = None


@dataclass
class StoryPage:
    """The page of one order."""

    bench: Bench
    order_no: str

    def build(self) -> None:
        """Lay the page out: what lies still when the order moves is the person's own half-written work."""
        self.head = box("card")
        with box("side"):
            with box("stack"):
                self.goods, self.parcels = box("card"), box("card")
                with box("card"):
                    text(self.bench.t("order.timeline"), "h2")
                    self.timeline = box()
            with box("stack"):
                self.time = TimeMachine(self.bench, f"order:{self.order_no}")
                self.buyer = Buyer(self.bench, self.order_no)
                with box("card"):
                    self.cases = box("stack")
                    self.opening = CaseOpening(self.bench, self.order_no, self.changed)
                    self.returning = ReturnOpening(self.bench, self.order_no, self.changed)
                self.notes = box("card")
                self.acts = box("card")
        self.draw_notes_and_acts()
        self.live = Live(self.bench, self.load, self.show, told=("order", "case"))

    async def load(self) -> Story:
        """The order, its record, its cases, what was noted of the talk."""
        api, path = self.bench.api, f"/v1/orders/{self.order_no}"
        order, acts, notes, ahead_min = await asyncio.gather(
            api.get(path, OrderStory),
            api.get(f"{path}/timeline", Timeline),
            self.bench.or_none(api.get(f"{path}/notes", Notes)),
            self.time.read(),
        )
        return Story(order=order, acts=acts, notes=notes, ahead_min=ahead_min)

    async def changed(self) -> None:
        """Something was done: look at once."""
        await self.live.look()

    def show(self, story: Story) -> None:
        """Draw what the order says of itself."""
        for place, drawing in (
            (self.head, self.draw_head),
            (self.goods, self.draw_goods),
            (self.parcels, self.draw_parcels),
            (self.cases, self.draw_cases),
            (self.said, self.draw_said),
        ):
            place.clear()
            with place:
                drawing(story)
        self.timeline.clear()
        with self.timeline:
            draw_timeline(self.bench, story.acts.items)
        self.time.show(story.ahead_min, story.order.waits.deadlines)
        self.buyer.show(story.order)
        self.acts.set_visibility(self.bench.may("order.cancel") and story.order.status.code in BEFORE_HAND_OVER)
        self.opening.parcels = [parcel.parcel_no for parcel in story.order.parcels]
        self.returning.lines = story.order.lines

    def draw_head(self, story: Story) -> None:
        """Which order, where it stands, what it waits for."""
        t, order = self.bench.t, story.order
        with box("bar"):
            text(order.order_no, "h1", "mono wrap")
            status(order.status)
            for clock in order.waits.deadlines:
                with box("bar small"):
                    text(clock.deadline, classes="soft", title=clock.promise)
                    timing.clock(t, clock, clock.promise, f"order:{order.order_no}")
        if order.held:
            chip(t("order.held", why=order.held), "red")
        if order.stuck:
            chip(t("order.stuck", why=order.stuck), "red")
        facts(
            {
                t("order.waits"): t.pick(order.waits.what, order.waits.zh),
                t("order.channel"): f"{order.channel} · {order.channel_order_id}",
                t("order.placed"): moment(order.placed_at, self.bench.zone),
                t("order.terms"): order.terms_version,
            }
        )
        draw_temporal(self.bench, order.temporal_ui)

    def draw_goods(self, story: Story) -> None:
        """Lines and money."""
        draw_lines(self.bench, story.order)
        draw_money(self.bench, story.order)

    def draw_parcels(self, story: Story) -> None:
        """Parcels with their trace."""
        text(self.bench.t("order.parcels"), "h2")
        if not story.order.parcels:
            text(self.bench.t("order.no_parcels"), "p", "soft")
        for parcel in story.order.parcels:
            draw_parcel(self.bench, parcel)

    def draw_cases(self, story: Story) -> None:
        """Its cases, with their clocks."""
        text(self.bench.t("order.cases"), "h2")
        if not story.order.cases:
            text(self.bench.t("order.no_cases"), "p", "soft")
            return
        for one in story.order.cases:
            self.draw_case(one)

    def draw_case(self, one: CaseOfOrder) -> None:
        """One case of the order."""
        t = self.bench.t
        with box("row-item card", "a", href=f"/cases/{one.case_no}"):
            with box("spread"):
                text(t.pick(t.code("case.kind", one.kind), one.kind_zh), classes="strong")
                status(one.state, "green" if one.closed_at else "amber")
            with box("bar small"):
                if one.waits_for and not one.closed_at:
                    text(t.pick(one.waits_for.en, one.waits_for.zh), classes="soft")
                for clock in one.deadlines:
                    timing.clock(t, clock, clock.promise, f"case:{one.case_no}")
                text(self.bench.who(one.assignee), classes="soft")

    def draw_said(self, story: Story) -> None:
        """The buyer's remark and the notes, masked (R21)."""
        notes = story.notes
        if notes is None or not (notes.remark or notes.items):
            text(self.bench.t("review.no_notes"), "p", "soft")
            return
        if notes.remark:
            text(notes.remark, "p", "wrap")
        for note in notes.items:
            by = f"{self.bench.who(note.created_by)} · {moment(note.created_at, self.bench.zone)}"
            text(by, "p", "soft small")
            text(note.text, "p", "wrap")

    # --- acts ---------------------------------------------------------------------

    def draw_notes_and_acts(self) -> None:
        """What this person may do here besides cases."""
        t = self.bench.t
        with self.notes:
            text(t("review.notes"), "h2")
            self.said = box("stack")
            if self.bench.may("contact.masked"):
                self.note = Field(t("order.new_note"), tag="textarea", placeholder=t("note_hint"))
                with box("bar"):
                    button(t("order.new_note"), self.write_note)
        self.acts.set_visibility(False)
        with self.acts:
            text(t("order.acts"), "h2")
            self.reason = Field(t("reason"), maxlength="60")
            with box("bar"):
                button(t("order.cancel"), self.cancel, "danger")

    async def write_note(self) -> None:
        """Keep a note, sealed."""
        if not self.note.value.strip():
            self.bench.tell(self.bench.t("needed", what=self.bench.t("note")), "no")
            return
        path = f"/v1/orders/{self.order_no}/notes"
        if await self.bench.attempt(self.bench.api.post(path, {"note": self.note.value})) is not None:
            self.note.clear()
            self.bench.tell(self.bench.t("order.note_kept"))
            await self.changed()

    async def cancel(self) -> None:
        """Stop it before hand-over (R3); the order refuses when it is too late."""
        t = self.bench.t
        if not self.reason.value.strip():
            self.bench.tell(t("needed", what=t("reason")), "no")
            return
        path, body = f"/v1/orders/{self.order_no}/cancel", {"reason": self.reason.value}
        if await self.bench.attempt(self.bench.api.post(path, body)) is not None:
            self.reason.clear()
            self.bench.tell(t("order.cancelled", order=self.order_no))
            await self.changed()


async def draw(bench: Bench, order_no: str) -> None:
    """The page."""
    page = StoryPage(bench, order_no)
    page.build()
    await page.live.look()
