"""The month's review of rights: every account and token, what of its rights it uses, answered one by one (R22, T16)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from nicegui import ui
from pydantic import BaseModel

from api.schemas.rights import RightsReviewPage, RightsReviewReport, RightsReviewView
from console.bench import Bench
from console.desks.desk import Desk
from console.desks.rights_account import AccountCard, usernames
from console.desks.rights_parts import Reviewed
from console.desks.rights_token import TokenCard
from console.kit import Choice, box, chip, countdown, empty, facts, moment, text
from console.live import Live

_LONGEST_PAGE = 200
_KINDS = ("open", "unused")
_COLOURS = {"open": "amber", "late": "red", "closed": "green"}


class Read(BaseModel):
    """The months there are, and the review of the one that is shown."""

    months: RightsReviewPage
    report: RightsReviewReport | None


@dataclass
class RightsDesk:
    """The page of one month, the newest unless another is named; ``chosen`` is what is unfolded of it."""

    bench: Bench
    month: str = ""
    kind: str = ""
    chosen: str = ""
    names: dict[str, str] = field(default_factory=dict)
    read: Read | None = None

    def build(self) -> None:
        """Lay the page out; what is on it comes with the first reading."""
        t = self.bench.t
        text(t("rights.title"), "h1")
        self.head = box("stack", "section", aria_label=t("rights.month"))
        kinds = {"": t("all")} | {kind: t(f"rights.show.{kind}") for kind in _KINDS}
        with box("filters"):
            Choice(t("rights.show"), kinds, on_change=self.narrow)
        self.place = box("stack", "section", aria_label=t("rights.title"))
        self.live = Live(self.bench, self.load, self.show, told=("rights", "accounts"))

    async def narrow(self, kind: str) -> None:
        """Show these only."""
        self.kind = kind
        self.draw()

    async def load(self) -> Read:
        """The months, and this one's review."""
        get = self.bench.api.get
        months = await get("/v1/rights-reviews", RightsReviewPage, {"limit": _LONGEST_PAGE})
        month = self.month or (months.items[0].review_id if months.items else "")
        report = await get(f"/v1/rights-reviews/{quote(month, safe='')}", RightsReviewReport) if month else None
        return Read(months=months, report=report)

    def show(self, read: Read) -> None:
        """Draw it, but not under the hands of somebody who writes a reason."""
        self.read = read
        if not self.chosen:
            self.draw()

    def draw(self) -> None:
        """Draw what was read last."""
        if self.read is None:
            return
        self.head.clear()
        self.place.clear()
        if self.read.report is None:
            with self.place:
                empty(self.bench.t("rights.none"), self.bench.t("rights.none_hint"))
            return
        with self.head:
            self.draw_head(self.read.months.items, self.read.report)
        with self.place:
            self.draw_reviewed(self.read.report)

    def draw_head(self, months: list[RightsReviewView], report: RightsReviewReport) -> None:
        """Which month, how far it is, until when it has time."""
        t, state = self.bench.t, _state(report)
        with box("card stack"):
            with box("bar end"):
                known = {one.review_id: one.review_id for one in months} | {report.review_id: report.review_id}
                Choice(t("rights.month"), known, report.review_id, on_change=_go)
                chip(t(f"rights.state.{state}"), _COLOURS[state])
                if report.t16 == "running":
                    text("T16", classes="soft small")
                    countdown(report.due_at, report.opened_at, t("rights.due"), f"rights-review:{report.review_id}")
            self.draw_progress(report)
            zone = self.bench.zone
            facts(
                {
                    t("rights.opened"): moment(report.opened_at, zone),
                    t("rights.due"): moment(report.due_at, zone),
                    t("rights.closed"): moment(report.closed_at, zone),
                }
            )

    def draw_progress(self, report: RightsReviewReport) -> None:
        """How far it is: it is complete when every account and every token is decided."""
        t = self.bench.t
        progress = t("rights.progress", decided=report.decided, accounts=report.accounts)
        if report.tokens:
            progress += " · " + t("rights.progress_tokens", decided=report.tokens_decided, tokens=report.tokens)
        text(progress, "p", "num", aria_live="polite")
        done, everything = report.decided + report.tokens_decided, report.accounts + report.tokens
        box("", "progress", value=str(done), max=str(max(everything, 1)), aria_label=progress)

    def draw_reviewed(self, report: RightsReviewReport) -> None:
        """The accounts and machines' tokens asked for, those that nobody has reviewed first."""
        wanted = [one for one in report.items if _is_of(self.kind, one)]
        machines = [one for one in report.machines if _is_of(self.kind, one)]
        if not wanted and not machines:
            empty(self.bench.t("rights.none_so"), self.bench.t("rights.none_so_hint"))
        for one in wanted:
            AccountCard(self.bench, one, self.names.get(one.staff_id, ""), self.decide, self.choose).draw(
                unfolded=one.staff_id == self.chosen
            )
        if machines:
            text(self.bench.t("rights.machines"), "h2")
        for token in machines:
            TokenCard(self.bench, token, self.decide, self.choose).draw(unfolded=token.token_id == self.chosen)

    async def choose(self, what: str) -> None:
        """Unfold this account or token, or none."""
        self.chosen = what
        self.draw()

    async def decide(self, what: str, verdict: dict[str, Any]) -> None:
        """Answer for ``accounts/…`` or ``tokens/…`` under this person's name; after a refusal the form stays."""
        t = self.bench.t
        if not verdict["why"]:
            self.bench.tell(t("needed", what=t("reason")), "no")
            return
        month = self.read.report.review_id if self.read and self.read.report else self.month
        path = f"/v1/rights-reviews/{quote(month, safe='')}/{what}"
        if await self.bench.attempt(self.bench.api.post(path, verdict)) is not None:
            self.chosen = ""
            self.bench.tell(t("rights.done"))
            self.live.forget()
            await self.live.look()


def _state(report: RightsReviewReport) -> str:
    if report.closed_at is not None:
        return "closed"
    return "late" if report.t16 == "passed" else "open"


def _is_of(kind: str, one: Reviewed) -> bool:
    return {"": True, "open": one.decision is None, "unused": bool(one.unused)}[kind]


async def _go(month: str) -> None:
    ui.navigate.to(f"/rights/{month}")


async def draw(bench: Bench, month: str = "") -> None:
    """The page."""
    desk = RightsDesk(bench, month)
    desk.build()
    desk.names = await usernames(bench)
    await desk.live.look()


DESK = Desk("rights", "verified_user", frozenset({"rights.read"}), draw, pages=(("/rights/{month}", draw),))
