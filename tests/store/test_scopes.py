"""What belongs to a warehouse is found by it, however many others there are (R22, accident 10)."""

from __future__ import annotations

import re

from store.pool import Connection
from store.scopes import GOODS


async def test_the_goods_of_a_warehouse_are_found_without_reading_those_of_all_others(conn: Connection) -> None:
    """Returns are few: they have no index for it."""
    async with conn.transaction():
        # The tables of a test are empty, and would be read whole; what cannot be found by an index still is.
        await conn.execute("SET LOCAL enable_seqscan = off")
        cursor = await conn.execute(f"EXPLAIN SELECT order_no FROM {GOODS} g WHERE warehouse = 'SZ'".encode())
        plan = "\n".join(row["QUERY PLAN"] for row in await cursor.fetchall())
    assert set(re.findall(r"Seq Scan on (\w+)", plan)) <= {"returns"}, plan
