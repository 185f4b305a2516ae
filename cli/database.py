"""What commands that work in the database share: opening it, or saying that it cannot be reached."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from cli.output import refuse
from runtime.settings import Settings

if TYPE_CHECKING:
    from store.pool import Pool

UNREACHABLE = 4


@asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[Pool]:
    """An open pool; exit code 4 when the database cannot be reached."""
    from psycopg_pool import PoolTimeout

    from store.pool import open_pool

    try:
        async with open_pool(settings.database_url, max_size=4) as pool:
            yield pool
    except PoolTimeout:
        refuse("the database cannot be reached at ORDERFLOW_DATABASE_URL; is it running?", UNREACHABLE)
