"""``orderflow backup``: a dated set without persons, and the one file of persons anew (R29)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import DownloadColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from cli.database import UNREACHABLE
from cli.keeping import with_database
from cli.output import AsJson, print_json, refuse, settings_or_exit

if TYPE_CHECKING:
    from store import backup as store_backup
    from store.pool import Pool

REFUSED = 1


def backup(
    folder: Annotated[Path, typer.Argument(help="Where the sets of this database lie, and its file of persons.")],
    persons_only: Annotated[
        bool, typer.Option("--persons-only", help="Only replace the file of persons: at once after an erasure.")
    ] = False,
    by: Annotated[str, typer.Option(help="The staff id that goes on record.")] = "orderflow-cli",
    as_json: AsJson = False,
) -> None:
    """Write a dated set, which holds no person, and replace the one file of persons.

    Nobody who was erased before can be read in any set any more, from this moment on. Exit codes:
    0 written, 1 refused or failed (what was there before still is), 2 wrong settings, 4 no database.
    """
    from runtime.postgres_programs import fitting
    from store import backup as store_backup

    settings = settings_or_exit()
    with refusals(), moved(quiet=as_json) as progress:
        version = store_backup.server_version(settings.database_url)
        programs = None if persons_only else fitting(version, settings.postgres_programs)
        taken = store_backup.take(settings.database_url, folder, programs, progress)
    with_database(settings, lambda pool: _on_record(pool, taken, by))
    if as_json:
        print_json({"set": taken.name, "persons": str(taken.persons), "taken_at": taken.taken_at})
    else:
        typer.echo(f"set: {taken.name or 'none was asked for'}; persons as of {taken.taken_at}: {taken.persons}")


async def _on_record(pool: Pool, taken: store_backup.Taken, by: str) -> None:
    """A copy of everybody was made: that is an act (R23)."""
    from domain.permissions import Role
    from models.base import Actor
    from store import audit

    details = {"set": taken.name, "persons_of": taken.taken_at}
    actor = Actor(id=by, role=Role.ADMINISTRATOR)
    async with pool.connection() as conn:
        at = datetime.now(UTC)
        await audit.append(conn, audit.Entry(subject="backup", at=at, by=actor, act="backed_up", details=details))


@contextmanager
def refusals() -> Iterator[None]:
    """Say why nothing was written or restored, and end with the code for it."""
    import psycopg

    from runtime.postgres_programs import ProgramFailed, ProgramsMissing
    from store.backup_files import BackupRefused

    try:
        yield
    except (BackupRefused, ProgramsMissing, ProgramFailed, OSError) as error:
        refuse(str(error), REFUSED)
    except psycopg.errors.UndefinedTable:
        refuse("the database is older than this program: run orderflow migrate", UNREACHABLE)
    except psycopg.OperationalError:
        refuse("the database cannot be reached at ORDERFLOW_DATABASE_URL, or went away", UNREACHABLE)


@contextmanager
def moved(*, quiet: bool) -> Iterator[store_backup.Progress]:
    """Shows what is being moved, and how much of it was, on standard error."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), DownloadColumn(), TimeElapsedColumn())
    off = quiet or not sys.stderr.isatty()
    with Progress(*columns, console=Console(file=sys.stderr), disable=off) as bar:
        tasks: dict[str, TaskID] = {}

        def progress(what: str, size: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=None)
            bar.advance(tasks[what], size)

        yield progress
