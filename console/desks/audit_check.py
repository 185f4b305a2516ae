"""Is the record whole? Asked by a button, answered plainly: whole, or which row of which chain is wrong (R23)."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime

from api.schemas.audit import FindingView, Verification
from console.bench import Bench
from console.errors import Away
from console.kit import Field, box, button, chip, facts, moment, text


@dataclass
class Check:
    """The card. ``show`` leads to a chain; ``told`` draws the list anew, whose wrong rows are known now."""

    bench: Bench
    show: Callable[[str], Awaitable[None]]
    told: Callable[[], None]
    wrong: dict[int, str] = field(default_factory=dict)
    running: bool = False

    def build(self) -> None:
        """Lay the card out."""
        t = self.bench.t
        with box("card stack", "section", aria_label=t("check.title")):
            text(t("check.title"), "h2")
            text(t("check.hint"), "p", "soft small")
            with box("bar end"):
                with box("grow"):
                    self.subject = Field(t("check.subject"), autocomplete="off", placeholder="order:site-1001")
                button(t("check.go"), lambda: self.verify(self.subject.value.strip()), "primary")
            self.place = box("stack", aria_live="polite")

    async def verify(self, subject: str) -> None:
        """Ask, once at a time; the record is read and nothing else."""
        if self.running:
            return
        self.running = True
        try:
            self.draw_running()
            report = await self.bench.attempt(self.ask(subject))
        finally:
            self.running = False
        self.place.clear()
        if report is not None:
            self.wrong = {one.entry_id: one.fault for one in report.findings if one.entry_id is not None}
            with self.place:
                self.draw_report(report, subject)
            self.told()

    async def ask(self, subject: str) -> Verification | None:
        """The API's verification, with how far it is; None when it did not come to its end, which is said."""
        told = self.bench.api.told("/v1/audit/verification/events", {"subject": subject or None})
        try:
            async with aclosing(told):
                async for kind, data in told:
                    if kind == "report":
                        return Verification.model_validate_json(data)
                    if self.place.is_deleted:
                        return None
                    self.draw_progress(**json.loads(data))
        except Away:
            pass
        self.bench.tell(self.bench.t("check.away"), "warn")
        return None

    def draw_running(self) -> None:
        """It may take longer than a moment, and that is to be seen."""
        words = self.bench.t("check.running")
        self.place.clear()
        with self.place:
            self.said = text(words, "p", "small num")
            self.bar = box("", "progress", aria_label=words)

    def draw_progress(self, entries: int, of: int) -> None:
        """How far it is."""
        self.said.set_text(self.bench.t("check.progress", entries=f"{entries:,}", of=f"{of:,}"))
        self.bar.props["value"], self.bar.props["max"] = str(entries), str(max(of, 1))
        self.bar.update()

    def draw_report(self, report: Verification, subject: str) -> None:
        """The answer first, what was looked at after it."""
        t = self.bench.t
        with box("bar"):
            if report.whole:
                chip(f"✓ {t('check.whole')}", "green")
            else:
                chip(f"✗ {t('check.broken', number=len(report.findings))}", "red")
            if subject:
                text(subject, classes="mono wrap")
        for one in report.findings:
            self.draw_finding(one)
        newest = moment(report.anchored_at, self.bench.zone)
        anchored = t("check.anchored", number=report.anchors, at=newest) if report.anchors else t("check.no_anchor")
        facts(
            {
                t("check.at"): moment(datetime.now(UTC), self.bench.zone),
                t("check.chains"): f"{report.chains:,}",
                t("check.entries"): f"{report.entries:,}",
                t("check.anchors"): anchored,
                t("check.unanchored"): f"{report.unanchored:,}",
            }
        )

    def draw_finding(self, one: FindingView) -> None:
        """One broken place, with the way to it."""
        t = self.bench.t
        with box("parted stack tight"):
            with box("bar"):
                text(one.subject, classes="strong mono wrap")
                if one.number:
                    text(t("check.entry", number=one.number), classes="num")
                chip(t.code("fault", one.fault), "red")
            text(one.detail, "p", "small soft wrap")
            if one.entry_id is not None:
                with box("bar"):
                    button(t("check.show"), lambda: self.show(one.subject))
