"""``orderflow restore``: a set and the file of persons become the database again (R29)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.backup import moved, refusals
from cli.keeping import with_database
from cli.output import AsJson, print_json, refuse, settings_or_exit

if TYPE_CHECKING:
    from runtime.settings import Settings
    from store.pool import Pool
    from store.restore import Source

KEYS_MISSING = 3


@dataclass(frozen=True)
class _Settled:
    erased: int
    missing_keys: list[str]


def restore(
    folder: Annotated[Path, typer.Argument(help="The folder that orderflow backup wrote.")],
    at: Annotated[str | None, typer.Option(help="The name of a set; left out, the newest.")] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Drop everything that the database holds now. Stop API and workers first.")
    ] = False,
    by: Annotated[str, typer.Option(help="The staff id that goes on record.")] = "orderflow-cli",
    as_json: AsJson = False,
) -> None:
    """Restore a set into the database of ORDERFLOW_DATABASE_URL, and bring it to this version.

    Whoever was erased before the latest backup comes back erased, by want of a key; that goes on record.
    Exit codes: 0 restored, 1 refused or failed, 2 wrong settings, 3 restored but a master key is missing
    from the settings, 4 no database.
    """
    from runtime.postgres_programs import fitting
    from store import restore as store_restore
    from store.backup import server_version

    settings = settings_or_exit()
    with refusals(), moved(quiet=as_json) as progress:
        found = store_restore.source(folder, at)
        version = max(server_version(settings.database_url), found.trade.server)
        programs = fitting(version, settings.postgres_programs)
        store_restore.load(settings.database_url, found, programs, replace=replace, progress=progress)
    settled = with_database(settings, lambda pool: _settle(pool, settings, found, by))
    _show(found, settled, as_json=as_json)
    if settled.missing_keys:
        refuse(f"ORDERFLOW_VAULT_MASTER_KEYS lacks version {', '.join(settled.missing_keys)}", KEYS_MISSING)


async def _settle(pool: Pool, settings: Settings, found: Source, by: str) -> _Settled:
    from domain.permissions import Role
    from models.base import Actor
    from store import keys
    from store import restore as store_restore

    erased = await store_restore.settle(pool, found, Actor(id=by, role=Role.ADMINISTRATOR), datetime.now(UTC))
    async with pool.connection() as conn:
        needed = {count.version for count in await keys.status(conn)}
    return _Settled(erased, sorted(needed - set(settings.vault_master_keys)))


def _show(found: Source, settled: _Settled, *, as_json: bool) -> None:
    if as_json:
        told = {"set": found.place.name, "taken_at": found.trade.taken_at, "persons_of": found.persons.taken_at}
        print_json({**told, "came_back_erased": settled.erased, "missing_keys": settled.missing_keys})
        return
    typer.echo(f"restored: {found.place.name}, with the persons as of {found.persons.taken_at}")
    typer.echo(f"came back erased: {settled.erased}")
