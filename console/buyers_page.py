"""The buyer's page of an order: public, by a link of its own, and without a person on it (R12, R21, R29)."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from fastapi import Request
from nicegui import ui
from pydantic import BaseModel

from api.schemas.terms import TermsView, TextView
from api.schemas.tracking import TrackedParcel, TrackingPage
from console.bench import Bench
from console.calls import Api
from console.entrance import StaffCard
from console.errors import Away
from console.kit import box, countdown, empty, facts, status, text
from console.live import Live
from console.pages import House, dress, switches
from console.preferences import Preferences

_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,100}")
_EVERY_S = 30.0
"""Buyers are many, and nothing of theirs changes within a second."""
_NOBODY = StaffCard(id="", role="", permissions=frozenset())

_STEPS = ("ordered", "checked", "packed", "on_its_way", "arrived")
_ON_ITS_WAY = _STEPS.index("on_its_way") + 1
_STEPS_DONE: Mapping[str, int] = MappingProxyType(
    {
        "awaiting_payment": 1,
        "paid": 1,
        "manual_review": 1,
        "shortage": 2,
        "approved": 2,
        "picking": 2,
        "packed": 3,
        "partly_shipped": 4,
        "shipped": 4,
        "partly_signed": 4,
        "signed": 5,
        "archived": 5,
    }
)
"""How many of the steps are behind an order; an order that ended otherwise has none to show."""


class Tracked(BaseModel):
    """All that the page shows; nothing when the link does not hold."""

    order: TrackingPage | None = None
    terms: TermsView | None = None


@dataclass
class BuyersPage:
    """The page as one buyer has it before them."""

    bench: Bench
    token: str

    def build(self) -> None:
        """Lay the page out; what is on it comes with the first reading."""
        self.place = box("stack")
        self.terms = box("stack")
        self.live = Live(self.bench, self.load, self.show, _EVERY_S)

    async def load(self) -> Tracked:
        """The order behind the link and its terms; every link that does not hold is answered alike."""
        if not _TOKEN.fullmatch(self.token):
            return Tracked()
        api = self.bench.api
        order = await self.bench.or_none(api.get(f"/v1/tracking/{self.token}", TrackingPage))
        return Tracked(order=order, terms=await api.get(order.terms, TermsView)) if order else Tracked()

    def show(self, found: Tracked) -> None:
        """Draw the order; the terms of an order never change, and somebody may be reading them."""
        self.place.clear()
        with self.place:
            self.draw_order(found.order) if found.order else self.draw_nothing()
        if found.terms is None:
            self.terms.clear()
        elif not self.terms.default_slot.children:
            with self.terms:
                self.draw_terms(found.terms)

    def draw_nothing(self) -> None:
        """The link does not hold; why, nobody is told."""
        text(self.bench.t("track.title"), "h1", "unseen")
        empty(self.bench.t("track.no_link"), self.bench.t("track.no_link_hint"))

    def draw_order(self, order: TrackingPage) -> None:
        """Where it stands, what happens next and by when, its parcels."""
        t = self.bench.t
        with box("card track-head"):
            text(t("track.order", order=order.order_no), "h1", "soft wrap")
            self.draw_steps(order)
            text(t.pick(order.next.en, order.next.zh), "p", "track-next")
            if order.next.by and _STEPS_DONE.get(order.status.code) == _ON_ITS_WAY:
                text(t("track.expected", at=self.at(order.next.by)), "p", "soft num")
            elif order.next.by:
                with box("bar"):
                    text(t("track.until", at=self.at(order.next.by)), classes="soft num")
                    countdown(order.next.by, order.updated_at, t("track.left"))
            with box("bar"):
                status(order.status, "blue" if order.status.code in _STEPS_DONE else "red")
                status(order.payment_status, "green" if order.payment_status.code == "paid" else "")
            facts({t("track.placed"): self.at(order.placed_at), t("track.updated"): self.at(order.updated_at)})
        for number, parcel in enumerate(order.parcels, 1):
            self.draw_parcel(number, len(order.parcels), parcel)

    def draw_steps(self, order: TrackingPage) -> None:
        """How far it came, for those who see and for those who listen."""
        t, done = self.bench.t, _STEPS_DONE.get(order.status.code, 0)
        if not done:
            return
        with box("track-steps", "ol", aria_label=t("track.steps")):
            for number, step in enumerate(_STEPS, 1):
                current = {"aria_current": "step"} if number == done else {}
                with box("done" if number <= done else "", "li", **current):
                    text(t(f"track.step.{step}"))

    def draw_parcel(self, number: int, of: int, parcel: TrackedParcel) -> None:
        """One parcel and what its carrier told, the newest first."""
        t = self.bench.t
        with box("card", "section", aria_label=t("track.parcel", number=number, of=of)):
            text(t("track.parcel", number=number, of=of), "h2")
            facts(
                {
                    t("parcel.carrier"): t.code("carrier", parcel.carrier or ""),
                    t("track.tracking_no"): parcel.tracking_no or "",
                    t("parcel.signed_at"): self.at(parcel.signed_at) if parcel.signed_at else "",
                }
            )
            if not parcel.trace:
                text(t("track.no_trace"), "p", "soft")
                return
            with box("track-trace", "ol"):
                for event in parcel.trace:
                    with box("", "li"):
                        text(t.pick(event.en, event.zh))
                        text(self.at(event.at), "time", "soft small num", datetime=event.at.isoformat())

    def draw_terms(self, terms: TermsView) -> None:
        """The terms it was placed under, word for word."""
        t = self.bench.t
        with box("card", "section", aria_label=t("track.terms")):
            text(t("track.terms"), "h2")
            day = terms.in_force_from.isoformat()
            text(t("track.terms_of", version=terms.version, day=day), "p", "soft small")
            for document in (terms.returns, terms.privacy):
                self.draw_text(document)
        text(t("track.open_to"), "p", "soft small")

    def draw_text(self, document: TextView) -> None:
        """One document, folded until somebody wants to read it."""
        t = self.bench.t
        with box("track-text", "details"):
            text(t.pick(document.title_en, document.title_zh), "summary")
            for paragraph in document.zh if t.language == "zh" else document.en:
                text(paragraph, "p")

    def at(self, moment: datetime) -> str:
        """To the minute, in the shop's own time."""
        return moment.astimezone(self.bench.zone).strftime("%Y-%m-%d %H:%M")


