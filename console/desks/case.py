"""One case: its clocks, its record, and what can be done with it now (R13 to R17, R24, R26)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from api.schemas.cases import CaseTimeline, CaseView, StageView
from api.schemas.orders import OrderView
from console import saying
from console.bench import Bench
from console.desks import timing
from console.desks.case_more import MoreActs
from console.desks.case_return import ReturnWork, draw_goods
from console.desks.case_settling import Settling
from console.desks.order_parts import draw_temporal, draw_timeline
from console.desks.time_machine import TimeMachine
from console.kit import Field, box, button, chip, facts, link, status, text
from console.live import Live

_CARRIED_OUT = "order"
"""What a settled case waits for while its order has still to do what was agreed; nobody closes it meanwhile (R14)."""


class CaseStory(BaseModel):
    """All that the page shows."""

    case: CaseView
    acts: CaseTimeline
    ahead_min: int | None = None


@dataclass
class CasePage:
    """The page of one case."""

    bench: Bench
    case_no: str
    case: CaseView | None = None
    order: OrderView | None = None
    _shown: tuple[Any, ...] = field(default=(), init=False)

    def build(self) -> None:
        """Lay the page out."""
        self.head = box("card")
        with box("side"):
            with box("stack"):
                self.goods = box("card")
                with box("card"):
                    text(self.bench.t("order.timeline"), "h2")
                    self.timeline = box()
            with box("stack"):
                self.time = TimeMachine(self.bench, f"case:{self.case_no}")
                with box("card", "section", aria_label=self.bench.t("order.acts")):
                    text(self.bench.t("order.acts"), "h2")
                    self.draw_words()
                    self.work = box("stack")
        self.live = Live(self.bench, self.load, self.show, told=("order", "case"))

    async def load(self) -> CaseStory:
        """The case and its record."""
        path = f"/v1/cases/{self.case_no}"
        case, acts, ahead_min = await asyncio.gather(
            self.bench.api.get(path, CaseView),
            self.bench.api.get(f"{path}/timeline", CaseTimeline),
            self.time.read(),
        )
        if self.order is None and case.order_no and self.bench.may("order.read"):
            # Its lines and currency; they do not change while the case is worked on.
            self.order = await self.bench.or_none(self.bench.api.get(f"/v1/orders/{case.order_no}", OrderView))
        return CaseStory(case=case, acts=acts, ahead_min=ahead_min)

    def show(self, story: CaseStory) -> None:
        """Draw what changed; a half-filled form stays while the case stands where it stood."""
        case = self.case = story.case
        self.said.set_visibility(case.state.code != "closed" and self.bench.may("case.work"))
        self.head.clear()
        with self.head:
            self.draw_head(case)
        self.timeline.clear()
        with self.timeline:
            draw_timeline(self.bench, saying.opened(self.bench, case, story.acts.items))
        self.time.show(None if case.closed_at else story.ahead_min, case.deadlines)
        self.goods.clear()
        self.goods.set_visibility(case.goods is not None)
        with self.goods:
            if case.goods is not None:
                draw_goods(self.bench, case.goods, self.order)
        standing = (case.state.code, case.assignee, case.severity, case.waits_for, case.stages)
        if standing != self._shown:
            self._shown = standing
            self.work.clear()
            with self.work:
                self.draw_work(case)

    def draw_head(self, case: CaseView) -> None:
        """Which case, where it stands, its clocks."""
        t = self.bench.t
        with box("bar"):
            text(t.pick(t.code("case.kind", case.kind), case.kind_zh), "h1")
            text(case.case_no, classes="mono soft wrap")
            status(case.state, "green" if case.closed_at else "amber")
            if case.severity == "major":
                chip(t("case.severity.major"), "red")
            for clock in case.deadlines:
                with box("bar small"):
                    text(clock.deadline, classes="soft", title=clock.promise)
                    timing.clock(t, clock, clock.promise, f"case:{case.case_no}")
        waits = t.pick(case.waits_for.en, case.waits_for.zh) if case.waits_for and not case.closed_at else ""
        facts(
            {
                t("case.waits"): waits,
                t("case.assignee"): self.bench.who(case.assignee),
                t("case.department"): t.code("role", case.department),
                t("case.parcel"): case.subject,
                t("case.reason"): saying.of_case(self.bench, case),
                t("case.settlement"): t.code("settlement", case.settlement) if case.settlement else "",
                t("case.evidence"): ", ".join(f"{one.what}: {one.reference}" for one in case.evidence),
                t("case.remedy"): " · ".join(f"{t.code('case.remedy', of)} {what}" for of, what in case.remedy.items()),
                t("case.escalated"): t.code("role", case.escalated_to) if case.escalated_to else "",
            }
        )
        with box("bar"):
            if case.order_no and self.bench.may("order.read"):
                link(f"{t('case.order')} {case.order_no}", f"/orders/{case.order_no}")
            if case.related:
                link(f"{t('case.related')} {case.related}", f"/cases/{case.related}")
            draw_temporal(self.bench, case.temporal_ui)

    # --- acts ---------------------------------------------------------------------

    def draw_words(self) -> None:
        """What goes with every act; half-written words stay when the case moves."""
        t = self.bench.t
        self.said = box("stack")
        with self.said:
            self.words = Field(t("case.words"), tag="textarea", placeholder=t("note_hint"))
            self.reason = Field(t("reason"), maxlength="60")

    def draw_work(self, case: CaseView) -> None:
        """What can be done now; the case refuses what it does not allow, and says why."""
        t = self.bench.t
        if case.state.code == "closed" or not self.bench.may("case.work"):
            text(t("none"), "p", "soft")
            return
        with box("bar"):
            if case.assignee is None:
                button(t("case.claim"), lambda: self.act("claim", {}), "primary")
            elif case.assignee == self.bench.staff.id or self.bench.may("case.take_over"):
                button(t("case.release"), lambda: self.act("release", {}))
        self.draw_steps(case)
        ReturnWork(self.bench, case, self.order, self.act).draw()
        if self.bench.may("case.settle"):
            with box("stack parted"):
                self.draw_ending(case)
        with box("stack parted"):
            MoreActs(self.bench, self.act).draw(involves=case.kind != "cross_department")

    def draw_steps(self, case: CaseView) -> None:
        """The stage that is next, those that nobody requires, and raising a complaint."""
        t, waits = self.bench.t, case.waits_for
        with box("bar"):
            for stage in case.stages:
                kind = "primary" if waits is not None and stage.name == waits.name else ""
                self.draw_stage(stage, kind)
            if case.kind == "complaint" and case.severity != "major":
                button(t("case.raise"), lambda: self.act("raise", {}), "danger")

    def draw_stage(self, stage: StageView, kind: str) -> None:
        """Saying that it is reached."""
        words = f"{self.bench.t('case.stage')}: {self.bench.t.pick(stage.en, stage.zh)}"
        button(words, lambda: self.act("stage", {"stage": stage.name}), kind)

    def draw_ending(self, case: CaseView) -> None:
        """Settling, or closing what is settled."""
        if case.state.code != "settled":
            Settling(self.bench, case, self.order, self.act).draw()
            return
        t = self.bench.t
        if case.waits_for is not None and case.waits_for.name == _CARRIED_OUT:
            text(t("case.closes_itself"), "p", "soft")
            return
        reviewed = case.kind == "mistake"
        cause = Field(t("case.cause"), tag="textarea") if reviewed else None
        prevention = Field(t("case.prevention"), tag="textarea") if reviewed else None
        with box("bar"):
            button(t("case.close"), lambda: self.close(cause, prevention), "primary")

    async def close(self, cause: Field | None, prevention: Field | None) -> None:
        """The end of it; a mistake needs cause and prevention in writing (R24)."""
        texts = {"cause": cause, "prevention": prevention}
        await self.act("close", {name: one.value for name, one in texts.items() if one is not None and one.value})

    async def act(self, door: str, body: Mapping[str, Any]) -> None:
        """Send it with the words and the reason; the case answers."""
        words, reason = self.words.value.strip(), self.reason.value.strip()
        whole = {**body, "reason": reason} | ({"note": words} if words else {})
        answer = await self.bench.attempt(self.bench.api.post(f"/v1/cases/{self.case_no}/{door}", whole))
        if answer is not None:
            self.words.clear()
            self.reason.clear()
            self.bench.tell(self.bench.t("done"))
            await self.live.look()


async def draw(bench: Bench, case_no: str) -> None:
    """The page."""
    page = CasePage(bench, case_no)
    page.build()
    await page.live.look()
