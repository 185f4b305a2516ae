"""Each invariant broken by hand is named, repaired, on record, and gone (accident 9)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from domain.sweep import GRACE, MEANINGS, Difference, Repair
from models.base import Actor
from models.sweep import SweepSummary
from runtime.crypto import Vault, vault_of
from runtime.settings import Settings
from store import audit, payments, sweep, sweep_repairs
from store.pool import Connection, Pool, Row
from store.sweep_repairs import Bench, NoLongerDiffers, NoSafeRepair, Order, RepairDidNotHelp
from tests.fixtures.orders import a_capture, counter, stock_up, value
from tests.store.sweep_breaking import (
    BREAKS,
    LATER,
    a_bought_order,
    a_parcel,
    held_by_ended,
    ledger_drift,
    lots_drift,
    message_without_order,
    notice_waiting,
    paid_too_much,
    shipped_still_held,
    shipped_unpaid,
)

OPERATOR = Actor(id="operator-1", role="operations")


@pytest.fixture
def vault(database_url: str) -> Vault:
    return vault_of(Settings(database_url=database_url))


@pytest.fixture
async def bench(pool: Pool, vault: Vault) -> Bench:
    """Temporal is away: no repair may need it to come to an end."""
    return Bench(pool, await Client.connect("127.0.0.1:1", lazy=True, data_converter=pydantic_data_converter), vault)


async def sweeping(pool: Pool, at: datetime = LATER) -> SweepSummary:
    """One whole sweep of the books."""
    await sweep.check_books(pool, at, at - GRACE)
    async with pool.connection() as conn:
        return await sweep.conclude(conn, at, without_temporal=True)


async def listed(conn: Connection) -> list[Row]:
    return await sweep.open_differences(conn)


MENDED = [kind for kind in BREAKS if MEANINGS[kind].repair in sweep_repairs.MENDS]
BY_A_PERSON = [kind for kind in BREAKS if MEANINGS[kind].repair is None]


# --- what is found --------------------------------------------------------------------


async def test_a_healthy_shop_has_nothing_on_the_list(pool: Pool, conn: Connection) -> None:
    await stock_up(conn, "TEA", 10)
    await a_bought_order(pool)
    await a_bought_order(pool, "web-2", status="paid")
    await a_bought_order(pool, "web-3", status="shipped")
    await a_parcel(conn, "web-3")
    await conn.execute("UPDATE notices SET state = 'delivered'")
    summary = await sweeping(pool)
    assert (summary.opened, summary.open) == (0, {})
    assert await listed(conn) == []


@pytest.mark.parametrize("kind", BREAKS)
async def test_what_is_broken_by_hand_is_named_once_and_alone(
    pool: Pool, conn: Connection, vault: Vault, kind: Difference
) -> None:
    await stock_up(conn, "TEA", 10)
    await BREAKS[kind](pool, conn, vault)
    await sweeping(pool)
    summary = await sweeping(pool, LATER + timedelta(days=1))
    found = await listed(conn)
    assert [row["kind"] for row in found if row["kind"] == kind] == [kind], found
    assert (summary.opened, summary.open[kind]) == (0, 1), "the second night it is the same difference"
    assert found[0]["first_seen"] == LATER
    assert found[0]["last_seen"] == LATER + timedelta(days=1)


@pytest.mark.parametrize("kind", MENDED)
async def test_a_repair_mends_it_goes_on_record_and_the_next_sweep_finds_nothing(
    pool: Pool, conn: Connection, vault: Vault, bench: Bench, kind: Difference
) -> None:
    await stock_up(conn, "TEA", 10)
    await BREAKS[kind](pool, conn, vault)
    await sweeping(pool)
    (row,) = [row for row in await listed(conn) if row["kind"] == kind]
    done = await sweep_repairs.repair(bench, Order(row["id"], OPERATOR, "checked with the warehouse", LATER))
    assert done == MEANINGS[kind].repair
    entry = (await audit.page(conn, audit.Wanted(act="repaired")))[0]
    assert (entry["actor"], entry["why"]) == ("operator-1", "checked with the warehouse")
    assert (entry["order_no"], entry["details"]["repair"]) == (row["order_no"], done)
    assert entry["details"]["evidence"] == row["evidence"]
    closed = "SELECT resolution || ' by ' || resolved_by FROM sweep_differences WHERE id = %s"
    assert await value(conn, closed, row["id"]) == "repaired by operator-1"
    summary = await sweeping(pool, LATER + timedelta(days=1))
    assert kind not in summary.open, await listed(conn)


@pytest.mark.parametrize("kind", BY_A_PERSON)
async def test_what_needs_a_decision_is_not_repaired_and_says_what_to_do(
    pool: Pool, conn: Connection, vault: Vault, bench: Bench, kind: Difference
) -> None:
    await stock_up(conn, "TEA", 10)
    await BREAKS[kind](pool, conn, vault)
    await sweeping(pool)
    (row,) = [row for row in await listed(conn) if row["kind"] == kind]
    with pytest.raises(NoSafeRepair, match=MEANINGS[kind].suggestion[:20].replace("(", "\\(")):
        await sweep_repairs.repair(bench, Order(row["id"], OPERATOR, "please", LATER))
    assert await audit.page(conn, audit.Wanted(act="repaired")) == []
    assert kind in {row["kind"] for row in await listed(conn)}


async def test_released_goods_are_free_to_sell_again(pool: Pool, conn: Connection, vault: Vault, bench: Bench) -> None:
    await stock_up(conn, "TEA", 10)
    await held_by_ended(pool, conn, vault)
    assert await counter(conn, "TEA") == (10, 2)
    await repair_the_only(pool, conn, bench)
    assert await counter(conn, "TEA") == (10, 0)


async def test_a_booked_shipment_leaves_the_shelf(pool: Pool, conn: Connection, vault: Vault, bench: Bench) -> None:
    await stock_up(conn, "TEA", 10)
    await shipped_still_held(pool, conn, vault)
    await repair_the_only(pool, conn, bench)
    assert await counter(conn, "TEA") == (8, 0)


async def test_a_message_is_due_again_at_once(pool: Pool, conn: Connection, vault: Vault, bench: Bench) -> None:
    await message_without_order(pool, conn, vault)
    await repair_the_only(pool, conn, bench)
    row = await value(conn, "SELECT state || ' ' || last_error || ' ' || attempts FROM inbox")
    assert row == "received TemporalAway 1", "it was tried, and stays in the inbox for the Schedule"


async def test_a_waiting_notice_is_tried_again_at_once(
    pool: Pool, conn: Connection, vault: Vault, bench: Bench, database_url: str
) -> None:
    await stock_up(conn, "TEA", 10)
    await notice_waiting(pool, conn, vault)
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as ear:
        await ear.execute("LISTEN notices")
        await repair_the_only(pool, conn, bench)
        heard = [notice.payload async for notice in ear.notifies(timeout=5, stop_after=1)]
    assert heard == ["web"]
    assert await value(conn, "SELECT count(*) FROM notices WHERE next_attempt_at IS NOT NULL") == 0


async def repair_the_only(pool: Pool, conn: Connection, bench: Bench) -> Repair:
    await sweeping(pool)
    (row,) = await listed(conn)
    return await sweep_repairs.repair(bench, Order(row["id"], OPERATOR, "seen", LATER))


# --- what must not happen -------------------------------------------------------------


async def test_a_repair_that_the_shelf_forbids_changes_nothing(pool: Pool, conn: Connection, bench: Bench) -> None:
    await stock_up(conn, "TEA", 2)
    await a_bought_order(pool)
    await conn.execute("UPDATE reservations SET quantity = 3")
    await sweeping(pool)
    (row,) = await listed(conn)
    with pytest.raises(RepairDidNotHelp):
        await sweep_repairs.repair(bench, Order(row["id"], OPERATOR, "try", LATER))
    assert await counter(conn, "TEA") == (2, 2)
    assert await audit.page(conn, audit.Wanted(act="repaired")) == []
    assert len(await listed(conn)) == 1


async def test_the_ledger_is_not_bent_to_a_counter_that_orders_contradict(
    pool: Pool, conn: Connection, bench: Bench
) -> None:
    await stock_up(conn, "TEA", 10)
    await a_bought_order(pool)
    await conn.execute("UPDATE stock_items SET reserved = 5")
    await sweeping(pool)
    found = {row["kind"]: row["id"] for row in await listed(conn)}
    with pytest.raises(RepairDidNotHelp):
        await sweep_repairs.repair(bench, Order(found["ledger_drift"], OPERATOR, "try", LATER))
    await sweep_repairs.repair(bench, Order(found["reserved_drift"], OPERATOR, "first this", LATER))
    assert (await sweeping(pool, LATER + timedelta(days=1))).open == {}


async def test_a_difference_that_is_gone_is_not_repaired(pool: Pool, conn: Connection, bench: Bench) -> None:
    await stock_up(conn, "TEA", 10)
    await ledger_drift(pool, conn, bench.vault)
    await sweeping(pool)
    (row,) = await listed(conn)
    await conn.execute("UPDATE stock_items SET on_hand = 10")
    with pytest.raises(NoLongerDiffers):
        await sweep_repairs.repair(bench, Order(row["id"], OPERATOR, "late", LATER))
    summary = await sweeping(pool, LATER + timedelta(days=1))
    assert (summary.resolved, summary.open) == (1, {"lots_drift": 1})
    with pytest.raises(sweep.UnknownDifference):
        await sweep_repairs.repair(bench, Order(row["id"], OPERATOR, "later", LATER))


async def test_two_people_repairing_at_once_repair_once(
    pool: Pool, conn: Connection, vault: Vault, bench: Bench
) -> None:
    await stock_up(conn, "TEA", 10)
    await held_by_ended(pool, conn, vault)
    await sweeping(pool)
    (row,) = await listed(conn)
    order = Order(row["id"], OPERATOR, "both of us", LATER)
    answers = await asyncio.gather(*(sweep_repairs.repair(bench, order) for _ in range(2)), return_exceptions=True)
    assert sum(isinstance(answer, Repair) for answer in answers) == 1
    assert sum(isinstance(answer, sweep.UnknownDifference) for answer in answers) == 1
    assert len(await audit.page(conn, audit.Wanted(act="repaired"))) == 1


async def test_an_order_that_moved_a_minute_ago_is_left_for_the_next_sweep(
    pool: Pool, conn: Connection, vault: Vault
) -> None:
    await stock_up(conn, "TEA", 10)
    await held_by_ended(pool, conn, vault)
    await conn.execute("UPDATE notices SET state = 'delivered'")
    just_now = datetime.now(UTC) + timedelta(minutes=1)
    assert (await sweeping(pool, just_now)).open == {}
    assert (await sweeping(pool, just_now + GRACE)).open == {"held_by_ended": 1}


async def test_what_a_person_accepted_stays_closed_until_its_evidence_changes(
    pool: Pool, conn: Connection, vault: Vault
) -> None:
    await stock_up(conn, "TEA", 10)
    await shipped_unpaid(pool, conn, vault)
    await conn.execute("UPDATE notices SET state = 'delivered'")
    await sweeping(pool)
    (row,) = await listed(conn)
    async with pool.connection() as transaction:
        await sweep.accept(transaction, row["id"], by=OPERATOR, why="paid by bank transfer", at=LATER)
    assert (await sweeping(pool, LATER + timedelta(days=1))).open == {}
    entry = (await audit.page(conn, audit.Wanted(act="difference_accepted")))[0]
    assert (entry["order_no"], entry["why"], entry["actor"]) == ("web-1", "paid by bank transfer", "operator-1")
    await payments.book(conn, "web-1", a_capture("web-1", 500))
    assert (await sweeping(pool, LATER + timedelta(days=2))).open == {"shipped_unpaid": 1}


async def test_each_department_is_told_once_of_what_is_new(pool: Pool, conn: Connection, vault: Vault) -> None:
    await stock_up(conn, "TEA", 10)
    await paid_too_much(pool, conn, vault)
    await conn.execute("UPDATE notices SET state = 'delivered'")
    for _ in range(2):
        await sweeping(pool)
    await sweeping(pool, LATER + timedelta(days=1))
    cursor = await conn.execute("SELECT department, text FROM alerts WHERE kind = 'sweep'")
    assert [tuple(row.values()) for row in await cursor.fetchall()] == [
        ("finance", "the sweep found 1 × paid_too_much: orderflow reconcile lists them")
    ]


async def test_without_temporal_nothing_is_said_about_workflows(pool: Pool, conn: Connection) -> None:
    async with pool.connection() as transaction:
        found = sweep.Found(Difference.WORKFLOW_MISSING, "order:web-1", "no workflow", "web-1")
        await sweep.keep(transaction, LATER, [found])
    assert (await sweeping(pool, LATER + timedelta(days=1))).open == {"workflow_missing": 1}


async def test_a_sweep_that_runs_again_at_the_same_time_changes_nothing(
    pool: Pool, conn: Connection, vault: Vault
) -> None:
    await stock_up(conn, "TEA", 10)
    await lots_drift(pool, conn, vault)
    assert [await sweeping(pool), await sweeping(pool)] == [SweepSummary(opened=1, open={"lots_drift": 1})] * 2
