"""The figures as a table for people and as JSON for machines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bench.figures import AimFor, Figure

CAPTION = (
    "Medians of one run; times are this machine's and mean something only beside each other. "
    "Aims are for our number or, where marked, for the ratio."
)


def show(title: str, headings: tuple[str, str], figures: Sequence[Figure], console: Console) -> None:
    """Print one table; ``headings`` are of our number and of what it is measured beside."""
    table = Table(title=title, caption=CAPTION)
    table.add_column("measured", no_wrap=True)
    table.add_column("unit", no_wrap=True)
    for heading in (*headings, "ratio", "aim"):
        table.add_column(heading, justify="right", no_wrap=True)
    for figure in figures:
        numbers = (_number(figure.order), _number(figure.no_op), _number(figure.ratio, "{:.2f}"))
        table.add_row(figure.what, figure.unit, *numbers, _aim(figure))
    console.print(table)


def as_json(figures: Sequence[Figure], orders: int) -> str:
    """The same figures; ``met`` is null where a row has no aim."""
    return json.dumps({"orders": orders, "figures": [_row(figure) for figure in figures]}, indent=2)


def _row(figure: Figure) -> dict[str, Any]:
    return {
        "what": figure.what,
        "unit": figure.unit,
        "order": _rounded(figure.order),
        "no_op": _rounded(figure.no_op),
        "ratio": _rounded(figure.ratio),
        "aim": figure.aim,
        "aim_for": figure.aim_for if figure.aim is not None else None,
        "at_least": figure.at_least,
        "met": figure.met,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _number(value: float | None, form: str = "") -> str:
    if value is None:
        return ""
    return (form or ("{:,.0f}" if value >= 100 or value == int(value) else "{:.1f}")).format(value)


def _aim(figure: Figure) -> Text:
    if figure.aim is None:
        return Text("")
    mark, style = ("✓", "green") if figure.met else ("✗", "red")
    which = "ratio " if figure.aim_for is AimFor.RATIO else ""
    sign = "≥" if figure.at_least else "≤"
    return Text(f"{which}{sign} {figure.aim:,g} {mark}", style=style)
