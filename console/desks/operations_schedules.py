"""What the house does by the clock: every schedule, its next run and its last ones, and running it now (R22)."""

from __future__ import annotations

from api.schemas.stuck import ScheduleRun, Schedules, ScheduleView
from console.bench import Bench
from console.desks.deciding import Act, ActingPage
from console.desks.operations_frame import draw_pages
from console.desks.order_parts import draw_temporal
from console.kit import box, chip, countdown, moment, text
from console.words import CATALOGUE, Words

_COLOURS = {"completed": "green", "running": "blue"}


class SchedulePage(ActingPage[Schedules]):
    """The page as one person has it before them."""

    def build(self) -> None:
        """Lay the page out; what is on it comes with the first reading."""
        draw_pages(self.bench, "schedules")
        self.place = box("stack", "section", aria_label=self.bench.t("ops.schedules"))
        self.keep_true(("schedules",), wholly=True)

    async def load(self) -> Schedules:
        """All of them."""
        return await self.bench.api.get("/v1/schedules", Schedules)

    def draw(self, read: Schedules) -> None:
        """A card for each."""
        self.place.clear()
        with self.place:
            for one in read.items:
                with box("card stack tight"):
                    self.draw_one(one)

    def draw_one(self, one: ScheduleView) -> None:
        """What it does, how often, when next, how it went."""
        t = self.bench.t
        with box("spread"):
            with box("bar"):
                text(one.id, classes="strong mono wrap")
                text(how_often(t, one.every), classes="soft small")
            self.draw_next(one)
        text(self.does(one), "p", "wrap")
        for run in one.runs:
            self.draw_run(run)
        if not one.runs and not one.missing:
            text(t("schedule.no_run"), "p", "soft small")
        if self.bench.may("schedule.run") and not one.missing:
            told = t("schedule.started", name=one.id)
            self.deciding.draw(Act(one.id, t("schedule.run"), f"/v1/schedules/{one.id}/run", told))

    def does(self, one: ScheduleView) -> str:
        """What it is for, in this person's language; one that we have no words for in the API's own."""
        key = f"schedule.does.{one.id}"
        return self.bench.t(key) if key in CATALOGUE else one.summary

    def draw_next(self, one: ScheduleView) -> None:
        """When it runs again, or why it does not."""
        t = self.bench.t
        if one.missing:
            chip(t("schedule.missing"), "red")
        elif one.paused:
            chip(t("schedule.paused"), "amber")
        elif one.next_run_at is not None:
            newest = one.runs[0].started_at if one.runs else one.next_run_at
            with box("bar small"):
                text(t("schedule.next"), classes="soft")
                countdown(one.next_run_at, newest, f"{t('schedule.next')} {one.id}")

    def draw_run(self, run: ScheduleRun) -> None:
        """One run: when, how it ended, its history."""
        t, state = self.bench.t, run.status or "forgotten"
        with box("bar small"):
            text(moment(run.started_at, self.bench.zone), classes="num soft")
            chip(t.code("schedule.status", state), _COLOURS.get(state, "" if run.status is None else "red"))
            draw_temporal(self.bench, run.temporal_ui)


def how_often(t: Words, every: str) -> str:
    """An interval, or a daily or monthly cron in the shop's zone, in words; any other cron as it is."""
    parts = every.split()
    if len(parts) == 1:
        hours, minutes, _ = every.split(":")
        return t("schedule.hours", number=hours) if minutes == "00" else t("schedule.minutes", number=int(minutes))
    minute, hour, day, *rest = parts
    if rest != ["*", "*"] or not (minute.isdigit() and hour.isdigit()):
        return every
    time = f"{int(hour):02d}:{int(minute):02d}"
    return t("schedule.daily", time=time) if day == "*" else t("schedule.monthly", day=day, time=time)


async def draw(bench: Bench) -> None:
    """The page."""
    page = SchedulePage(bench)
    page.build()
    await page.live.look()
