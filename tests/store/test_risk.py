"""Counters mark by themselves and expire; the blacklist is kept by blind index (R27)."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from domain.order_status import OrderStatus as S
from domain.risk import BuyerIndex
from models.base import Actor
from models.person import Address, Person
from models.steps import Step
from runtime.crypto import Vault, vault_of
from runtime.settings import Settings
from store import audit, blacklist, contacts, orders, risk, rules, steps
from store.pool import Connection, Pool
from tests.fixtures.orders import NOON, a_step, an_order, value

OPERATOR = Actor(id="operator-1", role="operations")
BUYER = Person(
    name="測試甲",
    phone="138 0013 8000",
    address=Address("CN", "上海市", "上海市", "黃浦區", "測試路 1 號", "200001"),
    account="test-buyer-1",
)
DAY = timedelta(days=1)


@pytest.fixture
def vault(database_url: str) -> Vault:
    return vault_of(Settings(database_url=database_url))


async def an_order_of(pool: Pool, vault: Vault, number: str, person: Person = BUYER) -> str:
    """An order of this person; returns the contact id."""
    order = an_order(number)
    async with pool.connection() as conn:
        await contacts.keep(conn, vault, order.contact_id, person, channel="web", at=NOON)
        await orders.record(conn, order, status="paid", at=NOON)
    return order.contact_id


def cancelling(number: str, at: datetime = NOON, **changes: Any) -> Step:
    step = a_step(number, 2, "cancelled", before=S.PAID, after=S.CANCELLED, why="buyer_asked", at=at)
    return step.model_copy(update=changes)


async def take(pool: Pool, step: Step) -> None:
    """Take the step as the order's activity does."""
    async with pool.connection() as conn:
        await steps.take(conn, step, lambda: risk.note_step(conn, step))


async def set_rules(conn: Connection, **wanted: dict[str, bool | int | str]) -> None:
    async with conn.transaction():
        await rules.put_in_force(conn, wanted, by=OPERATOR, why="for the test", at=NOON)


async def cancel_many(pool: Pool, vault: Vault, number: int, *, every: timedelta = DAY) -> str:
    """So many orders of one buyer, cancelled one after the other; returns the last contact id."""
    contact = ""
    for n in range(1, number + 1):
        contact = await an_order_of(pool, vault, f"web-{n}")
        await take(pool, cancelling(f"web-{n}", NOON + every * n))
    return contact


# --- counters ---------------------------------------------------------------------


async def test_the_fifth_cancellation_within_the_window_marks_phone_and_account(
    pool: Pool, conn: Connection, vault: Vault
) -> None:
    contact = await cancel_many(pool, vault, 4)
    assert await risk.listed(conn, contact, NOON + 5 * DAY) == risk.Listed((), ())
    contact = await an_order_of(pool, vault, "web-5")
    await take(pool, cancelling("web-5", NOON + 5 * DAY))
    listed = await risk.listed(conn, contact, NOON + 5 * DAY)
    assert listed == risk.Listed((), (("cancellation", "account"), ("cancellation", "phone")))


async def test_the_mark_is_on_record_and_in_the_timeline_of_the_order_that_set_it(
    pool: Pool, conn: Connection, vault: Vault
) -> None:
    contact = await cancel_many(pool, vault, 5)
    (entry,) = await audit.page(conn, audit.Wanted(act="buyer_marked"))
    assert (entry["subject"], entry["order_no"], entry["actor"]) == (f"contact:{contact}", "web-5", "orderflow")
    assert entry["details"] == {
        "counted": 5, "kinds": ["account", "phone"], "threshold": 5, "window_days": 30, "expires_days": 90,
    }  # fmt: skip


async def test_a_mark_expires(pool: Pool, conn: Connection, vault: Vault) -> None:
    contact = await cancel_many(pool, vault, 5)
    end = NOON + 5 * DAY + 90 * DAY
    assert (await risk.listed(conn, contact, end - timedelta(seconds=1))).marked
    assert not (await risk.listed(conn, contact, end)).marked


async def test_cancellations_spread_over_more_than_the_window_do_not_add_up(
    pool: Pool, conn: Connection, vault: Vault
) -> None:
    contact = await cancel_many(pool, vault, 8, every=8 * DAY)
    assert not (await risk.listed(conn, contact, NOON + 64 * DAY)).marked


