"""What a warehouse system says, in whatever order it comes: each message once, never oversold (R5, accident 1)."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest

from store import orders, stock, stock_feed, sweep
from store.errors import UnknownStock
from store.pool import Connection, Pool
from store.stock_feed import Line, Told
from tests.fixtures.orders import NOON, an_order, stock_up, value

_IDS = itertools.count(1)


def told(
    sequence: int, *, sku: str = "TEA", lot: str = "", counted: int | None = None, moved: int | None = None
) -> Told:
    """A message about one lot."""
    return Told("wms", f"m-{next(_IDS)}", sequence, [Line("SZ", sku, lot, counted, moved)])


async def take(pool: Pool, *messages: Told) -> None:
    for message in messages:
        async with pool.connection() as conn:
            await stock_feed.take(conn, message, NOON)


async def counter(conn: Connection, sku: str = "TEA") -> tuple[int, int]:
    """On hand, and missing."""
    on_hand = await value(conn, "SELECT on_hand FROM stock_items WHERE sku = %s", sku)
    missing = await value(conn, "SELECT coalesce(sum(missing), 0)::int FROM stock_shortfalls WHERE sku = %s", sku)
    return int(on_hand), int(missing)


async def hold(pool: Pool, number: str, pieces: int) -> Any:
    """An order that holds so many pieces."""
    async with pool.connection() as conn:
        await orders.record(conn, an_order(number), status="paid", at=NOON)
        return await stock.reserve(conn, number, [("TEA", pieces)], NOON, f"{number}:reserve")


@pytest.fixture(autouse=True)
async def shelf(conn: Connection) -> None:
    await stock_up(conn, "TEA", 10)


async def test_a_repeat_changes_nothing(pool: Pool, conn: Connection) -> None:
    movement = told(1, moved=-3)
    await take(pool, movement, movement)
    assert await counter(conn) == (7, 0)


async def test_an_older_count_never_overwrites_a_newer(pool: Pool, conn: Connection) -> None:
    await take(pool, told(5, counted=40), told(4, counted=90))
    assert await counter(conn) == (40, 0)


async def test_a_movement_counts_once_before_or_after_the_count_that_holds_it(pool: Pool, conn: Connection) -> None:
    await take(pool, told(3, counted=20), told(2, moved=5), told(4, moved=-1))
    assert await counter(conn) == (19, 0)


async def test_whatever_the_order_of_arrival_the_end_is_the_same(pool: Pool, conn: Connection) -> None:
    facts: list[dict[str, int]] = [
        {"sequence": 1, "moved": 4},
        {"sequence": 2, "counted": 50},
        {"sequence": 3, "moved": -6},
        {"sequence": 4, "moved": 1},
        {"sequence": 5, "counted": 30},
        {"sequence": 6, "moved": -2},
    ]
    chance = random.Random(7)
    for round_no in range(12):
        sku = f"TEA-{round_no}"
        await stock_up(conn, sku, 10)
        messages = [
            told(fact["sequence"], sku=sku, counted=fact.get("counted"), moved=fact.get("moved")) for fact in facts
        ]
        chance.shuffle(messages)
        await take(pool, *messages, messages[0])
        assert await counter(conn, sku) == (28, 0), [message.sequence for message in messages]


async def test_a_count_below_what_orders_hold_sells_nothing_more_and_is_told(pool: Pool, conn: Connection) -> None:
    await hold(pool, "web-1", 6)
    await take(pool, told(1, counted=4))
    assert await counter(conn) == (6, 2)
    assert (await hold(pool, "web-2", 1)).short
    assert await value(conn, "SELECT kind FROM alerts") == "counted_below_reserved"
    await sweep.check_books(pool, NOON, NOON)
    assert await value(conn, "SELECT evidence FROM sweep_differences WHERE kind = 'counted_short'") == (
        "wms finds 2 pieces fewer than orders hold"
    )


async def test_what_is_missing_is_not_sold_again_when_its_order_lets_go(pool: Pool, conn: Connection) -> None:
    await hold(pool, "web-1", 6)
    await take(pool, told(1, counted=4))
    async with pool.connection() as other:
        await stock.release(other, "web-1", NOON, "web-1:release", "cancelled")
    assert await counter(conn) == (4, 0)
    assert (await hold(pool, "web-2", 5)).short
    await sweep.check_books(pool, NOON, NOON)
    assert await value(conn, "SELECT count(*) FROM sweep_differences") == 0


async def test_a_later_message_heals_a_shortfall(pool: Pool, conn: Connection) -> None:
    await hold(pool, "web-1", 6)
    await take(pool, told(1, counted=4), told(2, moved=1))
    assert await counter(conn) == (6, 1)
    await take(pool, told(3, moved=5))
    assert await counter(conn) == (10, 0)


async def test_goods_of_another_lot_make_good_what_is_missing(pool: Pool, conn: Connection) -> None:
    await hold(pool, "web-1", 6)
    await take(pool, told(1, counted=4), told(2, lot="L2", counted=5))
    assert await counter(conn) == (9, 0)


async def test_a_message_with_one_unlisted_product_changes_nothing(pool: Pool, conn: Connection) -> None:
    lines = [Line("SZ", "TEA", counted=1), Line("SZ", "UNHEARD", counted=1)]
    with pytest.raises(UnknownStock):
        await take(pool, Told("wms", "m-x", 1, lines))
    assert await counter(conn) == (10, 0)
    assert await value(conn, "SELECT count(*) FROM stock_messages") == 0
