"""The buyer on an order's page: masked, and for a purpose in full for a minute (R21)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from nicegui import ui

from api.masking import MaskedContact
from api.schemas.buyers import Purpose, Revealable, RevealedBuyer
from api.schemas.story import OrderStory
from console.bench import Bench
from console.desks.buyer_link import BuyerLink
from console.desks.order_parts import draw_history
from console.kit import Choice, Field, Tick, box, button, countdown, facts, text

SHOWN_FOR = timedelta(seconds=60)
_ASKED_FIRST = frozenset({Revealable.NAME, Revealable.PHONE})


class Buyer:
    """The card of the buyer. What was revealed leaves the page, and this process, when its minute is over."""

    def __init__(self, bench: Bench, order_no: str) -> None:
        self.bench, self.order_no = bench, order_no
        with box("card", "section", aria_label=bench.t("review.buyer")):
            text(bench.t("review.buyer"), "h2")
            self.masked = box("stack")
            self.place = box("stack")
            BuyerLink(bench, order_no)
        self.offer()

    def show(self, order: OrderStory) -> None:
        """The masked buyer."""
        self.masked.clear()
        with self.masked:
            if order.contact is None:
                text(self.bench.t("buyer.hidden"), "p", "soft")
            else:
                self.draw_masked(order.contact)
            draw_history(self.bench, order.buyer)

    def draw_masked(self, contact: MaskedContact) -> None:
        """Enough to recognise."""
        t = self.bench.t
        facts({t(f"buyer.{name}"): getattr(contact, name) or "" for name in ("name", "phone", "city")})

    def offer(self) -> None:
        """The button, for those who may."""
        self.place.clear()
        if self.bench.may("contact.reveal"):
            with self.place, box("bar"):
                button(self.bench.t("reveal.open"), self.ask)

    def ask(self) -> None:
        """What for, and which fields."""
        t = self.bench.t
        self.place.clear()
        with self.place:
            text(t("reveal.title"), "h3")
            purpose = Choice(t("purpose"), {one.value: t(f"purpose.{one.value}") for one in Purpose})
            reason = Field(t("reason"), maxlength="60")
            with box("checks", "fieldset", aria_label=t("reveal.fields")):
                ticks = {one: Tick(t(f"buyer.{one.value}"), value=one in _ASKED_FIRST) for one in Revealable}
            with box("bar"):
                button(t("reveal.show"), lambda: self.reveal(purpose.value, reason.value, ticks), "primary")
                button(t("cancel"), self.offer)

    async def reveal(self, purpose: str, reason: str, ticks: dict[Revealable, Tick]) -> None:
        """Ask the API; who looked, at what and why, goes on record there."""
        body = {
            "purpose": purpose,
            "reason": reason,
            "fields": [one.value for one, tick in ticks.items() if tick.value],
        }
        answer = await self.bench.attempt(self.bench.api.post(f"/v1/orders/{self.order_no}/reveal", body))
        if answer is None:
            return
        self.place.clear()
        with self.place:
            self.draw_revealed(RevealedBuyer.model_validate(answer))
            ui.timer(SHOWN_FOR.total_seconds(), self.offer, once=True)

    def draw_revealed(self, buyer: RevealedBuyer) -> None:
        """In full, with the seconds that are left."""
        t, now = self.bench.t, datetime.now(UTC)
        address = buyer.address
        parts = (address.region, address.city, address.district, address.street, address.postcode) if address else ()
        facts(
            {
                t("buyer.name"): buyer.name or "",
                t("buyer.phone"): buyer.phone or "",
                t("buyer.address"): " ".join(part for part in parts if part),
                t("buyer.email"): buyer.email or "",
                t("buyer.remark"): buyer.remark or "",
            }
        )
        with box("bar"):
            text(t("reveal.hides"), classes="soft small")
            countdown(now + SHOWN_FOR, now, t("reveal.hides"))
            button(t("reveal.hide"), self.offer)
