"""Pick tasks are made from what is reserved; scans, shorts and rechecks are checked and counted (R8 to R10)."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import pytest

from domain.errors import AlreadyClaimed, NotAllowed, NotWaitingForThis
from domain.picking import Scan, WrongContents, WrongPackaging
from models.base import Actor
from models.state import ParcelState
from store import orders, parcels, pick_plan, pick_tasks, stock, stock_out
from store.errors import UnknownTask
from store.pool import Connection, Pool
from tests.fixtures.orders import NOON, PICKER, RECHECKER, an_order, counter, stock_up, value

TASK, PARCEL = "web-1-T1", "web-1-P1"


async def released(conn: Connection, number: str, *lines: tuple[str, int]) -> tuple[tuple[str, str], ...]:
    """An order with its goods reserved and its pick tasks made."""
    await orders.record(conn, an_order(number, *lines), status="picking", at=NOON)
    assert not (await stock.reserve(conn, number, lines, NOON, number)).short
    return await pick_plan.create(conn, number, NOON)


async def picked(conn: Connection, pieces: int, barcode: str = "TEA") -> None:
    for _ in range(pieces):
        answer = await pick_tasks.scan(conn, TASK, Scan("A-01", barcode), by=PICKER, at=NOON)
        assert answer.verdict == "right"


async def lines_of(conn: Connection, task_no: str) -> list[tuple[str, str | None, str, int]]:
    cursor = await conn.execute(
        "SELECT sku, lot, bin, quantity FROM pick_lines WHERE task_no = %s ORDER BY line_no", (task_no,)
    )
    return [(row["sku"], row["lot"], row["bin"], row["quantity"]) for row in await cursor.fetchall()]


async def test_each_warehouse_gets_a_task_and_a_parcel_with_its_lines(conn: Connection) -> None:
    await stock_up(conn, "TEA", 3, warehouse="A", weight_g=200)
    await stock_up(conn, "TEA", 2, warehouse="B", weight_g=200)
    assert await released(conn, "web-1", ("TEA", 2), ("TEA", 3)) == (("web-1-P1", "A"), ("web-1-P2", "B"))
    cursor = await conn.execute("SELECT parcel_no, line_no, quantity FROM parcel_lines ORDER BY parcel_no, line_no")
    contents = [tuple(row.values()) for row in await cursor.fetchall()]
    assert contents == [("web-1-P1", 1, 2), ("web-1-P1", 2, 1), ("web-1-P2", 2, 2)]
    first, second = await parcels.of_order(conn, "web-1")
    assert (first["weight_g"], first["value_minor"]) == (600, 3000)
    assert (second["weight_g"], second["value_minor"]) == (400, 2000)


async def test_lots_are_taken_first_expired_first_and_never_expired(conn: Connection) -> None:
    await stock_up(conn, "TEA", 5, lot="OLD", bin="A-01", expires_on=date(2029, 12, 31))
    await stock_up(conn, "TEA", 5, lot="LATE", bin="A-02", expires_on=date(2031, 1, 1))
    await stock_up(conn, "TEA", 5, lot="SOON", bin="A-03", expires_on=date(2030, 2, 1))
    await released(conn, "web-1", ("TEA", 7))
    assert await lines_of(conn, TASK) == [("TEA", "LATE", "A-02", 2), ("TEA", "SOON", "A-03", 5)]


async def test_two_tasks_do_not_count_on_the_same_pieces_of_a_lot(conn: Connection) -> None:
    await stock_up(conn, "TEA", 2, lot="SOON", bin="A-01", expires_on=date(2030, 2, 1))
    await stock_up(conn, "TEA", 2, lot="LATE", bin="A-02", expires_on=date(2031, 1, 1))
    await released(conn, "web-1", ("TEA", 2))
    await released(conn, "web-2", ("TEA", 2))
    assert await lines_of(conn, "web-2-T1") == [("TEA", "LATE", "A-02", 2)]


async def test_a_right_scan_is_one_piece_and_the_last_one_ends_the_picking(conn: Connection) -> None:
    await stock_up(conn, "TEA", 5)
    await released(conn, "web-1", ("TEA", 2))
    answers = [await pick_tasks.scan(conn, TASK, Scan("A-01", "TEA"), by=PICKER, at=NOON) for _ in range(2)]
    assert [(answer.verdict, answer.remaining, answer.state) for answer in answers] == [
        ("right", 1, "picking"),
        ("right", 0, "picked"),
    ]


async def test_a_wrong_scan_says_what_was_expected_and_is_counted(conn: Connection) -> None:
    await stock_up(conn, "TEA", 5, lot="L1", expires_on=date(2031, 1, 1))
    await released(conn, "web-1", ("TEA", 1))
    answer = await pick_tasks.scan(conn, TASK, Scan("A-01", "TEA", "L9"), by=PICKER, at=NOON)
    assert answer.verdict == "wrong"
    assert answer.expected == {"bin": "A-01", "sku": "TEA", "lot": "L1", "fault": "another lot goes out first"}
    assert answer.remaining == 1
    assert await value(conn, "SELECT count(*) FROM scans WHERE verdict = 'wrong'") == 1


async def test_a_scan_sent_twice_counts_one_piece(conn: Connection) -> None:
    await stock_up(conn, "TEA", 5)
    await released(conn, "web-1", ("TEA", 2))
    for _ in range(2):
        answer = await pick_tasks.scan(conn, TASK, Scan("A-01", "TEA"), by=PICKER, at=NOON, key="scan-1")
        assert (answer.verdict, answer.remaining, answer.state) == ("right", 1, "picking")


async def test_two_handhelds_on_one_piece_pick_it_once(pool: Pool, conn: Connection) -> None:
    await stock_up(conn, "TEA", 5)
    await released(conn, "web-1", ("TEA", 1))

    async def one() -> str:
        async with pool.connection() as writing:
            return (await pick_tasks.scan(writing, TASK, Scan("A-01", "TEA"), by=PICKER, at=NOON)).verdict

    answers = await asyncio.gather(*(one() for _ in range(6)), return_exceptions=True)
    assert answers.count("right") == 1
    assert all(isinstance(answer, NotWaitingForThis) for answer in answers if answer != "right")


async def test_the_first_scan_claims_the_task(conn: Connection) -> None:
    await stock_up(conn, "TEA", 5)
    await released(conn, "web-1", ("TEA", 2))
    await picked(conn, 1)
    with pytest.raises(AlreadyClaimed):
        await pick_tasks.scan(conn, TASK, Scan("A-01", "TEA"), by=RECHECKER, at=NOON)
    assert await value(conn, "SELECT count(*) FROM scans") == 1


async def test_a_scan_of_a_task_nobody_knows_is_refused(conn: Connection) -> None:
    with pytest.raises(UnknownTask):
        await pick_tasks.scan(conn, "web-9-T1", Scan("A-01", "TEA"), by=PICKER, at=NOON)


async def test_the_picker_may_not_recheck(conn: Connection) -> None:
    await stock_up(conn, "TEA", 5)
    await released(conn, "web-1", ("TEA", 1))
    await picked(conn, 1)
    with pytest.raises(NotAllowed):
        await pick_tasks.recheck(conn, TASK, ["TEA"], packaging="standard", weight_g=0, by=PICKER, at=NOON)
    assert await value(conn, "SELECT state FROM pick_tasks") == "picked"


@pytest.mark.parametrize("barcodes", [["TEA"], ["TEA", "TEA", "TEA"], ["TEA", "CUP"]])
async def test_a_recheck_that_counts_something_else_is_refused(conn: Connection, barcodes: list[str]) -> None:
    await stock_up(conn, "TEA", 5)
    await released(conn, "web-1", ("TEA", 2))
    await picked(conn, 2)
    with pytest.raises(WrongContents):
        await pick_tasks.recheck(conn, TASK, barcodes, packaging="standard", weight_g=0, by=RECHECKER, at=NOON)
    assert await value(conn, "SELECT state FROM parcels") == "to_pick"


async def test_fragile_goods_need_reinforced_packaging(conn: Connection) -> None:
    await stock_up(conn, "CUP", 5, fragile=True)
    await released(conn, "web-1", ("CUP", 1))
    await picked(conn, 1, "CUP")
    with pytest.raises(WrongPackaging):
        await pick_tasks.recheck(conn, TASK, ["CUP"], packaging="standard", weight_g=0, by=RECHECKER, at=NOON)
    done = await pick_tasks.recheck(conn, TASK, ["CUP"], packaging="reinforced", weight_g=450, by=RECHECKER, at=NOON)
    assert (done.parcel_no, done.picker, done.weight_g) == (PARCEL, PICKER.id, 450)


async def test_a_recheck_told_twice_packs_once(conn: Connection) -> None:
    await stock_up(conn, "TEA", 5, weight_g=100)
    await released(conn, "web-1", ("TEA", 1))
    await picked(conn, 1)
    for _ in range(2):
        await pick_tasks.recheck(conn, TASK, ["TEA"], packaging="standard", weight_g=0, by=RECHECKER, at=NOON)
    (parcel,) = await parcels.of_order(conn, "web-1")
    assert (parcel["state"], parcel["packaging"], parcel["weight_g"]) == ("packed", "standard", 100)
    assert await value(conn, "SELECT count(*) FROM audit_entries WHERE act = 'task_packed'") == 1


async def test_a_task_that_is_not_picked_is_not_rechecked(conn: Connection) -> None:
    await stock_up(conn, "TEA", 5)
    await released(conn, "web-1", ("TEA", 1))
    with pytest.raises(NotWaitingForThis):
        await pick_tasks.recheck(conn, TASK, ["TEA"], packaging="standard", weight_g=0, by=RECHECKER, at=NOON)


async def test_a_short_pick_ends_the_task_and_the_missing_pieces_leave_the_books(conn: Connection) -> None:
    await stock_up(conn, "TEA", 5)
    await released(conn, "web-1", ("TEA", 5))
    await picked(conn, 3)
    for _ in range(2):
        assert await pick_tasks.short(conn, TASK, "TEA", 2, by=PICKER, at=NOON) == "web-1"
    await stock.release(conn, "web-1", NOON, "web-1#9", "short_pick")
    for _ in range(2):
        await stock_out.write_off_shorts(conn, "web-1", NOON)
    assert await counter(conn, "TEA") == (3, 0)
    assert await value(conn, "SELECT on_hand FROM stock_lots") == 3
    assert (await stock.reserve(conn, "web-1", [("TEA", 5)], NOON, "web-1#10")).short[0].available == 3


async def test_a_short_pick_does_not_take_what_other_orders_hold(conn: Connection) -> None:
    await stock_up(conn, "TEA", 5)
    await released(conn, "web-1", ("TEA", 2))
    await released(conn, "web-2", ("TEA", 3))
    await pick_tasks.short(conn, TASK, "TEA", 2, by=PICKER, at=NOON)
    await stock_out.write_off_shorts(conn, "web-1", NOON)
    assert await counter(conn, "TEA") == (5, 5)


@pytest.mark.parametrize(("sku", "missing"), [("TEA", 3), ("CUP", 1)])
async def test_no_more_can_be_short_than_is_still_to_be_picked(conn: Connection, sku: str, missing: int) -> None:
    await stock_up(conn, "TEA", 5)
    await released(conn, "web-1", ("TEA", 2))
    with pytest.raises(NotWaitingForThis):
        await pick_tasks.short(conn, TASK, sku, missing, by=PICKER, at=NOON)
    assert await value(conn, "SELECT state FROM pick_tasks") == "open"


async def test_a_cancelled_task_cannot_be_picked(conn: Connection) -> None:
    await stock_up(conn, "TEA", 5)
    await released(conn, "web-1", ("TEA", 2))
    assert await pick_tasks.cancel(conn, "web-1", at=NOON) == 1
    with pytest.raises(NotWaitingForThis):
        await pick_tasks.scan(conn, TASK, Scan("A-01", "TEA"), by=PICKER, at=NOON)


async def test_a_second_round_of_picking_has_numbers_of_its_own(conn: Connection) -> None:
    await stock_up(conn, "TEA", 5)
    await released(conn, "web-1", ("TEA", 2))
    await pick_tasks.cancel(conn, "web-1", at=NOON)
    await parcels.cancel(conn, "web-1")
    assert await pick_plan.create(conn, "web-1", NOON) == (("web-1-P2", "SZ"),)


async def test_when_a_parcel_leaves_its_goods_leave_counter_and_lot_once(conn: Connection) -> None:
    await stock_up(conn, "TEA", 5, lot="L1")
    await released(conn, "web-1", ("TEA", 2))
    for _ in range(2):
        await pick_tasks.scan(conn, TASK, Scan("A-01", "TEA", "L1"), by=PICKER, at=NOON)
    for number, state in enumerate((ParcelState.HANDED_OVER, ParcelState.OUT_FOR_DELIVERY, ParcelState.SIGNED)):
        has_left = await parcels.move(conn, PARCEL, state, f"e{number}", "0", NOON + timedelta(hours=number))
        assert has_left is (number == 0)
        await stock_out.ship(conn, PARCEL, NOON)
    assert await counter(conn, "TEA") == (3, 0)
    assert await value(conn, "SELECT on_hand FROM stock_lots") == 3
    (parcel,) = await parcels.of_order(conn, "web-1")
    assert (parcel["handed_over_at"], parcel["signed_at"]) == (NOON, NOON + timedelta(hours=2))


async def test_the_first_signature_counts(conn: Connection) -> None:
    await stock_up(conn, "TEA", 5)
    await released(conn, "web-1", ("TEA", 1))
    for hour in (1, 2):
        await parcels.move(conn, PARCEL, ParcelState.SIGNED, f"e{hour}", "3", NOON + timedelta(hours=hour))
    (parcel,) = await parcels.of_order(conn, "web-1")
    assert parcel["signed_at"] == NOON + timedelta(hours=1)


async def test_cash_at_the_door_is_asked_for_with_the_first_parcel_only(conn: Connection) -> None:
    await stock_up(conn, "TEA", 1, warehouse="A")
    await stock_up(conn, "TEA", 1, warehouse="B")
    await released(conn, "web-1", ("TEA", 2))
    await conn.execute("UPDATE orders SET payment_method = 'cod'")
    asked = []
    for number in ("web-1-P1", "web-1-P2"):
        parcel = await parcels.to_book(conn, number)
        assert parcel is not None
        asked.append(parcel.collect)
        await parcels.book(
            conn, number, carrier="SF", tracking_no=number, insured=False, choice={}, collect=parcel.collect, at=NOON
        )
    assert asked == [2000, 0]


async def test_only_bookings_of_parcels_that_are_still_here_are_to_be_voided(conn: Connection) -> None:
    await stock_up(conn, "TEA", 1, warehouse="A")
    await stock_up(conn, "TEA", 1, warehouse="B")
    await released(conn, "web-1", ("TEA", 2))
    for number in (1, 2):
        await parcels.book(
            conn,
            f"web-1-P{number}",
            carrier="SF",
            tracking_no=f"SF{number}",
            insured=False,
            choice={},
            collect=0,
            at=NOON,
        )
    await parcels.move(conn, "web-1-P1", ParcelState.HANDED_OVER, "e1", "1", NOON)
    assert await parcels.cancel(conn, "web-1") == (("SF", "SF2"),)


async def test_the_moves_of_a_task_are_on_record_with_who_made_them(conn: Connection) -> None:
    await stock_up(conn, "TEA", 5)
    await released(conn, "web-1", ("TEA", 2))
    await picked(conn, 2)
    second = Actor(id="rechecker-9", role="warehouse")
    await pick_tasks.recheck(conn, TASK, ["TEA", "TEA"], packaging="standard", weight_g=0, by=second, at=NOON)
    cursor = await conn.execute("SELECT act, actor FROM audit_entries WHERE subject = 'task:web-1-T1' ORDER BY id")
    assert [tuple(row.values()) for row in await cursor.fetchall()] == [
        ("task_picking", PICKER.id),
        ("task_picked", PICKER.id),
        ("task_packed", "rechecker-9"),
    ]
