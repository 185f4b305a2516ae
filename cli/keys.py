"""``orderflow keys``: which master keys are in use, and moving everything to the active one (R21)."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cli.keeping import with_database
from cli.output import AsJson, print_json, print_table, settings_or_exit

if TYPE_CHECKING:
    from runtime.settings import Settings
    from store.keys import Count, Rotated
    from store.pool import Pool

NOT_ALL_MOVED = 1

app = typer.Typer(help="The vault's master keys (R21).", no_args_is_help=True)


@app.command()
def status(as_json: AsJson = False) -> None:
    """Show how many rows are under which version, and which versions nothing needs any more.

    Exit codes: 0 shown, 2 wrong settings, 4 no database.
    """
    from store import keys

    settings = settings_or_exit()
    counts = with_database(settings, _counts)
    active, configured = settings.vault_active_key_version, sorted(settings.vault_master_keys)
    removable = keys.removable(counts, configured, active)
    if as_json:
        rows = [asdict(count) for count in counts]
        print_json({"active": active, "configured": configured, "removable": removable, "rows": rows})
        return
    typer.echo(f"active: {active}; configured: {', '.join(configured)}; removable: {', '.join(removable) or 'none'}")
    print_table([asdict(count) for count in counts])


@app.command()
def rotate(
    by: Annotated[str, typer.Option(help="The staff id that goes on record.")] = "orderflow-cli",
    as_json: AsJson = False,
) -> None:
    """Move every data key and sealed message to the active master key, while everything runs.

    It can be stopped at any time and started again. Exit codes: 0 nothing is left under
    another version, 1 something is, 2 wrong settings, 4 no database.
    """
    settings = settings_or_exit()
    done, left = with_database(settings, lambda pool: _rotate(pool, settings, by, quiet=as_json))
    waiting = sum(count.rows for count in left)
    if as_json:
        print_json({**asdict(done), "left": [asdict(count) for count in left]})
    else:
        moved = ", ".join(f"{table} {rows}" for table, rows in sorted(done.rows.items()))
        typer.echo(f"moved: {moved or 'nothing was left to move'}; not moved: {waiting}")
        print_table([asdict(failed) for failed in done.failed])
    raise typer.Exit(NOT_ALL_MOVED if waiting else 0)


async def _counts(pool: Pool) -> list[Count]:
    from store import keys

    async with pool.connection() as conn:
        return await keys.status(conn)


async def _rotate(pool: Pool, settings: Settings, by: str, *, quiet: bool) -> tuple[Rotated, list[Count]]:
    from domain.permissions import Role
    from models.base import Actor
    from runtime.crypto import vault_of
    from store import keys

    active = settings.vault_active_key_version
    with _bar(quiet=quiet) as bar:
        waiting = _other_than(active, await _counts(pool))
        tasks = {table: bar.add_task(table, total=_of(table, waiting)) for table in sorted({c.table for c in waiting})}

        def progress(table: str, rows: int) -> None:
            if table in tasks:
                bar.advance(tasks[table], rows)

        done = await keys.rotate(pool, vault_of(settings), active, progress)
    async with pool.connection() as conn:
        await keys.note_rotation(conn, done, active, Actor(id=by, role=Role.ADMINISTRATOR), datetime.now(UTC))
    return done, _other_than(active, await _counts(pool))


def _other_than(active: str, counts: list[Count]) -> list[Count]:
    return [count for count in counts if count.version != active]


def _of(table: str, counts: list[Count]) -> int:
    return sum(count.rows for count in counts if count.table == table)


def _bar(*, quiet: bool) -> Progress:
    """Goes to standard error: standard output is for data alone."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(file=sys.stderr), disable=quiet or not sys.stderr.isatty())
