"""``orderflow migrate``: bring the database and Temporal's namespace to what this version needs."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from cli.output import AsJson, print_json, refuse, settings_or_exit
from runtime.settings import Settings

REFUSED = 1


def migrate(
    database_only: Annotated[bool, typer.Option("--database-only", help="Leave Temporal alone.")] = False,
    as_json: AsJson = False,
) -> None:
    """Apply missing migrations and register missing search attributes; safe to repeat."""
    from store import migrate as database

    settings = settings_or_exit()
    before = database.current(settings.database_url)
    try:
        database.upgrade(settings.database_url)
    except database.RestoreUnfinished as error:
        refuse(str(error), REFUSED)
    registered = [] if database_only else asyncio.run(_search_attributes(settings))
    if as_json:
        print_json({"from": before, "to": database.head(), "search_attributes": registered})
    else:
        typer.echo(f"database: {before or 'empty'} -> {database.head()}")
        typer.echo(f"search attributes registered: {', '.join(registered) or 'none were missing'}")


async def _search_attributes(settings: Settings) -> list[str]:
    from runtime.temporal import connect, register_search_attributes

    return await register_search_attributes(await connect(settings))
