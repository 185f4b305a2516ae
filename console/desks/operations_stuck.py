"""Stuck work on one page: what does not go on by itself, and having it tried again with a reason (R22)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar
from urllib.parse import quote

from api.schemas.stuck import (
    FailingWorkflow,
    ParkedMessage,
    RefusedOrder,
    RetryingActivity,
    StuckWork,
    UntoldNotice,
    WaitingMessage,
)
from console.bench import Bench
from console.desks.deciding import Act, ActingPage
from console.desks.operations_frame import draw_pages
from console.desks.order_parts import draw_temporal
from console.kit import box, chip, countdown, empty, link, moment, status, text

Row = TypeVar("Row")


class StuckPage(ActingPage[StuckWork]):
    """The page as one person has it before them."""

    def build(self) -> None:
        """Lay the page out; what is on it comes with the first reading."""
        draw_pages(self.bench, "stuck")
        self.place = box("stack")
        self.keep_true(("stuck",), wholly=True)

    async def load(self) -> StuckWork:
        """All of it, the oldest first."""
        return await self.bench.api.get("/v1/stuck", StuckWork)

    def draw(self, read: StuckWork) -> None:
        """Only the kinds of which there is something, or of which nothing is known."""
        t = self.bench.t
        self.place.clear()
        with self.place:
            if not any((read.workflows, read.activities, read.refused, read.messages, read.parked, read.notices)):
                empty(t("stuck.nothing"), t("stuck.nothing_hint"))
            if read.workflows is None or read.activities is None:
                text(t("stuck.unknown"), "p", "notice warn")
            self.draw_kind("refused", read.refused, self.draw_refused)
            self.draw_kind("workflows", read.workflows or [], self.draw_workflow)
            self.draw_kind("activities", read.activities or [], self.draw_activity)
            self.draw_kind("messages", read.messages, self.draw_message)
            self.draw_kind("parked", read.parked, self.draw_parked)
            self.draw_kind("notices", read.notices, self.draw_notice)

    def draw_kind(self, kind: str, rows: Sequence[Row], drawing: Callable[[Row], None]) -> None:
        """One of the six lists, with what it means."""
        if not rows:
            return
        t = self.bench.t
        with box("card stack", "section", aria_label=t(f"stuck.{kind}")):
            with box("bar"):
                text(t(f"stuck.{kind}"), "h2")
                text(str(len(rows)), classes="soft num")
            text(t(f"stuck.{kind}.hint"), "p", "soft small")
            for row in rows:
                with box("stack tight parted"):
                    drawing(row)

    # --- one row of each kind -------------------------------------------------------

    def draw_refused(self, one: RefusedOrder) -> None:
        """An order that an outside party refused something."""
        with box("spread"):
            self.draw_order(one.order_no)
            status(one.status)
        text(one.why, "p", "wrap")
        self.draw_since(one.since)
        draw_temporal(self.bench, one.temporal_ui)
        path = f"/v1/orders/{quote(one.order_no, safe='')}/retry-outside"
        self.draw_again(f"refused {one.order_no}", path, needs="outside.retry")

    def draw_workflow(self, one: FailingWorkflow) -> None:
        """A workflow whose tasks fail: nothing to press, it goes on once the code is mended."""
        self.draw_name(one.workflow_id, one.temporal_ui)
        text(f"{one.workflow_type}: {one.problem}", "p", "wrap")
        self.draw_since(one.started_at)

    def draw_activity(self, one: RetryingActivity) -> None:
        """An activity that Temporal tries again and again."""
        t = self.bench.t
        with box("spread"):
            text(f"{one.activity}: {one.error}", classes="strong wrap")
            chip(t("stuck.attempt", number=one.attempt), "amber")
        self.draw_name(one.workflow_id, one.temporal_ui)
        self.draw_since(one.since, one.next_attempt_at)
        path = f"/v1/stuck/activities/{quote(one.workflow_id, safe='')}/{one.activity}/retry"
        self.draw_again(f"{one.activity} {one.workflow_id}", path)

    def draw_message(self, one: WaitingMessage) -> None:
        """A message that did not reach its order."""
        t = self.bench.t
        with box("spread"):
            text(f"{one.source} {one.topic}: {one.error or t('stuck.no_error')}", classes="strong wrap")
            chip(t("stuck.attempt", number=one.attempts), "amber")
        if one.order_no:
            self.draw_order(one.order_no)
        text(one.message_id, "p", "mono small soft wrap")
        self.draw_since(one.since, one.next_attempt_at)
        self.draw_again(one.message_id, f"/v1/stuck/messages/{one.message_id}/retry")

    def draw_parked(self, one: ParkedMessage) -> None:
        """A message that is tried no more by itself, and until when a person can have it tried."""
        t = self.bench.t
        with box("spread"):
            text(f"{one.source} {one.topic}: {one.why}", classes="strong wrap")
            chip(t("stuck.attempt", number=one.attempts), "red")
        if one.order_no:
            text(one.order_no, classes="mono wrap")
        text(one.message_id, "p", "mono small soft wrap")
        text(t("stuck.kept_until", at=moment(one.kept_until, self.bench.zone)), "p", "small soft")
        self.draw_since(one.since)
        self.draw_again(one.message_id, f"/v1/stuck/messages/{one.message_id}/retry")

    def draw_notice(self, one: UntoldNotice) -> None:
        """An order whose channel does not know its status."""
        t = self.bench.t
        with box("spread"):
            text(f"{one.channel}: {one.error or t('stuck.no_error')}", classes="strong wrap")
            chip(t("stuck.attempt", number=one.attempts), "amber")
        self.draw_order(one.order_no)
        self.draw_since(one.since, one.next_attempt_at)
        self.draw_again(f"notices {one.order_no}", f"/v1/stuck/notices/{quote(one.order_no, safe='')}/retry")

    # --- pieces of a row ------------------------------------------------------------

    def draw_order(self, order_no: str) -> None:
        """The way to the order."""
        link(order_no, f"/orders/{quote(order_no, safe='')}", "mono wrap")

    def draw_name(self, workflow_id: str, page: str | None) -> None:
        """Which workflow, with the way to its history."""
        with box("bar"):
            text(workflow_id, classes="mono wrap")
            draw_temporal(self.bench, page)

    def draw_since(self, since: datetime, following: datetime | None = None) -> None:
        """Since when, and when it is tried by itself again."""
        t = self.bench.t
        with box("bar small soft"):
            text(t("stuck.since", at=moment(since, self.bench.zone)))
            if following is not None:
                text(t("stuck.next"))
                countdown(following, since, t("stuck.next"))

    def draw_again(self, what: str, path: str, needs: str = "stuck.retry") -> None:
        """Having it tried now, for those who may; every effect has its key, so that twice is once."""
        if self.bench.may(needs):
            self.deciding.draw(Act(what, self.bench.t("stuck.again"), path, self.bench.t("stuck.asked")))


async def draw(bench: Bench) -> None:
    """The page."""
    page = StuckPage(bench)
    page.build()
    await page.live.look()
