"""The audit desk: the record of acts searched, verified and taken along; nothing is changed here (R23)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from nicegui import ui

from api.act_names import ACTS
from api.schemas.audit import AuditPage, AuditView
from console.bench import Bench
from console.desks import address
from console.desks.audit_check import Check
from console.desks.audit_entry import draw_line, draw_whole, order_page
from console.desks.desk import Desk
from console.desks.filters import Filters
from console.desks.paging import Pages
from console.hearing import ANYTHING
from console.kit import box, button, empty, link, text
from console.live import Live

_PATH = "/audit"
_ROWS = 50
FILTERS = ("order", "actor", "act", "subject", "since", "until", "sort")
_NEWEST = "newest"


@dataclass
class AuditDesk:
    """The page as one person has it before them; ``open`` are the entries that they have unfolded."""

    bench: Bench
    asked: dict[str, str] = field(default_factory=dict)
    open: set[int] = field(default_factory=set)
    page: AuditPage | None = None
    behind: bool = False

    def build(self) -> None:
        """Lay the page out; what is on it comes with the first reading."""
        t = self.bench.t
        self.asked = address.read(FILTERS)
        text(t("audit.title"), "h1")
        self.check = Check(self.bench, lambda subject: self.only(subject=subject, sort="written"), self.draw)
        self.check.build()
        self.fields = box("", "section", aria_label=t("audit.filters"))
        self.draw_filters()
        self.place = box("stack", "section", aria_label=t("audit.title"))
        self.pages = Pages(self.bench, self.again)
        self.live = Live(self.bench, self.load, self.show, told=ANYTHING)

    def draw_filters(self) -> None:
        """All that the API can be asked for."""
        t = self.bench.t
        filters = Filters(self.asked, self.bench.zone, self.narrowed)
        acts = {act: t.pick(*words) for act, words in ACTS.items()}
        self.fields.clear()
        with self.fields, box("filters"):
            filters.word("order", t("audit.order"), maxlength="150")
            filters.word("actor", t("audit.actor"), maxlength="150")
            filters.choice("act", t("audit.act"), {"": t("all"), **dict(sorted(acts.items(), key=lambda act: act[1]))})
            filters.word("subject", t("audit.subject"), maxlength="150")
            filters.instant("since", t("audit.since"))
            filters.instant("until", t("audit.until"))
            filters.choice("sort", t("audit.sort"), {"": t("audit.sort.newest"), "written": t("audit.sort.written")})

    async def only(self, **asked: str) -> None:
        """These filters and no other."""
        self.asked = dict(asked)
        self.draw_filters()
        await self.narrowed()

    async def narrowed(self) -> None:
        """Other filters: the list begins anew, and the address says so."""
        self.pages.first()
        address.write(self.fields, _PATH, self.asked)
        await self.again()

    async def again(self) -> None:
        """Read and draw, whatever was shown."""
        self.page = None
        self.open.clear()
        self.live.forget()
        await self.live.look()

    async def load(self) -> AuditPage:
        """One page, by the filters; a page that nothing can be written to any more is not read again."""
        if self.page is not None and self.settled():
            return self.page
        query = {**self.asked, "sort": self.asked.get("sort") or _NEWEST}
        return await self.bench.api.get("/v1/audit", AuditPage, query | {"limit": _ROWS, "cursor": self.pages.cursor})

    def settled(self) -> bool:
        """Whether what is shown is the past: what is written from now on stands before it."""
        newest, until = self.asked.get("sort") != "written", self.asked.get("until")
        return newest and (self.pages.cursor is not None or (until is not None and _is_past(until)))

    def show(self, page: AuditPage) -> None:
        """Draw the list, but not under the eyes of somebody who reads an entry."""
        self.page, self.behind = page, bool(self.open)
        if self.open:
            self.news.set_text(self.bench.t("audit.waits"))
        else:
            self.draw()

    def draw(self) -> None:
        """Draw what was read last."""
        if self.page is None:
            return
        self.open.clear()
        self.place.clear()
        with self.place:
            self.draw_head()
            if self.page.items:
                with box("rows"):
                    for one in self.page.items:
                        self.draw_entry(one)
            else:
                self.draw_nothing()
            self.pages.draw(self.page.next_cursor)

    def draw_head(self) -> None:
        """What can be done with the whole list."""
        t = self.bench.t
        with box("bar"):
            self.news = text("", classes="soft small grow", aria_live="polite")
            if any(self.asked.values()):
                button(t("audit.clear"), self.only)
            link(t("audit.export"), address.with_query("/exports/audit.csv", self.asked), "btn", download="")

    def draw_nothing(self) -> None:
        """No entry, and why."""
        name = "audit.none_so" if any(self.asked.values()) else "audit.none"
        empty(self.bench.t(name), self.bench.t(f"{name}_hint"))

    def draw_entry(self, one: AuditView) -> None:
        """One entry, folded; what unfolds is drawn when it is wanted."""
        with box("entry", "details") as entry:
            with box("row-item", "summary"):
                draw_line(self.bench, one, self.check.wrong.get(one.id))
            inside = box("stack inside")
        entry.on("toggle", lambda event: self.unfold(one, inside, event), js_handler="(e) => emit(e.target.open)")

    async def unfold(self, one: AuditView, inside: ui.element, event: Any) -> None:
        """Open or closed; when the last is closed, the list goes on."""
        if not event.args:
            self.open.discard(one.id)
            if self.behind and not self.open:
                self.behind = False
                self.draw()
            return
        self.open.add(one.id)
        inside.clear()
        with inside:
            draw_whole(self.bench, one)
            self.draw_ways(one)

    def draw_ways(self, one: AuditView) -> None:
        """From one entry to all of its kind."""
        t = self.bench.t
        with box("bar"):
            if one.order_no and self.bench.may("order.read"):
                link(t("audit.to_order"), order_page(one.order_no), "btn")
            button(t("audit.only_actor", what=one.who), lambda: self.only(actor=one.who))
            button(t("audit.only_act"), lambda: self.only(act=one.act))
            button(t("audit.only_subject"), lambda: self.only(subject=one.subject))
            button(t("check.this"), lambda: self.check.verify(one.subject))


def _is_past(instant: str) -> bool:
    try:
        return datetime.fromisoformat(instant) < datetime.now(UTC)
    except (ValueError, TypeError):
        # What is no instant the API refuses, in its own words.
        return False


async def draw(bench: Bench) -> None:
    """The page."""
    desk = AuditDesk(bench)
    desk.build()
    await desk.live.look()


DESK = Desk("audit", "policy", frozenset({"audit.read"}), draw)
