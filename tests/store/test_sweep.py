"""Each invariant broken by hand is named, repaired, on record, and gone (accident 9)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from domain.order_status import OrderStatus
from domain.refunds import Part
from domain.sweep import GRACE, MEANINGS, Difference, Repair
from models.base import Actor
from models.inbox import Envelope
from models.sweep import SweepSummary
from runtime.crypto import Vault, vault_of
from runtime.settings import Settings
from store import audit, inbox, orders, payments, steps, stock, sweep, sweep_repairs
from store.pool import Connection, Pool, Row
from store.sweep_repairs import Bench, NoLongerDiffers, NoSafeRepair, Order, RepairDidNotHelp
from tests.fixtures.orders import NOON, a_capture, a_step, an_order, counter, stock_up, value

LATER = datetime.now(UTC) + timedelta(hours=3)
"""The sweeps of these tests: so long after what was done that nothing counts as in motion."""
OPERATOR = Actor(id="operator-1", role="operations")

Break = Callable[[Pool, Connection, Vault], Awaitable[None]]


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


async def a_bought_order(pool: Pool, number: str = "web-1", status: str = "awaiting_payment") -> None:
    """An order for two TEA, recorded and reserved as its own first step does it; paid, unless it is unpaid."""
    async with pool.connection() as conn:
        order = an_order(number, ("TEA", 2))
        standing = OrderStatus(status)

        async def record() -> object:
            await orders.record(conn, order, status=status, at=NOON)
            return await stock.reserve(conn, number, [("TEA", 2)], NOON, f"{number}#1")

        await steps.take(conn, a_step(number, 1, "order_recorded", before=standing, after=standing), record)
        if standing is not OrderStatus.AWAITING_PAYMENT:
            await payments.book(conn, number, a_capture(number, 2000))


async def a_parcel(conn: Connection, number: str, *, booked: bool = True) -> str:
    """The order's one parcel, which has left the house; with ``booked`` its stock has left too."""
    parcel = f"{number}-P1"
    await conn.execute(
        "INSERT INTO parcels (parcel_no, order_no, warehouse, state, weight_g, value_minor, insured, handed_over_at)"
        " VALUES (%s, %s, 'SZ', 'handed_over', 500, 2000, false, %s)",
        (parcel, number, NOON),
    )
    await conn.execute("INSERT INTO parcel_lines VALUES (%s, 1, 'TEA', 2)", (parcel,))
    if booked:
        from store import stock_out

        await stock_out.ship(conn, parcel, NOON)
        await conn.execute("UPDATE stock_lots SET on_hand = on_hand - 2")
    return parcel


# --- each way to break it -------------------------------------------------------------


async def reserved_drift(pool: Pool, conn: Connection, _vault: Vault) -> None:
    await a_bought_order(pool)
    await conn.execute("UPDATE stock_items SET reserved = reserved + 1")
    await conn.execute(
        "INSERT INTO stock_ledger (warehouse, sku, on_hand_delta, reserved_delta, key, at, why)"
        " VALUES ('SZ', 'TEA', 0, 1, 'phantom', %s, 'reserved')",
        (NOON,),
    )


async def ledger_drift(_pool: Pool, conn: Connection, _vault: Vault) -> None:
    await conn.execute("UPDATE stock_items SET on_hand = on_hand - 3")
    await conn.execute("UPDATE stock_lots SET on_hand = on_hand - 3")


async def lots_drift(_pool: Pool, conn: Connection, _vault: Vault) -> None:
    await conn.execute("UPDATE stock_lots SET on_hand = on_hand + 1")


async def held_by_ended(pool: Pool, conn: Connection, _vault: Vault) -> None:
    await a_bought_order(pool)
    await conn.execute("UPDATE orders SET status = 'cancelled'")


async def shipped_still_held(pool: Pool, conn: Connection, _vault: Vault) -> None:
    await a_bought_order(pool, status="shipped")
    await a_parcel(conn, "web-1", booked=False)


