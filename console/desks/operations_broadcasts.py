"""Broadcasts: written, looked at before they go, sent, and ended (R25)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from api.schemas.emergencies import BroadcastPage, BroadcastView
from console.bench import Bench
from console.desks.deciding import Act, Deciding
from console.desks.paging import Pages
from console.desks.unfolding import Unfolding
from console.kit import Choice, Field, Tick, box, button, chip, empty, moment, text
from console.noticeboard import KINDS, draw_banner

_DEPARTMENTS = (
    "customer_service", "reviewer", "warehouse", "logistics", "finance", "sales", "operations", "administrator",
)  # fmt: skip
_COLOURS = {"emergency": "red", "warning": "amber", "notice": "blue"}


class Broadcasts:
    """The form, and what was sent."""

    def __init__(self, bench: Bench, deciding: Deciding) -> None:
        self.bench, self.deciding = bench, deciding
        self.pages = Pages(bench, deciding.elsewhere, bench.t("broadcast.title"))
        with box("card stack", "section", aria_label=bench.t("broadcast.title")):
            text(bench.t("broadcast.title"), "h2")
            self.form = Unfolding(bench, bench.t("broadcast.new"), self.draw_form)
            self.form.place.set_visibility(bench.may("broadcast.send"))
            self.sent = box("stack")

    # --- writing --------------------------------------------------------------------

    def draw_form(self) -> None:
        """What is said, how urgent it is, and to whom."""
        t = self.bench.t
        self.severity = Choice(t("broadcast.severity"), {one: t(f"severity.{one}") for one in reversed(KINDS)})
        self.words = Field(t("broadcast.text"), tag="textarea", maxlength="1000", placeholder=t("broadcast.text_hint"))
        with box("field", "section", aria_label=t("broadcast.departments")):
            text(t("broadcast.departments_hint"), "p", "soft small")
            with box("checks"):
                self.departments = {one: Tick(t.code("role", one)) for one in _DEPARTMENTS}
        with box("bar"):
            button(t("broadcast.preview"), self.preview)
            self.form.never_mind()
        self.looked_at = box("stack")

    async def preview(self) -> None:
        """As it will look, before it goes: it leaves the house and cannot be taken back."""
        t, words = self.bench.t, self.words.value.strip()
        if not words:
            self.bench.tell(t("needed", what=t("broadcast.text")), "no")
            return
        told = [one for one, tick in self.departments.items() if tick.value]
        body = {"severity": self.severity.value, "text": words, "departments": told}
        # One key for what was looked at: sent twice, it is one broadcast.
        key = str(uuid4())
        self.looked_at.clear()
        with self.looked_at:
            draw_banner(self.bench, self.severity.value, words, self.bench.staff.id)
            text(t("broadcast.goes_to", whom=self.whom(told)), "p", "small")
            with box("bar"):
                button(t("broadcast.send"), lambda: self.send(body, key), "danger")

    async def send(self, body: dict[str, Any], key: str) -> None:
        """Tell them."""
        t = self.bench.t
        answer = await self.bench.attempt(self.bench.api.post("/v1/broadcasts", body, key=key))
        if answer is None:
            return
        self.form.fold()
        soon = "broadcast_id" not in answer
        self.bench.tell(t("broadcast.soon") if soon else t("broadcast.sent"), "warn" if soon else "ok")
        await self.deciding.again()

    # --- what was sent --------------------------------------------------------------

    def draw(self, page: BroadcastPage) -> None:
        """Those that stand, and those before them."""
        self.sent.clear()
        with self.sent:
            if not page.items:
                empty(self.bench.t("broadcast.none"), self.bench.t("broadcast.none_hint"))
            for one in page.items:
                self.draw_one(one)
            self.pages.draw(page.next_cursor)

    def draw_one(self, one: BroadcastView) -> None:
        """One broadcast: what, to whom, whether the group chat has it, whether it stands."""
        t = self.bench.t
        with box("stack tight parted"):
            with box("bar"):
                chip(t(f"severity.{one.severity}"), _COLOURS[one.severity])
                text(t("broadcast.stands") if one.stands else t("broadcast.over"), classes="small soft")
            text(one.text, "p", "wrap" if one.stands else "wrap soft")
            by = f"{self.bench.who(one.sent_by)} · {moment(one.sent_at, self.bench.zone)}"
            text(f"{by} → {self.whom(one.departments)}", "p", "small soft wrap")
            text(self.in_the_chat(one), "p", "small soft wrap")
            if one.stands:
                until = moment(one.stands_until, self.bench.zone)
                text(t("broadcast.until", at=until), "p", "small soft")
                if self.bench.may("broadcast.send"):
                    self.deciding.draw(self.ending(one))

    def ending(self, one: BroadcastView) -> Act:
        """Taking it from the desks."""
        t, path = self.bench.t, f"/v1/broadcasts/{one.broadcast_id}/end"
        return Act(one.broadcast_id, t("broadcast.end"), path, t("broadcast.ended"))

    def in_the_chat(self, one: BroadcastView) -> str:
        """What became of it in the company's group chat."""
        t = self.bench.t
        if one.refused:
            return t("broadcast.chat_refused", code=one.refused)
        return t("broadcast.chat_has") if one.posted_at else t("broadcast.chat_waits")

    def whom(self, departments: list[str]) -> str:
        """The departments in words."""
        t = self.bench.t
        return ", ".join(t.code("role", one) for one in departments) or t("broadcast.everybody")