async def test_another_person_at_the_same_address_is_not_marked(pool: Pool, conn: Connection, vault: Vault) -> None:
    await cancel_many(pool, vault, 5)
    neighbour = Person(name="測試乙", phone="13900139000", address=BUYER.address, account="other")
    contact = await an_order_of(pool, vault, "web-9", neighbour)
    assert await risk.listed(conn, contact, NOON + 6 * DAY) == risk.Listed((), ())


async def test_a_new_account_with_the_same_phone_is_known_again(pool: Pool, conn: Connection, vault: Vault) -> None:
    await cancel_many(pool, vault, 5)
    again = Person(name="測試甲", phone="+8613800138000", address=BUYER.address, account="fresh")
    contact = await an_order_of(pool, vault, "web-9", again)
    assert (await risk.listed(conn, contact, NOON + 6 * DAY)).marked == (("cancellation", "phone"),)


async def test_two_fake_addresses_mark_the_address_too(pool: Pool, conn: Connection, vault: Vault) -> None:
    contact = ""
    for n in (1, 2):
        contact = await an_order_of(pool, vault, f"web-{n}")
        rejecting = {"act": "rejected", "before": S.MANUAL_REVIEW, "after": S.REJECTED, "why": "fake_address"}
        await take(pool, cancelling(f"web-{n}").model_copy(update=rejecting))
    marked = (await risk.listed(conn, contact, NOON)).marked
    assert marked == (("fake_address", "account"), ("fake_address", "address"), ("fake_address", "phone"))


@pytest.mark.parametrize(("status", "events"), [("paid", 0), ("cancelled", 0), ("signed", 2), ("archived", 2)])
async def test_a_refund_counts_only_when_the_buyer_had_the_goods(
    pool: Pool, conn: Connection, vault: Vault, status: str, events: int
) -> None:
    await an_order_of(pool, vault, "web-1")
    await conn.execute("UPDATE orders SET status = %s", (status,))
    refunded: dict[str, Any] = {"act": "late_payment_refunded", "before": None, "after": None, "series": "late:evt:"}
    await take(pool, cancelling("web-1", **refunded))
    assert await value(conn, "SELECT count(*) FROM risk_events WHERE event = 'refund'") == events


async def test_a_step_that_runs_twice_counts_once(pool: Pool, conn: Connection, vault: Vault) -> None:
    await an_order_of(pool, vault, "web-1")
    for _ in range(2):
        await take(pool, cancelling("web-1"))
    assert await value(conn, "SELECT count(*) FROM risk_events") == 2, "one for the account, one for the phone"


async def test_a_step_that_is_rolled_back_counts_nothing(pool: Pool, conn: Connection, vault: Vault) -> None:
    await an_order_of(pool, vault, "web-1")
    step = cancelling("web-1")

    async def count_and_fail() -> None:
        await risk.note_step(conn, step)
        await conn.execute("SELECT 1 / 0")

    with pytest.raises(psycopg.errors.DivisionByZero):
        await steps.take(conn, step, count_and_fail)
    assert await value(conn, "SELECT count(*) FROM risk_events") == 0


async def test_orders_cancelled_at_once_see_each_other(pool: Pool, conn: Connection, vault: Vault) -> None:
    await set_rules(conn, marked_cancellation={"threshold": 2})
    for n in (1, 2):
        await an_order_of(pool, vault, f"web-{n}")
    async with pool.connection() as first:
        await risk.note_step(first, cancelling("web-1"))
        second = asyncio.create_task(take(pool, cancelling("web-2")))
        waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        for _ in range(2_000):
            if second.done() or await value(conn, waiting):
                break
    await second
    assert await value(conn, "SELECT count(*) FROM blacklist WHERE source = 'counter'") == 2


async def test_a_counter_that_is_switched_off_counts_on_but_marks_nobody(
    pool: Pool, conn: Connection, vault: Vault
) -> None:
    await set_rules(conn, marked_cancellation={"enabled": False})
    await cancel_many(pool, vault, 6)
    assert await value(conn, "SELECT count(*) FROM blacklist") == 0
    assert await value(conn, "SELECT count(*) FROM risk_events") == 12


