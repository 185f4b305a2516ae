"""Several parcels of one order, also from one warehouse: stock, splits, what falls short (R9 to R12)."""

from __future__ import annotations

import pytest

from domain.errors import NotWaitingForThis
from domain.packing import CannotSplit, Limits
from domain.picking import Scan
from models.order import Line
from models.state import ParcelState
from store import orders, parcel_split, parcels, pick_plan, pick_tasks, put_back, stock, stock_again, stock_out
from store.pool import Connection
from tests.fixtures.orders import NOON, PICKER, RECHECKER, an_order, counter, stock_up, value

LIGHT = Limits(weight_g=1000, volume_cm3=100_000)


async def released(conn: Connection, *lines: tuple[str, int], limits: Limits = LIGHT) -> tuple[str, ...]:
    """An order with its goods reserved and its parcels made; their numbers."""
    await orders.record(conn, an_order("web-1", *lines), status="picking", at=NOON)
    assert not (await stock.reserve(conn, "web-1", lines, NOON, "web-1")).short
    return tuple(number for number, _ in await pick_plan.create(conn, "web-1", NOON, limits))


async def leaves(conn: Connection, parcel_no: str) -> None:
    await parcels.move(conn, parcel_no, ParcelState.HANDED_OVER, f"{parcel_no}-left", "1", NOON)
    await stock_out.ship(conn, parcel_no, NOON)


async def picked(conn: Connection, task_no: str, *barcodes: str) -> None:
    for barcode in barcodes:
        answer = await pick_tasks.scan(conn, task_no, Scan("A-01", barcode), by=PICKER, at=NOON)
        assert answer.verdict == "right"


async def contents(conn: Connection) -> dict[str, dict[str, int]]:
    cursor = await conn.execute("SELECT parcel_no, sku, sum(quantity)::int AS n FROM parcel_lines GROUP BY 1, 2")
    found: dict[str, dict[str, int]] = {}
    for row in await cursor.fetchall():
        found.setdefault(row["parcel_no"], {})[row["sku"]] = row["n"]
    return found


async def balanced(conn: Connection) -> None:
    """Counter = Σ held = Σ ledger (accident 1)."""
    wrong = await value(
        conn,
        "SELECT count(*) FROM stock_items s WHERE reserved <> (SELECT coalesce(sum(quantity), 0) FROM reservations r"
        " WHERE (r.warehouse, r.sku, r.state) = (s.warehouse, s.sku, 'held')) OR (on_hand, reserved) <> ("
        "SELECT sum(on_hand_delta), sum(reserved_delta) FROM stock_ledger k"
        " WHERE (k.warehouse, k.sku) = (s.warehouse, s.sku))",
    )
    assert wrong == 0


async def test_goods_of_one_warehouse_are_split_by_weight_and_fragile_ones_go_apart(conn: Connection) -> None:
    await stock_up(conn, "TEA", 9, weight_g=500)
    await stock_up(conn, "VASE", 9, weight_g=100, fragile=True)
    assert await released(conn, ("TEA", 3), ("VASE", 1)) == ("web-1-P1", "web-1-P2", "web-1-P3")
    assert await contents(conn) == {"web-1-P1": {"TEA": 2}, "web-1-P2": {"TEA": 1}, "web-1-P3": {"VASE": 1}}
    assert await value(conn, "SELECT count(*) FROM pick_tasks WHERE warehouse = 'SZ'") == 3


async def test_a_parcel_that_leaves_takes_its_own_goods_only(conn: Connection) -> None:
    await stock_up(conn, "TEA", 9, weight_g=500)
    first, second = await released(conn, ("TEA", 3))
    for _ in range(2):
        await leaves(conn, first)
    assert await counter(conn, "TEA") == (7, 1)
    await balanced(conn)
    await leaves(conn, second)
    assert await counter(conn, "TEA") == (6, 0)
    assert await value(conn, "SELECT (state, quantity, shipped)::text FROM reservations") == "(shipped,0,3)"
    await balanced(conn)


async def test_what_stays_behind_is_released_and_what_has_left_is_not(conn: Connection) -> None:
    await stock_up(conn, "TEA", 9, weight_g=500)
    first, _ = await released(conn, ("TEA", 3))
    await leaves(conn, first)
    await stock.release(conn, "web-1", NOON, "web-1#9", "cancelled")
    assert await counter(conn, "TEA") == (7, 0)
    assert await orders.lacking(conn, "web-1") == {"TEA": 1}
    await balanced(conn)


async def test_what_ships_later_is_set_aside_in_addition_and_gets_parcels_of_its_own(conn: Connection) -> None:
    await stock_up(conn, "TEA", 2, weight_g=100)
    await orders.record(conn, an_order("web-1", ("TEA", 5)), status="shortage", at=NOON)
    part = await stock_again.reserve(conn, "web-1", NOON, "web-1#1", partly=True)
    assert [(line.wanted, line.available) for line in part.short] == [(5, 2)]
    assert await pick_plan.create(conn, "web-1", NOON) == (("web-1-P1", "SZ"),)
    later = {"TEA": 3}
    assert (await stock_again.reserve(conn, "web-1", NOON, "web-1#2", later=later)).short == ()
    assert (await stock_again.reserve(conn, "web-1", NOON, "web-1#3")).short[0].wanted == 3
    await stock.put_stock(conn, "SZ", "TEA", delta=3, at=NOON, key="fed")
    assert (await stock_again.reserve(conn, "web-1", NOON, "web-1#4")).short == ()
    assert await pick_plan.create(conn, "web-1", NOON) == (("web-1-P2", "SZ"),)
    assert await contents(conn) == {"web-1-P1": {"TEA": 2}, "web-1-P2": {"TEA": 3}}
    assert await counter(conn, "TEA") == (5, 5)
    await leaves(conn, "web-1-P1")
    assert await counter(conn, "TEA") == (3, 3)
    await balanced(conn)


