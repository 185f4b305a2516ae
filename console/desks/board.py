"""The board: orders, conversion, times with the bottleneck named, after-sale, promises kept (R33)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from api.schemas.board import BoardView
from console.bench import Bench
from console.desks import address, board_rows, digests
from console.desks.board_charts import Columns, Panel, Placed
from console.desks.desk import Desk
from console.desks.filters import Filters
from console.desks.grid import PERIODS
from console.kit import box, link, text
from console.live import Live

_PATH = "/board"
_OWN = "own"
_PERIODS = (*PERIODS, _OWN)
_FILTERS = ("period", "since", "until", "channel")


@dataclass
class Board:
    """The page as one person has it before them; ``channels`` are those that were ever seen on it."""

    bench: Bench
    asked: dict[str, str] = field(default_factory=dict)
    channels: set[str] = field(default_factory=set)

    def build(self) -> None:
        """Lay the page out; the numbers come with the first reading."""
        t = self.bench.t
        self.asked = address.read(_FILTERS)
        if self.asked.get("period") not in _PERIODS:
            self.asked.pop("period", None)
        with box("spread"):
            text(t("board.title"), "h1")
            if self.bench.may("digest.read"):
                link(t("digests.title"), "/board/digests")
        with box("filters", "section", aria_label=t("list.filters")):
            self.draw_filters()
        self.figures = box("figures", "section", aria_label=t("board.figures"))
        self.placed = Columns(self.bench, t("board.placed"))
        with box("two"):
            panels = {name: Panel(self.bench, t(f"board.{name}")) for name in ("way", "times", "carriers", "clocks")}
        self.way, self.times, self.carriers, self.clocks = panels.values()
        self.live = Live(self.bench, self.load, self.show, told=("order", "case"))

    # --- what is asked for ----------------------------------------------------------

    def draw_filters(self) -> None:
        """Period and channel; the two ends of a period of one's own only when that is chosen."""
        t = self.bench.t
        filters = Filters(self.asked, self.bench.zone, self.narrowed)
        filters.choice("period", t("board.period"), {one: t(f"board.period.{one}") for one in _PERIODS})
        with box("filters") as self.ends:
            filters.instant("since", t("board.since"))
            filters.instant("until", t("board.until"))
        self.ends.set_visibility(self.asked.get("period") == _OWN)
        self.channel_place = box("")
        self.draw_channels()

    def draw_channels(self) -> None:
        """The choice among them."""
        t = self.bench.t
        names = {"": t("all"), **{one: t.code("channel", one) for one in sorted(self.channels)}}
        self.channel_place.clear()
        with self.channel_place:
            Filters(self.asked, self.bench.zone, self.narrowed).choice("channel", t("board.channel"), names)

    async def narrowed(self) -> None:
        """Another period or channel: the address says so, too."""
        self.bench.hush()
        self.ends.set_visibility(self.asked.get("period") == _OWN)
        address.write(self.figures, _PATH, self.asked)
        await self.live.look()

    def window(self) -> dict[str, str]:
        """What the API is asked for: whole hours, so that a second more is no other period."""
        period = self.asked.get("period", PERIODS[0])
        hours = timedelta(hours=int(PERIODS[0] if period == _OWN else period))
        this_hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        ends = {"since": (this_hour - hours).isoformat(), "until": (this_hour + timedelta(hours=1)).isoformat()}
        typed = {name: self.asked[name] for name in ends if self.asked.get(name)} if period == _OWN else {}
        return {**ends, **typed}

    async def learn(self) -> None:
        """The channels of the whole period: one that the address names is not the only choice."""
        board = await self.bench.api.get("/v1/board", BoardView, self.window())
        self.channels = {one.channel for one in board.placed}
        self.draw_channels()

    async def load(self) -> BoardView:
        """Everything, of one moment."""
        return await self.bench.api.get("/v1/board", BoardView, {**self.window(), "channel": self.asked.get("channel")})

    # --- what is shown --------------------------------------------------------------

    def show(self, board: BoardView) -> None:
        """Draw the numbers where they stand."""
        seen = {one.channel for one in board.placed}
        if not seen <= self.channels:
            self.channels |= seen
            self.draw_channels()
        t = self.bench.t
        self.draw_figures(board_rows.figures(t, board))
        self.placed.show(Placed.of(self.bench, board))
        self.way.show(*board_rows.way(t, board))
        self.times.show(*board_rows.times(t, board))
        self.carriers.show(*board_rows.carriers(t, board.carriers))
        self.clocks.show(*board_rows.clocks(t, board))

    def draw_figures(self, figures: Mapping[str, tuple[str, str]]) -> None:
        """What is to be seen at a glance."""
        self.figures.clear()
        with self.figures:
            for name, (value, more) in figures.items():
                with box("card stack tight"):
                    text(self.bench.t(f"board.{name}"), "h2", "small soft")
                    text(value, "p", "figure num")
                    if more:
                        text(more, "p", "small soft num")


async def draw(bench: Bench) -> None:
    """The page."""
    board = Board(bench)
    board.build()
    if board.asked.get("channel"):
        await board.learn()
    await board.live.look()


DESK = Desk("board", "insights", frozenset({"board.read"}), draw, pages=(("/board/digests", digests.draw),))
