"""The pool hands out living connections only."""

from __future__ import annotations

import pytest
from psycopg.errors import AdminShutdown, UndefinedTable
from psycopg.pq import TransactionStatus

from store.pool import Pool, by_itself, open_pool


async def test_a_connection_that_the_server_closed_while_it_lay_idle_is_replaced(database_url: str) -> None:
    async with open_pool(database_url, min_size=1, max_size=1) as pool, open_pool(database_url, max_size=1) as other:
        async with pool.connection() as connection:
            lost = connection.info.backend_pid
        async with other.connection() as connection:
            await connection.execute("SELECT pg_terminate_backend(%s, 5000)", [lost])
        async with pool.connection() as connection:
            cursor = await connection.execute("SELECT pg_backend_pid() AS pid")
            row = await cursor.fetchone()
    assert row is not None
    assert row["pid"] != lost


async def test_a_statement_by_itself_stands_whatever_follows_it_and_the_next_block_is_a_transaction_again(
    database_url: str,
) -> None:
    async with open_pool(database_url, min_size=1, max_size=1) as pool:
        with pytest.raises(UndefinedTable):
            await _create_and_fail(pool)
        async with pool.connection() as conn:
            await conn.execute("DROP TABLE stands")
            assert conn.info.transaction_status is TransactionStatus.INTRANS


async def test_a_connection_that_breaks_in_a_statement_by_itself_says_what_broke_it(database_url: str) -> None:
    async with open_pool(database_url, min_size=1, max_size=1) as pool:
        with pytest.raises(AdminShutdown):
            await _end_ones_own_session(pool)
        async with by_itself(pool) as conn:
            assert await (await conn.execute("SELECT 1 AS one")).fetchone() == {"one": 1}


async def _create_and_fail(pool: Pool) -> None:
    async with by_itself(pool) as conn:
        await conn.execute("CREATE TABLE stands (number int)")
        await conn.execute("SELECT FROM is_not_there")


async def _end_ones_own_session(pool: Pool) -> None:
    async with by_itself(pool) as conn:
        await conn.execute("SELECT pg_terminate_backend(pg_backend_pid())")
