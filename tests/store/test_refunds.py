"""Refunds on record: never more than was paid, in money or in pieces, and four eyes (accident 6, R16)."""

from __future__ import annotations

import asyncio

import psycopg
import pytest

from domain.errors import MoreThanLeft
from models.base import SYSTEM, Actor
from models.refunds import AskRefund, MoveRefund, RefundState
from store import orders, payments, refunds
from store.pool import Connection, Pool
from tests.fixtures.orders import NOON, a_capture, a_step, an_order, value

NO = "web-1"
CLERK = Actor(id="service-1", role="customer_service")
BOSS = Actor(id="finance-1", role="finance")
LIMITS = {"CNY": 1_500}


@pytest.fixture
async def paid(conn: Connection) -> Connection:
    """Two pieces of TEA for CNY 20.00, paid."""
    await orders.record(conn, an_order(NO, ("TEA", 2)), status="signed", at=NOON)
    await payments.book(conn, NO, a_capture(NO, 2000))
    return conn


def asking(refund_id: str, amount: int, *, by: Actor = CLERK, pieces: int = 0) -> AskRefund:
    lines = ((1, pieces),) if pieces else ()
    step = a_step(NO, 5, act="refund_asked", by=by, cause=refund_id)
    return AskRefund(step=step, refund_id=refund_id, amount=amount, lines=lines)


def moving(refund_id: str, to: RefundState, amount: int, act: str, *, by: Actor = BOSS) -> MoveRefund:
    step = a_step(NO, 6, act=act, by=by)
    return MoveRefund(step=step, refund_id=refund_id, to=to, amount=amount, key=f"{refund_id}:1")


async def test_a_small_refund_is_ordered_in_the_ledger_at_once(paid: Connection) -> None:
    assert not (await refunds.ask(paid, asking("R1", 1_000, pieces=1), LIMITS)).waits
    assert await value(paid, "SELECT refunding FROM payments") == 1_000
    assert await value(paid, "SELECT refunded_quantity FROM order_lines") == 1


async def test_the_same_refund_asked_twice_is_one(paid: Connection) -> None:
    for _ in range(2):
        await refunds.ask(paid, asking("R1", 1_000, pieces=1), LIMITS)
    assert await value(paid, "SELECT refunding FROM payments") == 1_000
    assert await value(paid, "SELECT refunded_quantity FROM order_lines") == 1


async def test_a_refund_over_the_limit_moves_no_money_until_somebody_else_approves(paid: Connection) -> None:
    assert (await refunds.ask(paid, asking("R1", 2_000), LIMITS)).waits
    assert await value(paid, "SELECT refunding FROM payments") == 0
    assert await value(paid, "SELECT kind FROM alerts WHERE department = 'finance'") == "refund_waits"
    await refunds.move(paid, moving("R1", RefundState.ORDERED, 2_000, "refund_approved"))
    assert await value(paid, "SELECT refunding FROM payments") == 2_000
    assert await value(paid, "SELECT decided_by FROM refunds") == BOSS.id


async def test_the_database_lets_nobody_approve_their_own_refund(paid: Connection) -> None:
    await refunds.ask(paid, asking("R1", 2_000), LIMITS)
    with pytest.raises(psycopg.errors.CheckViolation):
        await refunds.move(paid, moving("R1", RefundState.ORDERED, 2_000, "refund_approved", by=CLERK))


async def test_a_large_refund_cut_into_small_ones_still_needs_a_second_person(paid: Connection) -> None:
    assert not (await refunds.ask(paid, asking("R1", 1_000), LIMITS)).waits
    assert (await refunds.ask(paid, asking("R2", 1_000), LIMITS)).waits


async def test_of_a_currency_without_a_limit_every_refund_waits(paid: Connection) -> None:
    assert (await refunds.ask(paid, asking("R1", 1), {})).waits


async def test_the_system_owes_what_it_owes_without_a_second_person(paid: Connection) -> None:
    assert not (await refunds.ask(paid, asking("R1", 2_000, by=SYSTEM), LIMITS)).waits


async def test_what_waits_for_a_second_person_is_not_promised_twice(paid: Connection) -> None:
    await refunds.ask(paid, asking("R1", 2_000), LIMITS)
    with pytest.raises(MoreThanLeft):
        await refunds.ask(paid, asking("R2", 1), LIMITS)


async def test_a_declined_refund_gives_its_pieces_free(paid: Connection) -> None:
    await refunds.ask(paid, asking("R1", 2_000, pieces=2), LIMITS)
    await refunds.move(paid, moving("R1", RefundState.DECLINED, 2_000, "refund_declined", by=CLERK))
    assert await value(paid, "SELECT refunded_quantity FROM order_lines") == 0
    assert await value(paid, "SELECT refunding FROM payments") == 0
    assert not (await refunds.ask(paid, asking("R2", 1_000, pieces=2), LIMITS)).waits


async def test_no_more_pieces_than_were_bought_whoever_asks_how_often(paid: Connection) -> None:
    await refunds.ask(paid, asking("R1", 100, pieces=2), LIMITS)
    with pytest.raises(MoreThanLeft):
        async with paid.transaction():
            await refunds.ask(paid, asking("R2", 100, pieces=1), LIMITS)
    assert await value(paid, "SELECT count(*) FROM refunds") == 1


async def test_twenty_refunds_at_once_give_back_no_more_than_was_captured(pool: Pool, paid: Connection) -> None:
    await paid.commit()

    async def one(number: int) -> bool:
        async with pool.connection() as conn:
            try:
                await refunds.ask(conn, asking(f"R{number}", 300, by=SYSTEM), LIMITS)
            except MoreThanLeft:
                await conn.rollback()
                return False
            return True

    won = await asyncio.gather(*(one(number) for number in range(20)))
    assert sum(won) == 6
    assert await value(paid, "SELECT refunding FROM payments") == 1_800
