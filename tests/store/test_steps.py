"""A step happens once, whole or not at all, however often Temporal runs it (R23, DESIGN 7)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from domain.deadlines import DeadlineId
from domain.order_status import OrderStatus
from models.base import Message, clock_actor
from models.steps import ClockRow
from store import alerts, deadlines, notices, orders, steps
from store.errors import UnknownOrder
from store.pool import Connection, Pool
from tests.fixtures.orders import NOON, a_step, an_order, value


class Counted(Message):
    """The result of an effect that counts its runs."""

    runs: int


def clock(deadline: DeadlineId, hours: int) -> ClockRow:
    return ClockRow(id=deadline, started=NOON, due=NOON + timedelta(hours=hours))


@pytest.fixture
async def order_no(pool: Pool) -> str:
    """An order that took its first step: it waits for payment under T1."""
    async with pool.connection() as conn:
        step = a_step("web-1", 1, "order_recorded", clocks=(clock(DeadlineId.T1, 24),))
        await steps.take(conn, step, lambda: orders.record(conn, an_order(), status="awaiting_payment", at=NOON))
    return "web-1"


async def test_a_second_run_of_a_step_has_no_effect_and_the_same_answer(pool: Pool, order_no: str) -> None:
    runs = 0

    async def effect() -> Counted:
        nonlocal runs
        runs += 1
        return Counted(runs=runs)

    for _ in range(3):
        async with pool.connection() as conn:
            assert await steps.once(conn, a_step(order_no, 2), Counted, effect) == Counted(runs=1)
    async with pool.connection() as conn:
        assert await value(conn, "SELECT count(*) FROM audit_entries WHERE order_no = %s", order_no) == 2


async def test_two_workers_running_one_step_at_once_have_one_effect(pool: Pool, order_no: str) -> None:
    async def run() -> Counted:
        async with pool.connection() as conn:

            async def effect() -> Counted:
                await conn.execute(
                    "INSERT INTO alerts (at, department, kind, text, key)"
                    " VALUES (now(), 'd', 'k', 't', gen_random_uuid()::text)"
                )
                return Counted(runs=await value(conn, "SELECT count(*) FROM alerts"))

            return await steps.once(conn, a_step(order_no, 2), Counted, effect)

    answers = await asyncio.gather(*(run() for _ in range(8)))
    assert answers == [Counted(runs=1)] * 8


async def test_an_effect_that_fails_leaves_no_trace(pool: Pool, conn: Connection, order_no: str) -> None:
    async def effect() -> None:
        async with pool.connection() as other:
            await other.execute("SELECT 1")
        raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError):
        async with pool.connection() as writing:
            await steps.take(
                writing, a_step(order_no, 2, before=OrderStatus.AWAITING_PAYMENT, after=OrderStatus.PAID), effect
            )
    assert (await orders.row_of(conn, order_no))["status"] == "awaiting_payment"
    assert await value(conn, "SELECT count(*) FROM audit_entries WHERE step_key = 'order:web-1#2'") == 0
    assert await value(conn, "SELECT count(*) FROM notices") == 0


async def test_the_row_carries_the_time_of_the_workflow(conn: Connection, order_no: str) -> None:
    row = await orders.row_of(conn, order_no)
    assert (row["recorded_at"], row["updated_at"]) == (NOON, NOON + timedelta(minutes=1))
    assert row["due_at"] == NOON + timedelta(hours=24)


async def test_a_clock_that_is_no_longer_running_was_met(conn: Connection, order_no: str) -> None:
    paid = a_step(order_no, 2, "payment_complete", before=OrderStatus.AWAITING_PAYMENT, after=OrderStatus.PAID)
    await steps.take(conn, paid)
    (row,) = await deadlines.of_order(conn, order_no)
    assert (row["deadline"], row["state"], row["ended_at"]) == ("T1", "met", paid.at)
    assert (await orders.row_of(conn, order_no))["due_at"] is None


async def test_a_clock_that_passed_is_on_record_and_told_to_its_department(conn: Connection, order_no: str) -> None:
    reviewing = a_step(order_no, 2, clocks=(clock(DeadlineId.T2, 1), clock(DeadlineId.T3, 2)))
    await steps.take(conn, reviewing)
    reminded = a_step(
        order_no, 3, "review_reminded", by=clock_actor("T2"), passed=(DeadlineId.T2,), clocks=(clock(DeadlineId.T3, 2),)
    )
    await steps.take(conn, reminded)
    states = {row["deadline"]: row["state"] for row in await deadlines.of_order(conn, order_no)}
    assert states == {"T1": "met", "T2": "passed", "T3": "running"}
    assert [(row["kind"], row["department"]) for row in await alerts.unseen(conn)] == [("T2", "reviewer")]


async def test_a_deadline_nobody_has_to_act_on_raises_no_alert(conn: Connection, order_no: str) -> None:
    await steps.take(conn, a_step(order_no, 2, by=clock_actor("T1"), passed=(DeadlineId.T1,)))
    assert [row["state"] for row in await deadlines.of_order(conn, order_no)] == ["passed"]
    assert await alerts.unseen(conn) == []


async def test_a_waived_deadline_is_on_record_as_waived(conn: Connection, order_no: str) -> None:
    await steps.take(conn, a_step(order_no, 2, "deadline_waived", details={"deadline": DeadlineId.T1}))
    assert [row["state"] for row in await deadlines.of_order(conn, order_no)] == ["waived"]


async def test_a_clock_that_starts_again_runs_again(conn: Connection, order_no: str) -> None:
    await steps.take(conn, a_step(order_no, 2, clocks=()))
    await steps.take(conn, a_step(order_no, 3, clocks=(clock(DeadlineId.T1, 30),)))
    (row,) = await deadlines.of_order(conn, order_no)
    assert (row["state"], row["due_at"], row["ended_at"]) == ("running", NOON + timedelta(hours=30), None)


async def test_a_step_that_comes_late_is_recorded_but_does_not_turn_the_row_back(
    conn: Connection, order_no: str
) -> None:
    held = a_step(order_no, 3, "held", held="power cut", clocks=(clock(DeadlineId.T1, 24),))
    await steps.take(conn, held)
    await steps.take(conn, a_step(order_no, 2, "carrier_booked"))
    row = await orders.row_of(conn, order_no)
    assert (row["step_seq"], row["held"]) == (3, "power cut")
    assert [entry["state"] for entry in await deadlines.of_order(conn, order_no)] == ["running"]
    assert await value(conn, "SELECT count(*) FROM audit_entries WHERE act = 'carrier_booked'") == 1


async def test_a_step_beside_the_order_leaves_its_row_alone(conn: Connection, order_no: str) -> None:
    beside = a_step(order_no, 9, "late_payment_captured", series="late:evt_1:", before=None, after=None)
    await steps.take(conn, beside)
    row = await orders.row_of(conn, order_no)
    assert (row["step_seq"], row["status"]) == (1, "awaiting_payment")
    assert await value(conn, "SELECT step_key FROM audit_entries WHERE act = %s", beside.act) == beside.step_key


async def test_a_step_of_an_order_that_is_not_recorded_is_refused(conn: Connection) -> None:
    with pytest.raises(UnknownOrder):
        await steps.take(conn, a_step("web-404", 1))
    assert await value(conn, "SELECT count(*) FROM audit_entries") == 0


async def test_a_status_that_changed_is_told_to_the_channel_without_the_person(conn: Connection, order_no: str) -> None:
    await steps.take(conn, a_step(order_no, 2, before=OrderStatus.AWAITING_PAYMENT, after=OrderStatus.PAID))
    (notice,) = await notices.pending(conn, "web", NOON, 10)
    assert notice.body == {
        "order_no": "web-1",
        "channel_order_id": "1",
        "sequence": 1,
        "status": "paid",
        "status_zh": "已付款",
        "payment_status": "unpaid",
        "changed_at": (NOON + timedelta(minutes=2)).isoformat(),
        "parcels": [],
    }


async def test_nothing_is_told_when_nothing_the_channel_shows_has_changed(conn: Connection, order_no: str) -> None:
    await steps.take(conn, a_step(order_no, 2, before=OrderStatus.AWAITING_PAYMENT, after=OrderStatus.PAID))
    standing = OrderStatus.PAID
    await steps.take(conn, a_step(order_no, 3, standing=standing))
    await steps.take(conn, a_step(order_no, 4, standing=standing), tell=True)
    assert await value(conn, "SELECT count(*) FROM notices") == 1


async def test_a_notice_is_heard_by_whoever_listens(pool: Pool, conn: Connection, order_no: str) -> None:
    await conn.execute("LISTEN notices")
    async with pool.connection() as writing:
        await steps.take(writing, a_step(order_no, 2, before=OrderStatus.AWAITING_PAYMENT, after=OrderStatus.PAID))
    assert [heard.payload async for heard in conn.notifies(timeout=5, stop_after=1)] == ["web"]