async def test_the_threshold_is_what_the_shop_says(pool: Pool, conn: Connection, vault: Vault) -> None:
    await set_rules(conn, marked_cancellation={"threshold": 2, "expires_days": 1})
    contact = await cancel_many(pool, vault, 2)
    assert (await risk.listed(conn, contact, NOON + 3 * DAY - timedelta(seconds=1))).marked
    assert not (await risk.listed(conn, contact, NOON + 3 * DAY)).marked


async def test_a_counter_never_overwrites_what_a_person_entered(pool: Pool, conn: Connection, vault: Vault) -> None:
    await a_listing(conn, vault, "13800138000")
    contact = await cancel_many(pool, vault, 5)
    listed = await risk.listed(conn, contact, NOON + 365 * DAY)
    assert listed == risk.Listed(("phone",), ())


async def test_what_no_window_can_reach_is_forgotten(pool: Pool, conn: Connection, vault: Vault) -> None:
    await cancel_many(pool, vault, 2)
    assert await risk.forget(conn, NOON + DAY + timedelta(seconds=1)) == 2
    assert await value(conn, "SELECT count(*) FROM risk_events") == 2


# --- by hand ----------------------------------------------------------------------


async def a_listing(
    conn: Connection, vault: Vault, text: str, kind: BuyerIndex = BuyerIndex.PHONE, expires_at: datetime | None = None
) -> int:
    async with conn.transaction():
        return await blacklist.add(
            conn, vault, blacklist.Value(kind, text), reason="abusive_refunds", by=OPERATOR, at=NOON,
            expires_at=expires_at,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (BuyerIndex.PHONE, "+86 138-0013-8000"),
        (BuyerIndex.PHONE, "13800138000"),
        (BuyerIndex.ACCOUNT, " Test-Buyer-1"),
        (BuyerIndex.ADDRESS, "上海市 上海市 黃浦區 測試路1號 200001"),
    ],
)
async def test_a_buyer_is_found_however_the_value_is_written(
    pool: Pool, conn: Connection, vault: Vault, kind: BuyerIndex, text: str
) -> None:
    contact = await an_order_of(pool, vault, "web-1")
    await a_listing(conn, vault, text, kind)
    assert (await risk.listed(conn, contact, NOON)).blacklisted == (kind,)


async def test_nothing_of_the_value_is_stored_in_the_list_or_the_record(conn: Connection, vault: Vault) -> None:
    await a_listing(conn, vault, "13800138000")
    everything = "SELECT string_agg(b::text, '') || string_agg(a::text, '') FROM blacklist b, audit_entries a"
    kept = await value(conn, everything)
    assert "13800138000" not in kept
    assert b"13800138000".hex() not in kept


async def test_an_entry_is_taken_off_by_its_number_or_by_its_value(conn: Connection, vault: Vault) -> None:
    first = await a_listing(conn, vault, "13800138000")
    second = await a_listing(conn, vault, "13900139000")
    found = await blacklist.entry_of(conn, vault, blacklist.Value(BuyerIndex.PHONE, "+8613900139000"))
    assert found == second
    async with conn.transaction():
        await blacklist.remove(conn, second, by=OPERATOR, why="settled", at=NOON)
    assert [row["entry_no"] for row in await blacklist.entries(conn, at=NOON)] == [first]
    (entry,) = await audit.page(conn, audit.Wanted(act="blacklist_removed"))
    assert (entry["actor"], entry["why"], entry["details"]["entry"]) == ("operator-1", "settled", second)
    with pytest.raises(blacklist.NotListed):
        await blacklist.remove(conn, second, by=OPERATOR, why="again", at=NOON)


async def test_what_has_expired_is_listed_only_when_asked_for(conn: Connection, vault: Vault) -> None:
    await a_listing(conn, vault, "13800138000", expires_at=NOON + DAY)
    assert len(await blacklist.entries(conn, at=NOON)) == 1
    assert await blacklist.entries(conn, at=NOON + DAY) == []
    assert len(await blacklist.entries(conn, at=NOON + DAY, expired=True)) == 1


@pytest.mark.parametrize("text", ["", "  ", "----"])
async def test_a_value_without_anything_to_match_is_refused(conn: Connection, vault: Vault, text: str) -> None:
    with pytest.raises(blacklist.NothingToMatch):
        await a_listing(conn, vault, text)
    assert await value(conn, "SELECT count(*) FROM blacklist") == 0