async def shipped_unbooked(pool: Pool, conn: Connection, _vault: Vault) -> None:
    await a_bought_order(pool, status="shipped")
    await a_parcel(conn, "web-1")
    await conn.execute("UPDATE stock_ledger SET why = 'lost' WHERE why = 'shipped'")


async def money_sums(pool: Pool, conn: Connection, _vault: Vault) -> None:
    await a_bought_order(pool, status="paid")
    await conn.execute("UPDATE payments SET captured = 1999")


async def money_kept(pool: Pool, conn: Connection, _vault: Vault) -> None:
    await a_bought_order(pool, status="paid")
    await stock.release(conn, "web-1", NOON, "web-1#2", "cancelled")
    await conn.execute("UPDATE orders SET status = 'cancelled'")


async def refund_pending(pool: Pool, conn: Connection, _vault: Vault) -> None:
    await money_kept(pool, conn, _vault)
    part = Part("stripe", "pi_web-1", 2000, "CNY")
    await payments._order_parts(conn, "web-1", "web-1:refund:3", [part], LATER - timedelta(hours=2))


async def paid_too_much(pool: Pool, conn: Connection, _vault: Vault) -> None:
    await a_bought_order(pool, status="paid")
    await payments.book(conn, "web-1", a_capture("web-1", 2000, reference="pi_second"))


async def shipped_unpaid(pool: Pool, conn: Connection, _vault: Vault) -> None:
    await a_bought_order(pool)
    await conn.execute("UPDATE orders SET status = 'shipped'")
    await a_parcel(conn, "web-1")


async def message_waiting(pool: Pool, _conn: Connection, vault: Vault) -> None:
    await a_message(pool, vault)


async def message_without_order(pool: Pool, conn: Connection, vault: Vault) -> None:
    message_id = await a_message(pool, vault)
    await inbox.forwarded(conn, message_id, LATER - timedelta(hours=2), "web-9")


async def notice_waiting(pool: Pool, conn: Connection, _vault: Vault) -> None:
    await a_bought_order(pool)
    await conn.execute(
        "INSERT INTO notices (channel, order_no, sequence, body, changed_at, next_attempt_at)"
        " VALUES ('web', 'web-1', 99, '{}', %s, %s)",
        (LATER - timedelta(hours=2), LATER + timedelta(minutes=9)),
    )


async def a_message(pool: Pool, vault: Vault) -> str:
    """A message that came two hours before the sweep and found no order."""
    at = LATER - timedelta(hours=2)
    async with pool.connection() as conn:
        envelope = Envelope(order_no="web-9", payment=a_capture("web-9", 2000))
        incoming = inbox.Incoming("shopify", "orders/paid", "dedupe-1", envelope, at)
        return (await inbox.receive(conn, vault, incoming)).message_id


BREAKS: dict[Difference, Break] = {
    Difference.RESERVED_DRIFT: reserved_drift,
    Difference.LEDGER_DRIFT: ledger_drift,
    Difference.LOTS_DRIFT: lots_drift,
    Difference.HELD_BY_ENDED: held_by_ended,
    Difference.SHIPPED_STILL_HELD: shipped_still_held,
    Difference.SHIPPED_UNBOOKED: shipped_unbooked,
    Difference.MONEY_SUMS: money_sums,
    Difference.MONEY_KEPT: money_kept,
    Difference.REFUND_PENDING: refund_pending,
    Difference.PAID_TOO_MUCH: paid_too_much,
    Difference.SHIPPED_UNPAID: shipped_unpaid,
    Difference.MESSAGE_WAITING: message_waiting,
    Difference.MESSAGE_WITHOUT_ORDER: message_without_order,
    Difference.NOTICE_WAITING: notice_waiting,
}
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
    entry = (await audit.list_entries(conn, act="repaired"))[0]
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
    assert await audit.list_entries(conn, act="repaired") == []
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
    assert await audit.list_entries(conn, act="repaired") == []
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
    assert len(await audit.list_entries(conn, act="repaired")) == 1


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
    entry = (await audit.list_entries(conn, act="difference_accepted"))[0]
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