async def test_lines_that_were_taken_out_or_replaced_are_what_the_order_lacks(conn: Connection) -> None:
    await stock_up(conn, "TEA", 9)
    order = an_order("web-1", ("TEA", 2), ("CUP", 1))
    await orders.record(conn, order, status="shortage", at=NOON)
    left = Line(line_no=1, sku="TEA", quantity=1, unit_price=1000)
    new = (left, Line(line_no=3, sku="BOWL", quantity=2, unit_price=5))
    await orders.amend(conn, order.model_copy(update={"lines": new, "total": 1010}))
    assert await orders.lacking(conn, "web-1") == {"BOWL": 2, "TEA": 1}
    assert await value(conn, "SELECT total FROM orders") == 1010


async def test_a_parcel_that_fell_short_lets_go_its_own_goods_only(conn: Connection) -> None:
    await stock_up(conn, "TEA", 9, weight_g=500)
    await released(conn, ("TEA", 3))
    await pick_tasks.short(conn, "web-1-T2", "TEA", 1, by=PICKER, at=NOON)
    assert await parcels.give_up(conn, "web-1-T2") == ("web-1-P2", {"TEA": 1})
    assert await parcels.give_up(conn, "web-1-T2") is None
    for _ in range(2):
        await stock_out.let_go(conn, "web-1-P2", NOON)
        await stock_out.write_off_shorts(conn, "web-1", NOON)
    assert await counter(conn, "TEA") == (8, 2)
    await balanced(conn)


async def test_the_warehouse_is_told_once_what_goes_back_into_which_bin(conn: Connection) -> None:
    await stock_up(conn, "TEA", 9, weight_g=100)
    await released(conn, ("TEA", 3))
    await picked(conn, "web-1-T1", "TEA", "TEA")
    for _ in range(2):
        await put_back.tell(conn, "web-1", NOON)
    told = "SELECT string_agg(department || ': ' || text, '; ') FROM alerts"
    assert await value(conn, told) == "warehouse: 歸位 put back web-1-T1 in SZ: 2 × TEA → A-01"


async def test_a_picked_parcel_is_split_and_each_part_leaves_by_itself(conn: Connection) -> None:
    await stock_up(conn, "TEA", 9, weight_g=100)
    await stock_up(conn, "CUP", 9, weight_g=200)
    await released(conn, ("TEA", 3), ("CUP", 1))
    await picked(conn, "web-1-T1", "TEA", "TEA", "TEA", "CUP")
    made = [
        await parcel_split.split(conn, "web-1-T1", {"TEA": 1, "CUP": 1}, by=PICKER, at=NOON, key="k") for _ in range(2)
    ]
    assert made[0] == made[1], "the same key splits once"
    assert (made[0].new_parcel_no, made[0].task_no) == ("web-1-P2", "web-1-T2")
    assert await contents(conn) == {"web-1-P1": {"TEA": 2}, "web-1-P2": {"TEA": 1, "CUP": 1}}
    first, second = await parcels.of_order(conn, "web-1")
    assert (first["weight_g"], first["value_minor"]) == (200, 2000)
    assert (second["weight_g"], second["value_minor"]) == (300, 2000)
    for task, barcodes in (("web-1-T1", ["TEA", "TEA"]), ("web-1-T2", ["TEA", "CUP"])):
        await pick_tasks.recheck(conn, task, barcodes, packaging="standard", weight_g=0, by=RECHECKER, at=NOON)
    await leaves(conn, "web-1-P2")
    assert (await counter(conn, "TEA"), await counter(conn, "CUP")) == ((8, 2), (8, 0))
    assert await value(conn, "SELECT on_hand FROM stock_lots WHERE sku = 'TEA'") == 8
    await balanced(conn)


@pytest.mark.parametrize("goods", [{"TEA": 4}, {"TEA": 3}, {"CUP": 1}])
async def test_a_split_takes_what_is_there_and_leaves_something(conn: Connection, goods: dict[str, int]) -> None:
    await stock_up(conn, "TEA", 9, weight_g=100)
    await released(conn, ("TEA", 3))
    await picked(conn, "web-1-T1", "TEA", "TEA", "TEA")
    with pytest.raises(CannotSplit):
        await parcel_split.split(conn, "web-1-T1", goods, by=PICKER, at=NOON, key="k")
    assert await value(conn, "SELECT count(*) FROM parcels") == 1


async def test_a_parcel_that_is_still_being_picked_is_not_split(conn: Connection) -> None:
    await stock_up(conn, "TEA", 9, weight_g=100)
    await released(conn, ("TEA", 3))
    with pytest.raises(NotWaitingForThis):
        await parcel_split.split(conn, "web-1-T1", {"TEA": 1}, by=PICKER, at=NOON, key="k")