def buyers_page(house: House) -> Callable[..., Awaitable[None]]:
    """``GET /track/{token}``: no sign-in; the link opens the one order it was made for."""

    async def page(request: Request, token: str) -> None:
        preferences = _preferences(request)
        dress(preferences)
        # The address is the key: it is told to no other site, and no search engine keeps it.
        ui.add_head_html('<meta name="referrer" content="no-referrer"><meta name="robots" content="noindex">')
        bench = Bench(_NOBODY, Api(house.http, None), preferences, house.zone)
        ui.page_title(f"{bench.t('track.title')} · {house.shop_name}")
        with box("page track"):
            _top(bench, house, request)
            bench.furnish()
            await _drawn(bench, token)

    return page


def _top(bench: Bench, house: House, request: Request) -> None:
    with box("bar"):
        text(house.shop_name, classes="brand")
        box("grow")
        with box("bar who", "section", aria_label=bench.t("app.preferences")):
            switches(bench.preferences, request.url.path)


async def _drawn(bench: Bench, token: str) -> None:
    page = BuyersPage(bench, token)
    page.build()
    try:
        await page.live.look()
    except Away:
        bench.line(bench.t("line.unknown"))


def _preferences(request: Request) -> Preferences:
    """Those of the browser; who never chose a language here reads the browser's own."""
    preferences = Preferences.of(request.session)
    if "language" in request.session or not request.headers.get("accept-language", "").lower().startswith("zh"):
        return preferences
    return replace(preferences, language="zh")
