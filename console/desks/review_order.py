"""One order before its reviewer: findings, buyer, lines, and the decision (R6, R7)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui
from pydantic import BaseModel

from api.schemas.buyers import Notes
from api.schemas.orders import OrderView
from api.schemas.story import OrderStory
from console.bench import Bench
from console.desks import timing
from console.desks.order_parts import draw_history, draw_lines, draw_money
from console.kit import Choice, Field, box, button, chip, empty, facts, link, status, text

_SEVERITIES = {"block": "red", "review": "amber"}
_REASONS = ("address_not_real", "payment_doubtful", "buyer_risk", "buyer_unreachable", "other")


class Evidence(BaseModel):
    """An order, and what was said about it."""

    order: OrderStory
    notes: Notes | None


async def load_evidence(bench: Bench, order_no: str | None) -> Evidence | None:
    """What a decision rests on; None when no order is chosen."""
    if order_no is None:
        return None
    order, notes = await asyncio.gather(
        bench.api.get(f"/v1/orders/{order_no}", OrderStory),
        bench.or_none(bench.api.get(f"/v1/orders/{order_no}/notes", Notes)),
    )
    return Evidence(order=order, notes=notes)


class OrderInReview:
    """The right side of the desk."""

    def __init__(
        self,
        bench: Bench,
        place: ui.element,
        *,
        done: Callable[[OrderView | None], Awaitable[None]],
        leave: Callable[[], Awaitable[None]],
    ) -> None:
        self.bench, self.place, self.done, self.leave = bench, place, done, leave
        self.order: OrderStory | None = None
        self.rejecting = False
        self._busy = False
        self._decided_here: set[str] = set()

    def show(self, now: Evidence | None, before: Evidence | None) -> None:
        """Draw it, unless nothing of it changed or somebody is writing down a rejection."""
        if now is not None and before is not None and now.order.order_no == before.order.order_no:
            self.tell_of_others(now.order, before.order)
            if now == before or (self.rejecting and now.order.status == before.order.status):
                self.order = now.order
                return
        self.rejecting = False
        self.order = now.order if now else None
        self.place.clear()
        with self.place:
            if now is None:
                empty(self.bench.t("review.choose"))
            else:
                self.draw(now)

    def tell_of_others(self, now: OrderStory, before: OrderStory) -> None:
        """Another person claimed or decided the order that lies here: said at once (R7)."""
        t = self.bench.t
        if now.claimed_by not in (before.claimed_by, None, self.bench.staff.id):
            self.bench.tell(t("review.taken", who=now.claimed_by), "warn")
        if now.status.code != before.status.code and now.order_no not in self._decided_here:
            self.bench.tell(t("review.gone", order=now.order_no), "warn")

    # --- drawing ------------------------------------------------------------------

    def draw(self, shown: Evidence) -> None:
        """Everything a decision rests on, the decision first."""
        order = shown.order
        with box("card"):
            self.draw_head(order)
            if order.status.code == "manual_review":
                self.draw_acts(order)
        with box("card"):
            self.draw_findings(order)
        with box("two"):
            with box("card"):
                self.draw_buyer(order)
            with box("card"):
                self.draw_words(shown.notes)
        with box("card"):
            draw_lines(self.bench, order)
            draw_money(self.bench, order)

    def draw_head(self, order: OrderView) -> None:
        """Which order, where it stands, until when."""
        t = self.bench.t
        with box("bar"):
            button(t("back"), self.leave, "only-narrow")
            text(order.order_no, "h2", "mono wrap")
            status(order.status, "amber" if order.status.code == "manual_review" else "blue")
            box("grow")
            for clock in order.waits.deadlines:
                with box("bar small"):
                    text(clock.deadline, classes="soft", title=clock.promise)
                    timing.clock(t, clock, clock.promise, f"order:{order.order_no}")
        claimed = t("review.claimed_by", who=self.bench.who(order.claimed_by))
        text(claimed if order.claimed_by else t("review.unclaimed_yet"), "p", "soft small")
        if order.held:
            text(t("order.held", why=order.held), "p", "chip red")

    def draw_acts(self, order: OrderView) -> None:
        """What this person can do now."""
        t = self.bench.t
        with box("bar"):
            if order.claimed_by is None:
                button(t("review.claim"), lambda: self.decide("claim"), key="C")
            if order.claimed_by in (None, self.bench.staff.id):
                button(t("review.approve"), lambda: self.decide("approve"), "primary", key="A")
                button(t("review.reject"), self.open_rejection, "danger", key="R")
            if order.claimed_by == self.bench.staff.id:
                button(t("review.release"), lambda: self.decide("release"))
        self.rejection = box("stack rejection")

    def draw_findings(self, order: OrderView) -> None:
        """What the rules found, with their evidence."""
        t = self.bench.t
        text(t("review.findings"), "h2")
        if not order.findings:
            text(t("review.no_findings"), "p", "soft")
        with box("line-list", "ul"):
            for finding in order.findings:
                with box("stack tight", "li"):
                    with box("bar"):
                        chip(t.code("severity", finding.severity), _SEVERITIES.get(finding.severity, ""))
                        text(t.code("rule", finding.rule), classes="strong")
                    text(finding.evidence, "p", "wrap")

    def draw_buyer(self, order: OrderStory) -> None:
        """The buyer, masked (R21), and what they did before."""
        t, contact = self.bench.t, order.contact
        text(t("review.buyer"), "h2")
        facts(
            {
                t("buyer.name"): (contact.name or "") if contact else "",
                t("buyer.phone"): (contact.phone or "") if contact else "",
                t("buyer.city"): (contact.city or "") if contact else "",
            }
        )
        draw_history(self.bench, order.buyer)
        link(t("order.whole_story"), f"/orders/{order.order_no}")

    def draw_words(self, notes: Notes | None) -> None:
        """The buyer's remark and the notes of the talk, masked."""
        t = self.bench.t
        text(t("review.remark"), "h2")
        if notes is None or not (notes.remark or notes.items):
            text(t("review.no_notes"), "p", "soft")
            return
        if notes.remark:
            text(notes.remark, "p", "wrap")
        for note in notes.items:
            text(f"{note.created_by}: {note.text}", "p", "wrap small")

    # --- deciding -----------------------------------------------------------------

    async def key(self, pressed: str) -> None:
        """C, A, R, where the buttons for them are."""
        if self.order is None or self.order.status.code != "manual_review":
            return
        if self.order.claimed_by not in (None, self.bench.staff.id):
            return
        if pressed == "c" and self.order.claimed_by is None:
            await self.decide("claim")
        elif pressed == "a":
            await self.decide("approve")
        elif pressed == "r":
            await self.open_rejection()

    async def open_rejection(self) -> None:
        """Ask why; a rejection says so (R23)."""
        t = self.bench.t
        self.rejecting = True
        self.rejection.clear()
        with self.rejection:
            text(t("review.reject_title"), "h3")
            reason = Choice(t("reason"), {code: t(f"reject.{code}") for code in _REASONS})
            note = Field(t("note"), tag="textarea", placeholder=t("note_hint"))
            with box("bar"):
                button(t("review.reject"), lambda: self.decide("reject", reason.value, note.value), "danger")
                button(t("cancel"), self.close_rejection)
        reason.select.client.run_javascript(f"document.getElementById('in{reason.select.id}')?.focus()")

    async def close_rejection(self) -> None:
        """Never mind."""
        self.rejecting = False
        self.rejection.clear()

    async def decide(self, decision: str, reason: str = "", note: str = "") -> None:
        """Send the decision; the order answers, and its refusal is shown (R7)."""
        if self.order is None or self._busy:
            return
        t, order_no = self.bench.t, self.order.order_no
        if reason == "other" and not note.strip():
            self.bench.tell(t("needed", what=t("note")), "no")
            return
        self._busy = True
        # Its news may be read before its answer has come: it is no other person's.
        self._decided_here.add(order_no)
        try:
            body: dict[str, Any] = {"decision": decision, "reason": reason} | ({"note": note} if note.strip() else {})
            answer = await self.bench.attempt(self.bench.api.post(f"/v1/orders/{order_no}/review", body))
        finally:
            # Not longer: the next order may be shown, and its keys pressed, while the queue is still being read.
            self._busy = False
        if answer is None or decision not in ("approve", "reject"):
            self._decided_here.discard(order_no)
        self.rejecting = self.rejecting and answer is None
        if answer is not None and decision in ("approve", "reject"):
            self.order = None
            self.bench.tell(t("review.approved" if decision == "approve" else "review.rejected", order=order_no))
        await self.done(OrderView.model_validate(answer) if answer and "lines" in answer else None)
