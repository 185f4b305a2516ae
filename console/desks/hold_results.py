"""One bulk hold: how far it has come, what each order answered, and its release (R25)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from urllib.parse import quote

from pydantic import BaseModel

from api.schemas.emergencies import HoldResult, HoldResults, HoldView
from console.bench import Bench
from console.desks.paging import Pages
from console.kit import Field, box, button, chip, empty, facts, link, moment, text
from console.live import Live

_ROWS = 50
_COLOURS = {"held": "amber", "released": "green", "refused": "red", "release_refused": "red"}
_COUNTS = ("asked", "held", "refused", "unanswered", "let_go", "release_refused")
_UNDER_WAY = frozenset({"holding", "releasing"})


def address(hold_id: str) -> str:
    """Where this hold is shown."""
    return f"/orders/holds/{hold_id}"


class Answers(BaseModel):
    """The hold, and a page of what its orders answered."""

    hold: HoldView
    results: HoldResults


@dataclass
class HoldPage:
    """The page of one bulk hold."""

    bench: Bench
    hold_id: str

    def build(self) -> None:
        """Lay the page out; the reason lies still while the answers come in."""
        t = self.bench.t
        with box("bar"):
            link(f"← {t('desk.orders')}", "/orders", "btn")
            text(t("hold.title"), "h1")
        self.head = box("card stack")
        self.release_place = box("card stack")
        with self.release_place:
            self.reason = Field(t("reason"), maxlength="60")
            with box("bar"):
                button(t("hold.release"), self.release, "primary")
        self.place = box("stack", "section", aria_label=t("hold.answers"))
        self.pages = Pages(self.bench, self.again)
        self.live = Live(self.bench, self.load, self.show, told=("order", "hold"), wholly=True)

    async def again(self) -> None:
        """Read and draw, whatever was shown."""
        self.live.forget()
        await self.live.look()

    async def load(self) -> Answers:
        """Counters and answers."""
        get, path = self.bench.api.get, f"/v1/holds/{quote(self.hold_id, safe='')}"
        hold, results = await asyncio.gather(
            get(path, HoldView),
            get(f"{path}/orders", HoldResults, {"limit": _ROWS, "cursor": self.pages.cursor}),
        )
        return Answers(hold=hold, results=results)

    def show(self, answers: Answers) -> None:
        """Draw how it stands."""
        hold = answers.hold
        self.release_place.set_visibility(self.bench.may("hold.bulk") and hold.state == "standing")
        self.head.clear()
        with self.head:
            self.draw_head(hold)
        self.place.clear()
        with self.place:
            text(self.bench.t("hold.answers"), "h2")
            if not answers.results.items:
                empty(self.bench.t("hold.no_answer"), self.bench.t("hold.no_answer_hint"))
            with box("rows"):
                for one in answers.results.items:
                    self.draw_answer(one)
            self.pages.draw(answers.results.next_cursor)

    def draw_head(self, hold: HoldView) -> None:
        """Why, by whom, how far."""
        t = self.bench.t
        with box("bar"):
            text(hold.reason, classes="strong wrap")
            chip(t.code("hold.state", hold.state), "amber" if hold.state != "released" else "green")
        if hold.state in _UNDER_WAY:
            done = hold.held + hold.refused if hold.state == "holding" else hold.let_go + hold.release_refused
            box("", "progress", value=str(done), max=str(max(hold.asked, 1)), aria_label=t("hold.progress"))
        by = f"{self.bench.who(hold.opened_by)} · {moment(hold.opened_at, self.bench.zone)}"
        counts = {t(f"hold.{name}"): str(getattr(hold, name)) for name in _COUNTS if getattr(hold, name)}
        facts({t("hold.opened"): by, **counts})

    def draw_answer(self, one: HoldResult) -> None:
        """One order, and a refusal in its own words."""
        with box("row-item", "a", href=f"/orders/{one.order_no}"):
            with box("spread"):
                text(one.order_no, classes="strong mono wrap")
                chip(self.bench.t.code("hold.result", one.state), _COLOURS.get(one.state, "blue"))
            if one.detail:
                text(one.detail, classes="small soft wrap")

    async def release(self) -> None:
        """Release them together; the answers show which of them would not."""
        t = self.bench.t
        if not self.reason.value.strip():
            self.bench.tell(t("needed", what=t("reason")), "no")
            return
        path, body = f"/v1/holds/{quote(self.hold_id, safe='')}/release", {"reason": self.reason.value.strip()}
        if await self.bench.attempt(self.bench.api.post(path, body)) is not None:
            self.bench.tell(t("hold.releasing"))
            await self.again()


async def draw(bench: Bench, hold_id: str) -> None:
    """The page."""
    page = HoldPage(bench, hold_id)
    page.build()
    await page.live.look()
