"""Orders held together by warehouse or channel, with what a hold would reach, and their release (R25)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from nicegui import ui

from api.schemas.emergencies import HoldPage, HoldView
from api.schemas.orders import OrderCount
from console.bench import Bench
from console.desks import hold_results
from console.desks.deciding import Act, Deciding
from console.desks.paging import Pages
from console.desks.unfolding import Unfolding
from console.kit import Choice, Field, box, button, chip, empty, link, moment, text

_SCOPES = ("warehouse", "channel")
_COUNTS = ("held", "refused", "unanswered", "let_go")
_CLOCKS = ("", "run", "stop")


class Holds:
    """The form, and the emergencies."""

    def __init__(self, bench: Bench, deciding: Deciding) -> None:
        self.bench, self.deciding = bench, deciding
        self.pages = Pages(bench, deciding.elsewhere, bench.t("bulk.title"))
        with box("card stack", "section", aria_label=bench.t("bulk.title")):
            text(bench.t("bulk.title"), "h2")
            self.form = Unfolding(bench, bench.t("ops.hold_new"), self.draw_form)
            self.form.place.set_visibility(bench.may("hold.bulk"))
            self.place = box("stack")

    # --- holding --------------------------------------------------------------------

    def draw_form(self) -> None:
        """Which orders, what their clocks do, and why."""
        t = self.bench.t
        self.scope = Choice(t("ops.hold_by"), {one: t(f"ops.scope.{one}") for one in _SCOPES})
        self.name = Field(t("ops.hold_name"), maxlength="40", autocomplete="off", placeholder=t("ops.hold_name_hint"))
        self.clocks = Choice(t("ops.hold_clocks"), {one: t(f"ops.clocks.{one or 'usual'}") for one in _CLOCKS})
        self.reason = Field(t("reason"), maxlength="60")
        with box("bar"):
            button(t("broadcast.preview"), self.preview)
            self.form.never_mind()
        self.looked_at = box("stack")

    async def preview(self) -> None:
        """How many would be held, before any of them is."""
        t, name, reason = self.bench.t, self.name.value.strip(), self.reason.value.strip()
        for value, field in ((name, "ops.hold_name"), (reason, "reason")):
            if not value:
                self.bench.tell(t("needed", what=t(field)), "no")
                return
        asked = {self.scope.value: name}
        found = await self.bench.attempt(self.bench.api.get("/v1/holds/reach", OrderCount, asked))
        if found is None:
            return
        body, key = {**asked, "reason": reason, "clocks": self.clocks.value or None}, str(uuid4())
        self.looked_at.clear()
        with self.looked_at:
            where = f"{t(f'ops.scope.{self.scope.value}')} {name}"
            text(t("ops.hold_reach", number=found.text, where=where), "p", "strong")
            text(t("ops.hold_reach_hint"), "p", "soft small")
            with box("bar"):
                button(t("ops.hold_now", where=where), lambda: self.hold(body, key), "danger")

    async def hold(self, body: dict[str, Any], key: str) -> None:
        """Ask for it; its own page shows what each order says."""
        opened = await self.bench.attempt(self.bench.api.post("/v1/holds", body, key=key))
        if opened is None:
            return
        if "hold_id" not in opened:
            self.bench.tell(self.bench.t("bulk.soon"), "warn")
            return
        ui.navigate.to(hold_results.address(opened["hold_id"]))

    # --- what is held ---------------------------------------------------------------

    def draw(self, page: HoldPage) -> None:
        """The emergencies, the newest first."""
        self.place.clear()
        with self.place:
            if not page.items:
                empty(self.bench.t("ops.hold_none"), self.bench.t("ops.hold_none_hint"))
            for one in page.items:
                self.draw_one(one)
            self.pages.draw(page.next_cursor)

    def draw_one(self, one: HoldView) -> None:
        """Which orders, why, how far, and their release."""
        t = self.bench.t
        names = ", ".join(one.names) if one.scope in _SCOPES else t("ops.hold_listed", number=len(one.names))
        with box("stack tight parted"):
            with box("spread"):
                words = f"{t(f'ops.scope.{one.scope}')} {names} · {one.reason}"
                link(words, hold_results.address(one.hold_id), "strong wrap")
                chip(t.code("hold.state", one.state), "green" if one.state == "released" else "amber")
            by = f"{self.bench.who(one.opened_by)} · {moment(one.opened_at, self.bench.zone)}"
            counts = [f"{t(f'hold.{name}')} {getattr(one, name)}" for name in _COUNTS if getattr(one, name)]
            text(" · ".join([by, t(f"ops.clocks.{one.clocks}"), *counts]), "p", "small soft wrap")
            if one.state == "standing" and self.bench.may("hold.bulk"):
                self.deciding.draw(self.release(one))

    def release(self, one: HoldView) -> Act:
        """Letting them go on together."""
        t, path = self.bench.t, f"/v1/holds/{one.hold_id}/release"
        return Act(one.hold_id, t("hold.release"), path, t("hold.releasing"))
