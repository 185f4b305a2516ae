"""The archive of daily digests, the newest first; each day leads to its board (R25, T17)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from api.schemas.emergencies import DigestPage, DigestView
from console.bench import Bench
from console.desks import address
from console.desks.grid import Cell, Way, count, grid, percent
from console.desks.paging import Pages
from console.kit import box, empty, link, moment, text
from console.live import Live
from console.words import CATALOGUE, Words

_ROWS = 31


@dataclass
class Archive:
    """The page as one person has it before them."""

    bench: Bench

    def build(self) -> None:
        """Lay it out."""
        t = self.bench.t
        with box("bar"):
            link(f"← {t('desk.board')}", "/board", "btn")
            text(t("digests.title"), "h1")
        self.place = box("stack", "section", aria_label=t("digests.title"))
        self.live = Live(self.bench, self.load, self.show, told=("digest",))
        self.pages = Pages(self.bench, self.live.look)

    async def load(self) -> DigestPage:
        """One page."""
        return await self.bench.api.get("/v1/digests", DigestPage, {"limit": _ROWS, "cursor": self.pages.cursor})

    def show(self, page: DigestPage) -> None:
        """A line for each day."""
        t = self.bench.t
        self.place.clear()
        with self.place:
            if page.items:
                heads = [t("digests.day"), t("board.orders"), t("digests.channels"), t("digests.abnormal"),
                         t("board.after_sale"), t("board.breaches"), t("digests.posted")]  # fmt: skip
                with box("card"):
                    grid(t("digests.title"), heads, [self.cells(one) for one in page.items], words={2, 3, 4, 5, 6},
                         look="folds")  # fmt: skip
            else:
                empty(t("digests.none"), t("digests.none_hint"))
            self.pages.draw(page.next_cursor)

    def cells(self, one: DigestView) -> list[Cell]:
        """A day's line in words."""
        t = self.bench.t
        return [
            Way(str(one.day), self.board_of(one)),
            count(one.orders),
            _named({t.code("channel", name): number for name, number in one.by_channel.items()}),
            _named({_wrong(t, name): number for name, number in one.abnormal.items()}),
            t("digests.rate", share=percent(one.after_sale_rate), cases=one.after_sale, signed=one.signed),
            _named(one.breaches),
            self.posted(one),
        ]

    def posted(self, one: DigestView) -> str:
        """When the group had it, or why it has it not."""
        if one.refused:
            return self.bench.t("digests.refused", code=one.refused)
        return moment(one.posted_at, self.bench.zone) or self.bench.t("digests.not_posted")

    def board_of(self, one: DigestView) -> str:
        """The board of that day of the shop's calendar."""
        begin, end = (
            datetime.combine(one.day + timedelta(days=days), time(), self.bench.zone).isoformat() for days in (0, 1)
        )
        return address.with_query("/board", {"period": "own", "since": begin, "until": end})


def _named(numbers: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in numbers.items()) or "–"


def _wrong(t: Words, name: str) -> str:
    """What went wrong: the kind of a case, or the status in which the review ended an order."""
    return t.code("case.kind" if f"case.kind.{name}" in CATALOGUE else "list.status", name)


async def draw(bench: Bench) -> None:
    """The page."""
    archive = Archive(bench)
    archive.build()
    await archive.live.look()
