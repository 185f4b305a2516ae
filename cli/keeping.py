"""One piece of work in the database for a command, in an event loop of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from cli.database import UNREACHABLE, database
from cli.output import refuse
from runtime.settings import Settings

if TYPE_CHECKING:
    from store.pool import Pool

Outcome = TypeVar("Outcome")


def with_database(settings: Settings, work: Callable[[Pool], Awaitable[Outcome]]) -> Outcome:
    """Run ``work`` with an open pool; exit code 4 saying what is wrong with the database."""
    import psycopg

    try:
        return asyncio.run(_open(settings, work))
    except psycopg.OperationalError:
        refuse("the database went away at ORDERFLOW_DATABASE_URL", UNREACHABLE)
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn):
        refuse("the database is older than this program: run orderflow migrate", UNREACHABLE)


async def _open(settings: Settings, work: Callable[[Pool], Awaitable[Outcome]]) -> Outcome:
    async with database(settings) as pool:
        return await work(pool)
