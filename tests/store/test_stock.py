"""Stock is set aside for all lines or none, and is never sold twice (R5, R28, accident 1)."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from domain.allocation import Shelf, add_up, allocate
from models.steps import Reserved
from store import orders, stock
from store.errors import StockIsReserved, UnknownStock
from store.pool import Connection, Pool
from tests.fixtures.orders import NOON, an_order, counter, stock_up, value

DRIFT = """
SELECT count(*) FROM stock_items s WHERE reserved <> (
    SELECT coalesce(sum(quantity), 0) FROM reservations r
    WHERE r.warehouse = s.warehouse AND r.sku = s.sku AND r.state = 'held'
) OR (on_hand, reserved) <> (
    SELECT coalesce(sum(on_hand_delta), 0), coalesce(sum(reserved_delta), 0) FROM stock_ledger l
    WHERE l.warehouse = s.warehouse AND l.sku = s.sku
)
"""


# How many entries of its indexes this transaction has read.
READ = """
SELECT sum(pg_stat_get_xact_tuples_returned(indexrelid)) FROM pg_index WHERE indrelid = 'reservations'::regclass
"""


async def buy(pool: Pool, number: str, *lines: tuple[str, int]) -> Reserved:
    """Record an order and reserve its lines, in one transaction of its own."""
    async with pool.connection() as conn:
        await orders.record(conn, an_order(number, *lines), status="awaiting_payment", at=NOON)
        return await stock.reserve(conn, number, lines, NOON, f"{number}#1")


async def give_back(pool: Pool, number: str) -> int:
    async with pool.connection() as conn:
        return await stock.release(conn, number, NOON, f"{number}#2", "cancelled")


async def test_of_a_hundred_parallel_orders_for_the_last_piece_one_wins(pool: Pool, conn: Connection) -> None:
    await stock_up(conn, "TEA", 1)
    answers = await asyncio.gather(*(buy(pool, f"web-{n}", ("TEA", 1)) for n in range(100)))
    assert sum(not answer.short for answer in answers) == 1
    assert await counter(conn, "TEA") == (1, 1)
    loser = next(answer for answer in answers if answer.short)
    assert (loser.short[0].sku, loser.short[0].wanted, loser.short[0].available) == ("TEA", 1, 0)


async def test_two_lines_of_one_sku_add_up(pool: Pool, conn: Connection) -> None:
    await stock_up(conn, "TEA", 3)
    answer = await buy(pool, "web-1", ("TEA", 2), ("TEA", 2))
    assert [(line.wanted, line.available) for line in answer.short] == [(4, 3)]
    assert await counter(conn, "TEA") == (3, 0)


async def test_a_short_line_undoes_the_whole_order(pool: Pool, conn: Connection) -> None:
    await stock_up(conn, "CUP", 1)
    await stock_up(conn, "TEA", 10)
    answer = await buy(pool, "web-1", ("TEA", 5), ("CUP", 2))
    assert [line.sku for line in answer.short] == ["CUP"]
    assert await counter(conn, "TEA") == (10, 0)
    assert await value(conn, "SELECT count(*) FROM reservations") == 0


async def test_a_sku_that_no_warehouse_lists_is_named_as_unknown(pool: Pool, conn: Connection) -> None:
    await stock_up(conn, "TEA", 1)
    answer = await buy(pool, "web-1", ("TEA", 1), ("GHOST", 1))
    assert [(line.sku, line.known) for line in answer.short] == [("GHOST", False)]
    assert await counter(conn, "TEA") == (1, 0)


async def test_a_warehouse_that_fills_the_order_is_taken_before_a_split(pool: Pool, conn: Connection) -> None:
    for warehouse, tea, cup in (("A", 5, 0), ("B", 5, 5)):
        await stock_up(conn, "TEA", tea, warehouse=warehouse)
        await stock_up(conn, "CUP", cup, warehouse=warehouse)
    assert (await buy(pool, "web-1", ("TEA", 2), ("CUP", 2))).warehouses == ("B",)


async def test_an_order_that_no_warehouse_fills_alone_is_split(pool: Pool, conn: Connection) -> None:
    await stock_up(conn, "TEA", 3, warehouse="A")
    await stock_up(conn, "TEA", 2, warehouse="B")
    assert (await buy(pool, "web-1", ("TEA", 5))).warehouses == ("A", "B")
    assert await value(conn, DRIFT) == 0


async def test_an_order_that_holds_goods_gets_no_more(pool: Pool, conn: Connection) -> None:
    await stock_up(conn, "TEA", 10)
    await buy(pool, "web-1", ("TEA", 2))
    again = await stock.reserve(conn, "web-1", [("TEA", 2)], NOON, "web-1#9")
    assert again.warehouses == ("SZ",)
    assert await counter(conn, "TEA") == (10, 2)


async def test_released_goods_can_be_reserved_again_by_the_same_order(pool: Pool, conn: Connection) -> None:
    await stock_up(conn, "TEA", 2)
    await buy(pool, "web-1", ("TEA", 2))
    await give_back(pool, "web-1")
    assert await counter(conn, "TEA") == (2, 0)
    assert not (await stock.reserve(conn, "web-1", [("TEA", 2)], NOON, "web-1#3")).short
    assert await counter(conn, "TEA") == (2, 2)
    assert await value(conn, DRIFT) == 0


async def test_releasing_twice_gives_back_once(pool: Pool, conn: Connection) -> None:
    await stock_up(conn, "TEA", 5)
    await buy(pool, "web-1", ("TEA", 2))
    assert await give_back(pool, "web-1") == 1
    assert await give_back(pool, "web-1") == 0
    assert await counter(conn, "TEA") == (5, 0)


async def test_after_500_buyers_who_come_and_go_the_counter_is_the_sum_of_what_is_held(
    pool: Pool, conn: Connection
) -> None:
    skus = ["CAP", "CUP", "TEA"]
    for warehouse in ("A", "B"):
        for sku in skus:
            await stock_up(conn, sku, 120, warehouse=warehouse)
    chance = random.Random(7)
    gate = asyncio.Semaphore(16)

    async def one(number: str, lines: Sequence[tuple[str, int]], leaves: bool) -> None:
        async with gate:
            answer = await buy(pool, number, *lines)
            if leaves and not answer.short:
                await give_back(pool, number)

    async with asyncio.TaskGroup() as group:
        for n in range(500):
            lines = [(sku, chance.randint(1, 3)) for sku in chance.sample(skus, chance.randint(1, 3))]
            group.create_task(one(f"web-{n}", lines, chance.random() < 0.4))
    assert await value(conn, DRIFT) == 0
    assert await value(conn, "SELECT sum(reserved) FROM stock_items") > 0


async def test_stock_cannot_be_fed_below_what_is_reserved(pool: Pool, conn: Connection) -> None:
    await stock_up(conn, "TEA", 5)
    await buy(pool, "web-1", ("TEA", 4))
    with pytest.raises(StockIsReserved):
        await stock.put_stock(conn, "SZ", "TEA", on_hand=3, at=NOON, key="count-1")
    assert await counter(conn, "TEA") == (5, 4)


async def test_feeding_twice_with_one_key_counts_once(conn: Connection) -> None:
    await stock_up(conn, "TEA", 5)
    rows = [await stock.put_stock(conn, "SZ", "TEA", delta=3, at=NOON, key="delivery-1") for _ in range(2)]
    assert [row["on_hand"] for row in rows] == [8, 8]


async def test_lots_of_a_sku_add_up_to_its_counter(conn: Connection) -> None:
    await stock_up(conn, "TEA", 5, lot="L1")
    await stock_up(conn, "TEA", 4, lot="L2")
    await stock.put_stock(conn, "SZ", "TEA", lot="L1", on_hand=2, at=NOON, key="count-1")
    assert await counter(conn, "TEA") == (6, 0)


async def test_stock_of_a_product_nobody_listed_is_refused(conn: Connection) -> None:
    with pytest.raises(UnknownStock):
        await stock.put_stock(conn, "NOWHERE", "GHOST", delta=1, at=NOON, key="x")
    assert await value(conn, "SELECT count(*) FROM stock_ledger") == 0


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    free=st.dictionaries(
        st.tuples(st.sampled_from("AB"), st.sampled_from(["CUP", "TEA"])), st.integers(0, 4), min_size=1
    ),
    lines=st.lists(st.tuples(st.sampled_from(["CUP", "TEA"]), st.integers(1, 4)), min_size=1, max_size=3),
)
def test_the_statement_and_the_rule_agree(
    database_url: str, free: dict[tuple[str, str], int], lines: list[tuple[str, int]]
) -> None:
    asyncio.run(compare(database_url, free, lines))


async def compare(address: str, free: dict[tuple[str, str], int], lines: list[tuple[str, int]]) -> None:
    """What the database reserves is what domain.allocation says it should; nothing is kept."""
    async with await AsyncConnection.connect(address, row_factory=dict_row) as conn:
        for (warehouse, sku), pieces in free.items():
            await stock_up(conn, sku, pieces, warehouse=warehouse)
        await orders.record(conn, an_order("web-1", *lines), status="awaiting_payment", at=NOON)
        answer = await stock.reserve(conn, "web-1", lines, NOON, "web-1#1")
        expected = allocate(add_up(lines), [Shelf(house, sku, pieces) for (house, sku), pieces in free.items()])
        cursor = await conn.execute("SELECT warehouse, sku, quantity FROM reservations ORDER BY sku, warehouse")
        held = [tuple(row.values()) for row in await cursor.fetchall()]
        assert [line.sku for line in answer.short] == [line.sku for line in expected.short]
        assert held == [(share.warehouse, share.sku, share.quantity) for share in expected.shares]
        await conn.rollback()


async def test_a_reservation_reads_its_own_order_and_not_all_that_is_held(pool: Pool, conn: Connection) -> None:
    await stock_up(conn, "TEA", 100)
    for number in range(40):
        await buy(pool, f"web-{number}", ("TEA", 1))
    async with pool.connection() as buyer:
        # Whatever the statistics say of so small a table.
        await buyer.execute("SET LOCAL enable_seqscan = off")
        await orders.record(buyer, an_order("web-41", ("TEA", 1)), status="awaiting_payment", at=NOON)
        # What this connection read for earlier orders is counted until the server has taken note of it.
        before = await value(buyer, READ)
        assert not (await stock.reserve(buyer, "web-41", [("TEA", 1)], NOON, "web-41#1")).short
        # The order's own entry, and the ends of the index a planner with statistics looks at: never the 40 held.
        assert await value(buyer, READ) - before < 10
