"""What one sees of the stack: a live table on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.table import Table

from dev.stack.addresses import StackAddresses
from dev.stack.part import PartState
from dev.stack.supervisor import Keeping

_COLOURS = {
    PartState.READY: "green",
    PartState.DONE: "green",
    PartState.STARTING: "yellow",
    PartState.RESTARTING: "yellow",
    PartState.STOPPING: "yellow",
    PartState.FAILED: "red",
}


class Screen:
    """Shows the parts; ``console`` goes to standard error where standard output carries data."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._live = False

    def changed(self, kept: Keeping) -> None:
        """A part's state changed: said in a line unless the table shows it."""
        if self._live:
            return
        pid = f" pid {kept.pid}" if kept.pid else ""
        self.console.print(
            f"{kept.part.name:<11} {kept.state:<11}{kept.part.address}{pid}", highlight=False, soft_wrap=True
        )

    @contextmanager
    def table(self, parts: Sequence[Keeping]) -> Iterator[None]:
        """Keep the table current while inside; without a terminal the lines of ``changed`` do it."""
        if not self.console.is_terminal:
            yield
            return
        self._live = True
        try:
            with Live(get_renderable=lambda: draw(parts), console=self.console, refresh_per_second=4):
                yield
        finally:
            self._live = False

    def welcome(self, at: StackAddresses, password: str) -> None:
        """Where everything is, once all parts are ready; the password is that of development's accounts."""
        lines = {
            "The desks": at.console,
            "API and its docs": at.api_docs,
            "Temporal UI": at.temporal_ui,
            "Simulated outside": f"{at.simulators}/docs",
            "Database": at.database_url,
            "Sign in": how_to_sign_in(password),
            "A token": f"{_this_command()} token --role reviewer",
            "Stop": "Ctrl-C (every order goes on where it was at the next start)",
        }
        self.console.print()
        for what, where in lines.items():
            self.console.print(f"  {what:<18} {where}", highlight=False, soft_wrap=True)
        self.console.print()


def draw(parts: Sequence[Keeping]) -> Table:
    """The table of parts as it stands now."""
    table = Table(box=None, pad_edge=False)
    for column in ("part", "state", "address", "pid", "restarts", "uptime"):
        table.add_column(column, no_wrap=column != "address")
    for kept in parts:
        state = f"[{_COLOURS.get(kept.state, 'dim')}]{kept.state}[/]"
        numbers = (str(kept.pid or ""), str(kept.restarts or ""), _clock(kept.uptime))
        table.add_row(kept.part.name, state, kept.part.address, *numbers)
    return table


def _clock(uptime: timedelta | None) -> str:
    return "" if uptime is None else str(timedelta(seconds=int(uptime.total_seconds())))


def _this_command() -> str:
    """The command line as one can type it here: a virtual environment need not be active."""
    program = Path(sys.executable).with_name("orderflow")
    try:
        return str(program.relative_to(Path.cwd()))
    except ValueError:
        return "orderflow"


def how_to_sign_in(password: str) -> str:
    """The accounts of development, one for each post; the password is made for this data directory alone."""
    return f"as reviewer, warehouse, operations … (each role's name), password {password}"
