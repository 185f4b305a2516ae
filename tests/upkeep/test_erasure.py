"""A person is erased and the trade record stays (R29); the clock T21 does it by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.retention import REFUSED_MESSAGES_KEPT
from models.base import Actor
from models.person import Person
from runtime.crypto import Indexed
from store import audit, contacts, erasure, notes, receiving
from store.erasure import Nobody, NotEnded
from store.pool import Connection, Pool
from tests.fixtures.orders import NOON, value
from tests.upkeep.people import ACCOUNT, PHONE, a_buyer, sealed_bytes, vault

ADMIN = Actor(id="admin-1", role="administrator")
KEPT = timedelta(days=3 * 365)
SECOND = timedelta(seconds=1)
TRADE = ("orders", "order_lines", "payments", "parcels", "tracking_events", "inbox", "notes", "contacts")


async def erase(pool: Pool, contact_id: str) -> bool:
    """Erase in a transaction of its own, as the command does."""
    async with pool.connection() as conn:
        return await erasure.erase(conn, contact_id, at=NOON, by=ADMIN, why="the buyer asked")


async def counts(conn: Connection) -> dict[str, int]:
    """How many rows the tables of the trade have."""
    return {table: await value(conn, f"SELECT count(*) FROM {table}") for table in TRADE}


async def test_everything_sealed_is_gone_and_the_trade_record_is_whole(pool: Pool, conn: Connection) -> None:
    known = await a_buyer(pool, vault())
    before, order = await counts(conn), await _order(conn)
    assert all(len(held) > 0 for held in (await sealed_bytes(conn)).values())
    assert await erase(pool, known.contact_id)
    assert {place: held for place, held in (await sealed_bytes(conn)).items() if held} == {}
    assert await counts(conn) == before
    assert await _order(conn) == order


async def _order(conn: Connection) -> str:
    return str(await value(conn, "SELECT (o.*)::text || (l.*)::text FROM orders o JOIN order_lines l USING (order_no)"))


async def test_an_erased_person_cannot_be_read_matched_or_written_again(pool: Pool, conn: Connection) -> None:
    known = await a_buyer(pool, vault())
    await erase(pool, known.contact_id)
    for act in (
        contacts.reveal(conn, vault(), known.contact_id),
        contacts.correct(conn, vault(), known.contact_id, Person(name="wieder da")),
        contacts.seal_for(conn, vault(), known.contact_id, "text", "place"),
    ):
        with pytest.raises(contacts.UnknownContact):
            await act
    assert await notes.read(conn, vault(), known.note_id) is None
    index = vault().blind_index(Indexed.PHONE, PHONE)
    assert index is not None
    assert await erasure.of_index(conn, Indexed.PHONE, index) == []


async def test_what_was_counted_against_the_buyer_is_forgotten(pool: Pool, conn: Connection) -> None:
    known = await a_buyer(pool, vault())
    await conn.execute(
        "INSERT INTO risk_events SELECT 'refund', unnest(%s::text[]), 'phone', 'x', now()",
        ([known.order_no, "web-9"],),
    )
    await erase(pool, known.contact_id)
    assert await value(conn, "SELECT string_agg(order_no, ',') FROM risk_events") == "web-9"


async def test_another_buyer_is_not_touched(pool: Pool, conn: Connection) -> None:
    gone, stays = await a_buyer(pool, vault(), "web-1"), await a_buyer(pool, vault(), "web-2")
    await erase(pool, gone.contact_id)
    assert (await contacts.reveal(conn, vault(), stays.contact_id)).phone == PHONE
    assert await notes.read(conn, vault(), stays.note_id) is not None
    assert (await erasure.extent(conn, stays.contact_id)).messages == 1


async def test_the_erasure_goes_on_record_once(pool: Pool, conn: Connection) -> None:
    known = await a_buyer(pool, vault())
    assert await erase(pool, known.contact_id)
    assert not await erase(pool, known.contact_id)
    (entry,) = await audit.page(conn, audit.Wanted(act="contact_erased"))
    assert (entry["subject"], entry["order_no"], entry["actor"]) == (f"contact:{known.contact_id}", "web-1", "admin-1")
    assert entry["why"] == "the buyer asked"
    assert entry["details"] == {
        "contact_id": known.contact_id, "orders": ["web-1"], "notes": 1, "messages": 1, "tracking_texts": 1,
    }  # fmt: skip


async def refused(pool: Pool, conn: Connection, contact_id: str) -> str:
    """Try to erase, expect a refusal, and prove that nothing happened; returns what still waits."""
    before = await sealed_bytes(conn)
    with pytest.raises(NotEnded) as refusal:
        await erase(pool, contact_id)
    assert await sealed_bytes(conn) == before
    assert await value(conn, "SELECT count(*) FROM audit_entries") == 0
    return "; ".join(refusal.value.waiting)


@pytest.mark.parametrize("status", ["awaiting_payment", "paid", "manual_review", "picking", "shipped", "signed"])
async def test_a_buyer_whose_order_is_not_ended_is_not_erased(pool: Pool, conn: Connection, status: str) -> None:
    known = await a_buyer(pool, vault(), status=status)
    assert await refused(pool, conn, known.contact_id) == f"web-1 is not ended: {status}"


async def test_a_buyer_whose_money_is_not_back_yet_is_not_erased(pool: Pool, conn: Connection) -> None:
    known = await a_buyer(pool, vault(), status="cancelled")
    await conn.execute("UPDATE payments SET captured = 1000, refunded = 999")
    assert await refused(pool, conn, known.contact_id) == "web-1 is not refunded yet"
    await conn.execute("UPDATE payments SET refunded = 1000")
    assert await erase(pool, known.contact_id)


async def test_a_buyer_whose_message_is_not_delivered_yet_is_not_erased(pool: Pool, conn: Connection) -> None:
    known = await a_buyer(pool, vault())
    await conn.execute("UPDATE inbox SET state = 'received'")
    assert await refused(pool, conn, known.contact_id) == "web-1 has a message that is not delivered yet"


async def test_a_buyer_whose_case_is_open_is_not_erased(pool: Pool, conn: Connection) -> None:
    known = await a_buyer(pool, vault())
    await conn.execute(
        """INSERT INTO cases (case_no, kind, order_no, subject, severity, state, stage, department, participants,
                              reason, opened_by, opened_at, evidence, updated_at, step_seq)
           VALUES ('K-1', 'complaint', 'web-1', '', 'ordinary', 'opened', 'answer', 'operations', '[]',
                   'wet box', 'service-1', now(), '[]', now(), 1)"""
    )
    assert await refused(pool, conn, known.contact_id) == "web-1 has an open case: K-1"
    await conn.execute("UPDATE cases SET state = 'closed', closed_at = now()")
    assert await erase(pool, known.contact_id)


async def test_a_contact_that_never_was_is_refused(pool: Pool) -> None:
    with pytest.raises(Nobody):
        await erase(pool, "ct_nobody")


async def test_the_same_buyers_other_contacts_are_named(pool: Pool, conn: Connection) -> None:
    by_phone = Person(phone=PHONE)
    by_account = Person(account=ACCOUNT)
    stranger = Person(phone="+8613700137000", account="somebody-else")
    first = await a_buyer(pool, vault(), "web-1")
    for number, person in (("web-2", by_phone), ("web-3", by_account), ("web-4", stranger)):
        await a_buyer(pool, vault(), number, person=person)
    assert (await erasure.extent(conn, first.contact_id)).same_buyer == ("ct_web-2", "ct_web-3")


# --- T21 ---------------------------------------------------------------------------


async def due(pool: Pool, at: object) -> list[str]:
    """Whose time has come at this instant."""
    async with pool.connection() as conn:
        return await erasure.due(conn, at, KEPT, after="", limit=100)  # type: ignore[arg-type]


@pytest.mark.parametrize("status", ["archived", "cancelled", "rejected", "intercepted"])
@pytest.mark.parametrize(("offset", "expected"), [(-SECOND, []), (timedelta(0), ["ct_web-1"]), (SECOND, ["ct_web-1"])])
async def test_t21_passes_to_the_second(pool: Pool, status: str, offset: timedelta, expected: list[str]) -> None:
    await a_buyer(pool, vault(), status=status, ended=NOON + timedelta(days=5))
    assert await due(pool, NOON + timedelta(days=5) + KEPT + offset) == expected


@pytest.mark.parametrize(
    "own", [timedelta(days=30), timedelta(days=3 * 365 + 2, hours=5, seconds=7), timedelta(hours=36)]
)
async def test_an_order_keeps_the_t21_it_began_with(pool: Pool, own: timedelta) -> None:
    await a_buyer(pool, vault(), kept=own)
    assert await due(pool, NOON + own - SECOND) == []
    # A contact without any order counts from the shop's own T21; this one has an order.
    assert await due(pool, NOON + own) == ["ct_web-1"]


async def test_a_buyer_whose_order_lives_is_never_due(pool: Pool) -> None:
    await a_buyer(pool, vault(), status="signed")
    assert await due(pool, NOON + KEPT * 10) == []


async def test_of_two_orders_of_one_contact_the_later_counts(pool: Pool, conn: Connection) -> None:
    await a_buyer(pool, vault(), "web-1")
    await a_buyer(pool, vault(), "web-2", ended=NOON + timedelta(days=100))
    await conn.execute("UPDATE orders SET contact_id = 'ct_web-1'")
    await conn.execute("DELETE FROM contacts WHERE contact_id = 'ct_web-2'")
    assert await due(pool, NOON + KEPT + timedelta(days=99)) == []
    assert await due(pool, NOON + KEPT + timedelta(days=100)) == ["ct_web-1"]


async def test_a_contact_that_no_order_came_to_use_is_due_as_well(pool: Pool, conn: Connection) -> None:
    await contacts.keep(conn, vault(), "ct_alone", Person(name="測試乙"), channel="web", at=NOON)
    assert await due(pool, NOON + KEPT - SECOND) == []
    assert await due(pool, NOON + KEPT) == ["ct_alone"]


async def test_who_is_erased_is_not_due_again(pool: Pool) -> None:
    known = await a_buyer(pool, vault())
    await erase(pool, known.contact_id)
    assert await due(pool, NOON + KEPT) == []


async def test_refused_messages_are_emptied_after_their_time_and_not_before(pool: Pool, conn: Connection) -> None:
    await receiving.refuse(conn, vault(), source="web", topic="t", dedupe_key="k", body=b"{}", faults=[], at=NOON)
    passed = NOON + REFUSED_MESSAGES_KEPT
    assert await erasure.empty_ownerless(conn, passed) == 0
    assert await erasure.empty_ownerless(conn, passed + SECOND) == 1
    assert await erasure.empty_ownerless(conn, passed + SECOND) == 0


# --- nothing is overlooked -----------------------------------------------------------


ERASED = frozenset(
    {
        "contacts.wrapped_key", "contacts.name", "contacts.phone", "contacts.address", "contacts.remark",
        "contacts.email", "contacts.phone_index", "contacts.account_index", "contacts.address_index",
        "notes.sealed", "notes.wrapped_key", "inbox.sealed", "tracking_events.text_sealed", "risk_events.value_index",
        "tracking_links.token_hash",
    }
)  # fmt: skip
HASHES = frozenset(
    {
        "audit_entries.prev_hash", "audit_entries.hash", "audit_chains.head", "idempotency_keys.request_hash",
        "audit_anchors.heads", "audit_anchors.previous", "audit_anchors.root", "audit_anchors.public_key",
        "audit_anchors.signature", "audit_anchor_heads.head",
    }
)  # fmt: skip
# The blacklist outlives an erasure: it is kept to refuse a trade, and its entries expire (docs/privacy.md).
KEPT_INDEXES = frozenset({"blacklist.value_index"})
# Hashes and sealed secrets of the staff, by which they sign in; no buyer stands there.
STAFF = frozenset(
    {
        "accounts.known_address", "sessions.token_hash", "sign_in_codes.code_hash", "sign_in_failures.tried",
        "machine_tokens.token_hash", "rate_counts.counted", "sessions.address", "recovery_codes.code_hash",
        "second_factors.sealed",
    }
)  # fmt: skip


async def test_every_place_for_secret_bytes_is_known_to_the_erasure(conn: Connection) -> None:
    """A new column of bytes must be erased, or be named above as something that says nothing about a person."""
    cursor = await conn.execute(
        """SELECT table_name || '.' || column_name AS place FROM information_schema.columns
           WHERE table_schema = 'public' AND data_type = 'bytea'"""
    )
    assert {row["place"] for row in await cursor.fetchall()} == ERASED | HASHES | KEPT_INDEXES | STAFF
