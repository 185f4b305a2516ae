"""What the board draws: panels of tables with bars, and orders over time as columns, in light and dark (R33)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from nicegui import ui

from api.schemas.board import BoardView
from console.bench import Bench
from console.desks.grid import Cell, count, grid
from console.kit import box, empty, text

# Channels in their order, each of at least 4.5:1 on the panel behind it.
_PALETTES = {
    "light": ("#175199", "#b35c00", "#14603a", "#7b3fa0", "#a11d17", "#00707a"),
    "dark": ("#8abaff", "#ffcb6b", "#86dba6", "#d3a6f0", "#ffa79f", "#6fd6df"),
}
_INK = {"light": ("#17202c", "#cbd3dd"), "dark": ("#e7ebf1", "#394553")}
_HEIGHT_PX = 250
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
Rows = Sequence[Sequence[Cell]]


@dataclass
class Panel:
    """One table under its title. It is drawn again only when it differs; what is empty says so."""

    bench: Bench
    title: str
    nothing: str = "board.nothing"
    head: Callable[[], None] | None = None
    shown: tuple[str, Rows] | None = None

    def __post_init__(self) -> None:
        """Lay it out, with what ``head`` draws above; ``show`` fills it."""
        with box("card", "section", aria_label=self.title):
            text(self.title, "h2")
            if self.head is not None:
                self.head()
            self.place = box("stack")

    def show(self, heads: Sequence[str], rows: Rows, note: str = "") -> None:
        """Draw these rows, under a sentence if there is one to be said."""
        if self.shown == (note, rows):
            return
        self.shown = (note, rows)
        self.place.clear()
        with self.place:
            if note:
                text(note, "p", "small")
            if rows:
                grid(self.title, heads, rows)
            else:
                empty(self.bench.t(self.nothing), self.bench.t(f"{self.nothing}_hint"))


@dataclass(frozen=True)
class Placed:
    """Orders placed: the names of all hours or days of the period, and each channel's numbers at these."""

    times: list[str]
    numbers: dict[str, list[int]]

    @classmethod
    def of(cls, bench: Bench, board: BoardView) -> Placed:
        """As the board has them, hours and days without an order filled in."""
        times = _times(bench, board)
        places = {at: place for place, at in enumerate(times)}
        numbers = {one.channel: [0] * len(times) for one in sorted(board.placed, key=lambda one: one.channel)}
        for one in board.placed:
            numbers[one.channel][places[_named(bench, board, one.at)]] += one.orders
        return cls(times, {bench.t.code("channel", channel): found for channel, found in numbers.items()})

    def rows(self) -> list[list[Cell]]:
        """A row for each time at which there was an order."""
        lines = zip(self.times, *self.numbers.values(), strict=True)
        return [[at, *(count(number) for number in line)] for at, *line in lines if any(line)]

    def sums(self) -> str:
        """Each channel's orders in words."""
        return ", ".join(f"{channel} {sum(found)}" for channel, found in self.numbers.items())


def _times(bench: Bench, board: BoardView) -> list[str]:
    step = _HOUR if board.bucket == "hour" else _DAY
    count = -(-(board.until - board.since) // step)
    starts = [board.since + step * number for number in range(count)]
    ends = [*(one.at for one in board.placed), board.until - timedelta(microseconds=1)]
    return list(dict.fromkeys(_named(bench, board, at) for at in sorted([*starts, *ends])))


def _named(bench: Bench, board: BoardView, at: datetime) -> str:
    return at.astimezone(bench.zone).strftime("%m-%d %H:00" if board.bucket == "hour" else "%m-%d")


@dataclass
class Columns:
    """Orders over time as columns, and the same as a table that opens by hand or key."""

    bench: Bench
    title: str
    shown: Placed | None = field(default=None)

    def __post_init__(self) -> None:
        """Lay it out; ``show`` fills it."""
        t = self.bench.t
        with box("card", "section", aria_label=self.title):
            text(self.title, "h2")
            self.empty = box("")
            with self.empty:
                empty(t("board.nothing"), t("board.nothing_hint"))
            self.picture = ui.echart({}).props("role=img").style(f"width: 100%; height: {_HEIGHT_PX}px")
            with box("board-table", "details") as self.around:
                text(t("board.as_table"), "summary", aria_label=f"{t('board.as_table')}: {self.title}")
                self.table = box("")

    def show(self, placed: Placed) -> None:
        """Draw them, where they differ from what is drawn."""
        if self.shown == placed:
            return
        self.shown, rows = placed, placed.rows()
        for element, wanted in ((self.empty, not rows), (self.picture, bool(rows)), (self.around, bool(rows))):
            element.set_visibility(wanted)
        self.table.clear()
        if rows:
            with self.table:
                grid(self.title, [self.bench.t("board.at"), *placed.numbers], rows)
            self.picture.props["aria-label"] = f"{self.title}: {placed.sums()}. {self.bench.t('board.table_below')}"
            self.picture.options.clear()
            self.picture.options.update(_options(self.bench.preferences.theme, placed, self.bench.t("board.orders")))
            self.picture.update()


def _options(theme: str, placed: Placed, unit: str) -> dict[str, Any]:
    """What ECharts is told; patterns tell channels apart for those who see no colours."""
    ink, line = _INK[theme]
    axis = {
        "axisLabel": {
            "color": ink,
            "fontSize": 12,
            "hideOverlap": True,
            "alignMinLabel": "left",
            "alignMaxLabel": "right",
        },
        "nameTextStyle": {"color": ink, "align": "left"},
        "axisLine": {"lineStyle": {"color": line}},
        "splitLine": {"lineStyle": {"color": line}},
    }
    return {
        "animation": False,
        "backgroundColor": "transparent",
        "textStyle": {"color": ink},
        "color": list(_PALETTES[theme]),
        "aria": {"enabled": True, "label": {"enabled": False}, "decal": {"show": len(placed.numbers) > 1}},
        "legend": {"top": 0, "right": 0, "type": "scroll", "textStyle": {"color": ink}},
        "tooltip": {"trigger": "axis", "confine": True},
        "grid": {"left": 4, "right": 12, "top": 44, "bottom": 4, "containLabel": True},
        "xAxis": {"type": "category", "data": placed.times, **axis},
        "yAxis": {"type": "value", "name": unit, "minInterval": 1, **axis},
        "series": [
            {"name": name, "type": "bar", "stack": "orders", "data": found, "barMaxWidth": 28}
            for name, found in placed.numbers.items()
        ],
    }
