"""The pool of database connections that every process opens once."""

from __future__ import annotations

import select
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

Row: TypeAlias = dict[str, Any]
Connection: TypeAlias = AsyncConnection[Row]
Pool: TypeAlias = AsyncConnectionPool[Connection]

# A statement of this system takes milliseconds; one that takes this long is stuck behind
# a lock, and an error that is retried is better than a queue that grows in silence.
_SESSION = "-c timezone=UTC -c statement_timeout=30s -c idle_in_transaction_session_timeout=60s"


@asynccontextmanager
async def open_pool(database_url: str, *, min_size: int = 1, max_size: int = 10) -> AsyncIterator[Pool]:
    """Open a pool of dict-row connections; one ``pool.connection()`` block is one transaction.

    Raises ``psycopg_pool.PoolTimeout`` when the database cannot be reached in 10 s.
    """
    pool: Pool = AsyncConnectionPool(
        database_url,
        min_size=min_size,
        max_size=max_size,
        open=False,
        kwargs={"row_factory": dict_row, "options": _SESSION},
        check=_still_open,
    )
    await pool.open(wait=True, timeout=10)
    try:
        yield pool
    finally:
        await pool.close()


@asynccontextmanager
async def by_itself(pool: Pool) -> AsyncIterator[Connection]:
    """A connection on which each statement is a transaction of its own: one journey to the database, not three.

    For a block of a single statement, or of several that need not see or undo each other.
    """
    async with pool.connection() as conn:
        await conn.set_autocommit(True)
        try:
            yield conn
        finally:
            # Whatever is broken is not given out again; asking it for anything would hide the error.
            if not conn.closed:
                await conn.set_autocommit(False)


async def _still_open(conn: Connection) -> None:
    """Raise when the server has gone; ask it only if it has said something since the connection was last used.

    An idle connection is silent until its server closes it, so a look at the socket tells as
    much as a question that costs a journey there and back for each of an order's transactions.
    """
    said = select.poll()
    said.register(conn.fileno(), select.POLLIN)
    if said.poll(0):
        await AsyncConnectionPool.check_connection(conn)
