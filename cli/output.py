"""What all commands share: reading the settings or saying what is wrong with them, and printing data."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from runtime.settings import Settings, SettingsError, load_settings

WRONG_SETTINGS = 2
_WIDE = 240

AsJson = Annotated[bool, typer.Option("--json", help="Print data as JSON and nothing else.")]


def settings_or_exit() -> Settings:
    """The settings; exit code 2 naming every wrong one."""
    try:
        return load_settings()
    except SettingsError as error:
        refuse(str(error), WRONG_SETTINGS)


def refuse(message: str, code: int) -> NoReturn:
    """Say why on standard error and leave with this exit code."""
    typer.echo(message, err=True)
    raise typer.Exit(code)


def print_json(data: Any) -> None:
    """One JSON document on standard output."""
    typer.echo(json.dumps(data, ensure_ascii=False, indent=2))


def print_table(rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows with equal keys as a table for people."""
    table = Table(box=None, pad_edge=False)
    for column in rows[0] if rows else ():
        table.add_column(column)
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    # Rows in a pipe or a file stay whole: there is no screen whose edge would break them.
    console = Console(width=None if sys.stdout.isatty() else _WIDE)
    console.print(table, highlight=False)
