"""Tables and numbers of the boards: a bar is drawn beside its number, so that one table serves eye and ear (R33)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from console.kit import box, chip, link, text
from console.words import Words

PERIODS = ("24", "168", "720", "2160")
"""Periods that can be chosen, in hours; the API answers up to 92 days."""
_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60))


@dataclass(frozen=True)
class Meter:
    """A number in words over a bar that is ``part`` of 1 long, or none; ``told`` says what is remarkable about it."""

    words: str
    part: float | None
    told: str = ""


@dataclass(frozen=True)
class Way:
    """Words that lead to another page."""

    words: str
    to: str


Cell = str | Meter | Way


def percent(share: float | None) -> str:
    """A share as people read it; a dash for what has none."""
    return "–" if share is None else f"{share:.1%}"


def count(number: int) -> str:
    """A number of things, its thousands set apart."""
    return f"{number:,}"


def lasting(t: Words, seconds: float) -> str:
    """A time in its largest unit: ``1.5 h``."""
    for unit, size in _UNITS:
        if seconds >= size:
            return t(f"unit.{unit}", number=f"{seconds / size:.1f}".removesuffix(".0"))
    return t("unit.s", number=round(seconds))


def grid(
    name: str, heads: Sequence[str], rows: Sequence[Sequence[Cell]], *, words: Collection[int] = (), look: str = ""
) -> None:
    """A table; the first column names its row, the others are numbers but for the columns of ``words``."""
    with box("grid-around"), box(f"grid {look}", "table", aria_label=name):
        sides = ["" if not at or at in words else "right num" for at in range(len(heads))]
        with box("", "thead"), box("", "tr"):
            for head, side, cell in zip(heads, sides, rows[0], strict=True):
                text(head, "th", "meter-cell" if isinstance(cell, Meter) else side, scope="col")
        with box("", "tbody"):
            for row in rows:
                with box("", "tr"):
                    for at, (head, side, cell) in enumerate(zip(heads, sides, row, strict=True)):
                        _draw(cell, head, side, first=not at)


def _draw(cell: Cell, head: str, side: str, *, first: bool) -> None:
    tag, scope = ("th", {"scope": "row"}) if first else ("td", {})
    if isinstance(cell, str):
        text(cell, tag, side, data_head=head, **scope)
    elif isinstance(cell, Way):
        with box(side, tag, data_head=head, **scope):
            link(cell.words, cell.to)
    else:
        _draw_meter(cell, head)


def _draw_meter(cell: Meter, head: str) -> None:
    with box("meter-cell", "td", data_head=head):
        with box("bar"):
            text(cell.words, classes="num")
            if cell.told:
                chip(cell.told, "amber")
        if cell.part is not None:
            with box("meter told" if cell.told else "meter", aria_hidden="true"):
                box("").style(f"width: {cell.part:.1%}")
