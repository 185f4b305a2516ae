"""What one sees of the demo: a live table of the orders, and how each of them ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from dev.demo.play import Played
from dev.demo.scenario import Ending
from domain.money import PAYMENT_CHINESE
from domain.order_status import both_names

_REFRESHES_PER_SECOND = 2
_WIDTH_OF_A_FILE = 200
_FRAME = 3
"""Lines of a terminal that are not rows: the head, the caption, the line of the cursor."""
_ROOMY = 100
"""Columns of a terminal from which on there is room for whole sentences."""


def console(*, stderr: bool) -> Console:
    """Where people read; what goes to a file or a log need not be squeezed into a terminal's width."""
    there = Console(stderr=stderr)
    return there if there.is_terminal else Console(stderr=stderr, width=_WIDTH_OF_A_FILE)


@asynccontextmanager
async def showing(console: Console, company: Sequence[Played], *, live: bool) -> AsyncIterator[None]:
    """Show the orders move while inside: a table on a terminal, else a line per change."""
    if live and console.is_terminal:
        with Live(
            get_renderable=lambda: moving(company, width=console.width, lines=console.height - _FRAME),
            console=console,
            refresh_per_second=_REFRESHES_PER_SECOND,
            transient=True,
        ):
            yield
        return
    lines = asyncio.create_task(_say_changes(console, company))
    try:
        yield
    finally:
        lines.cancel()
        with suppress(asyncio.CancelledError):
            await lines


async def _say_changes(console: Console, company: Sequence[Played]) -> None:
    said: dict[str, Ending] = {}
    while True:
        for played in company:
            stands, name = played.stands, played.scenario.name
            if stands is not None and said.get(name) != stands:
                said[name] = stands
                console.print(f"{name:<22} {_words(stands)}", highlight=False, soft_wrap=True)
        await asyncio.sleep(1 / _REFRESHES_PER_SECOND)


def moving(company: Sequence[Played], *, width: int, lines: int) -> Table:
    """The orders as they stand now, one line each; where not all fit, those under way come first."""
    table = Table(box=None, pad_edge=False, header_style="bold", expand=True, caption_justify="left")
    columns = [column for column in _COLUMNS if width >= _ROOMY or not column.elastic]
    for column in columns:
        table.add_column(column.head, no_wrap=True, overflow="ellipsis", ratio=column.elastic or None)
    shown = company if len(company) <= lines else sorted(company, key=lambda played: played.over)
    for played in shown[:lines]:
        table.add_row(*(column.tells(played) for column in columns))
    if len(company) > lines:
        table.caption = f"and {len(company) - lines} more"
    return table


@dataclass(frozen=True)
class _Column:
    """``elastic`` columns share what room is left, and go where there is little."""

    head: str
    tells: Callable[[Played], str]
    elastic: int = 0


def _status(played: Played) -> str:
    return both_names(played.stands.status) if played.stands else "[dim]not placed yet[/]"


_COLUMNS = (
    _Column("", lambda played: _mark(played)),
    _Column("order", lambda played: played.scenario.name),
    _Column("channel", lambda played: played.scenario.channel),
    _Column("what it shows", lambda played: played.scenario.shows, elastic=3),
    _Column("status", _status),
    _Column("waits for", lambda played: played.waits_for, elastic=2),
    _Column("money", lambda played: _money(played.stands) if played.stands else ""),
    _Column("time", lambda played: f"{played.seconds:.0f} s"),
)


def ended(company: Sequence[Played]) -> Table:
    """How each order ended and why, beside how it should have."""
    table = Table(box=None, pad_edge=False, header_style="bold", title="How every order ended", title_justify="left")
    table.add_column("", no_wrap=True, min_width=1)
    table.add_column("order", overflow="fold")
    for column in ("ended", "should have", "how it came to that"):
        table.add_column(column)
    for played in company:
        stands = _words(played.stands) if played.stands else "never seen"
        # The expected end is worth reading only where it differs.
        wanted = "[dim]the same[/]" if played.stands == played.scenario.ends else _words(played.scenario.ends)
        told = f"[red]{escape(played.problem)}[/]" if played.problem else escape(played.story)
        table.add_row(_mark(played), played.scene.order_no, stands, wanted, told)
    return table


def _words(ending: Ending) -> str:
    return f"{both_names(ending.status)}, {_money(ending)}"


def _money(ending: Ending) -> str:
    return f"{PAYMENT_CHINESE[ending.payment]} {ending.payment.replace('_', ' ')}"


def _mark(played: Played) -> str:
    if not played.over:
        return "[yellow]…[/]"
    return "[green]✓[/]" if played.as_it_should else "[red]✗[/]"
