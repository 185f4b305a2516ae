"""The risk desk: the blacklist, kept by hand and by counting; a buyer's data goes in and never comes out (R27)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from api.schemas.risk import Blacklist, BlacklistEntryKept, BlacklistView
from console.bench import Bench
from console.desks import address, risk_rules
from console.desks.deciding import Act, ActingPage
from console.desks.desk import Desk
from console.desks.filters import Filters
from console.desks.paging import Pages
from console.kit import Choice, Field, Tick, box, button, chip, empty, link, moment, text

_PATH = "/risk"
_ROWS = 50
_FILTERS = ("kind", "source", "expired")
_KINDS = ("phone", "account", "address")
_SOURCES = ("hand", "counter")
_DAYS = ("30", "90", "180", "365", "0")
_FOR_GOOD = "0"


@dataclass
class RiskDesk(ActingPage[Blacklist]):
    """The page as one person has it before them."""

    asked: dict[str, str] = field(default_factory=dict)

    def build(self) -> None:
        """Lay the page out; what is on it comes with the first reading."""
        t = self.bench.t
        self.asked = address.read(_FILTERS)
        with box("bar"):
            text(t("blacklist.title"), "h1")
            link(t("rules.title"), "/risk/rules", "btn")
        if self.bench.may("risk.set"):
            self.build_adding()
        self.fields = box("filters", "section", aria_label=t("list.filters"))
        self.draw_filters()
        self.place = box("stack", "section", aria_label=t("blacklist.title"))
        self.pages = Pages(self.bench, self.turned)
        self.keep_true(told=("blacklist",))

    def build_adding(self) -> None:
        """The form of a new entry; it lies still while the list changes."""
        t = self.bench.t
        with box("card stack", "section", aria_label=t("blacklist.add")):
            text(t("blacklist.add"), "h2")
            text(t("blacklist.add_hint"), "p", "soft small")
            with box("filters"):
                kinds = {one: t(f"blacklist.kind.{one}") for one in _KINDS}
                self.kind = Choice(t("blacklist.kind"), kinds, on_change=self.ask_for)
                self.value = Field(t("blacklist.value"), autocomplete="off")
                self.country = Field(t("blacklist.country"), value="CN", maxlength="2", autocomplete="off")
                self.days = Choice(t("blacklist.days"), {one: t(f"blacklist.days.{one}") for one in _DAYS})
                self.reason = Field(t("reason"), maxlength="60", autocomplete="off")
                button(t("blacklist.go"), self.add, "primary")
            self.hint = text(t("blacklist.value_hint"), "p", "soft small")
            self.hint.set_visibility(False)

    async def ask_for(self, kind: str) -> None:
        """What this kind of value takes besides itself."""
        self.country.around.set_visibility(kind == _KINDS[0])
        self.hint.set_visibility(kind == "address")

    def draw_filters(self) -> None:
        """Which entries are shown."""
        t = self.bench.t
        filters = Filters(self.asked, self.bench.zone, self.narrowed)
        with self.fields:
            kinds = {one: t(f"blacklist.kind.{one}") for one in _KINDS}
            filters.choice("kind", t("blacklist.kind"), {"": t("all")} | kinds)
            sources = {one: t(f"blacklist.source.{one}") for one in _SOURCES}
            filters.choice("source", t("blacklist.source"), {"": t("all")} | sources)
            with box("checks"):
                expired = Tick(t("blacklist.also_expired"), value=self.asked.get("expired") == "true")
            expired.on_turned(lambda on: filters.ask("expired", "true" if on else ""))

    # --- the list -------------------------------------------------------------------

    async def narrowed(self) -> None:
        """Other filters: the list begins anew, and the address says so."""
        self.pages.first()
        address.write(self.fields, _PATH, self.asked)
        await self.deciding.elsewhere()

    async def turned(self) -> None:
        """Another page of what was read."""
        self.redraw()

    async def load(self) -> Blacklist:
        """All entries: the API gives no pages, for the list is short beside the orders."""
        return await self.bench.api.get("/v1/blacklist", Blacklist, {"expired": self.asked.get("expired")})

    def draw(self, read: Blacklist) -> None:
        """A page of the entries asked for, the newest first."""
        t, asked = self.bench.t, self.asked
        wanted = [one for one in read.items if all(_fits(asked.get(name), getattr(one, name)) for name in _FILTERS[:2])]
        below = [one for one in wanted if self.pages.cursor is None or one.entry_no < int(self.pages.cursor)]
        shown = below[:_ROWS]
        self.place.clear()
        with self.place:
            text(t("blacklist.count", number=len(wanted)), classes="soft num", aria_live="polite")
            for one in shown:
                self.draw_entry(one)
            if not shown and any(asked.values()):
                empty(t("blacklist.none_so"), t("cases.none_so_hint"))
            elif not shown:
                empty(t("blacklist.none"), t("blacklist.none_hint"))
            self.pages.draw(str(shown[-1].entry_no) if len(below) > _ROWS else None)

    def draw_entry(self, one: BlacklistView) -> None:
        """Which kind, why, until when, by whom; never the value."""
        t, zone = self.bench.t, self.bench.zone
        with box("card stack tight"):
            with box("spread"):
                with box("bar"):
                    text(f"#{one.entry_no}", classes="strong num")
                    text(t.code("blacklist.kind", one.kind))
                    chip(t.code("blacklist.source", one.source), "amber" if one.source == "counter" else "")
                    text(t.code("blacklist.reason", one.reason), classes="wrap")
                text(self.stands(one.expires_at), classes="small soft num")
            text(f"{self.bench.who(one.added_by)} · {moment(one.added_at, zone)}", "p", "small soft wrap")
            if self.bench.may("risk.set"):
                self.draw_removal(one)

    def stands(self, until: datetime | None) -> str:
        """How long an entry stands."""
        t = self.bench.t
        if until is None:
            return t("blacklist.for_good")
        name = "blacklist.until" if until > datetime.now(UTC) else "blacklist.expired"
        return t(name, at=moment(until, self.bench.zone))

    def draw_removal(self, one: BlacklistView) -> None:
        """Taking it off asks for a reason, which stays on record."""
        t, path = self.bench.t, f"/v1/blacklist/{one.entry_no}/remove"
        told = t("blacklist.removed", number=one.entry_no)
        self.deciding.draw(Act(f"#{one.entry_no}", t("blacklist.remove"), path, told, "danger"))

    # --- acting ---------------------------------------------------------------------

    async def add(self) -> None:
        """Put it on the list; the value stands in the body, and in this page no longer than that (R21)."""
        t, days = self.bench.t, self.days.value
        for needed, name in ((self.value, "blacklist.value"), (self.reason, "reason")):
            if not needed.value.strip():
                self.bench.tell(t("needed", what=t(name)), "no")
                return
        body = {
            "kind": self.kind.value,
            "value": self.value.value.strip(),
            "country": self.country.value.strip().upper(),
            "days": None if days == _FOR_GOOD else int(days),
            "reason": self.reason.value.strip(),
        }
        answer = await self.bench.attempt(self.bench.api.post("/v1/blacklist", body))
        if answer is None:
            return
        kept = BlacklistEntryKept.model_validate(answer)
        self.value.clear()
        self.reason.clear()
        self.bench.tell(t("blacklist.kept", number=kept.entry_no, until=self.stands(kept.expires_at)))
        await self.live.look()


def _fits(asked: str | None, value: str) -> bool:
    return not asked or asked == value


async def draw(bench: Bench) -> None:
    """The page."""
    desk = RiskDesk(bench)
    desk.build()
    await desk.live.look()


DESK = Desk("risk", "gpp_maybe", frozenset({"risk.read"}), draw, pages=(("/risk/rules", risk_rules.draw),))
