"""The pool hands out living connections only."""

from __future__ import annotations

from store.pool import open_pool


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
