"""The record cannot be changed, and shows if someone did (R23)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from models.base import SYSTEM
from store import audit
from store.pool import Connection, Pool
from tests.fixtures.orders import NOON, value


def entry(subject: str, number: int) -> audit.Entry:
    return audit.Entry(
        subject=subject,
        order_no="web-1",
        at=NOON + timedelta(microseconds=number),
        by=SYSTEM,
        act=f"act_{number}",
        details={"amount": 10**12 + number, "who": "中文", "paid": True, "note": None},
    )


@pytest.fixture
async def record(pool: Pool, conn: Connection) -> Connection:
    """Two chains of five entries each; someone with the rights has taken the triggers off."""
    for subject in ("order:web-1", "task:web-1-T1"):
        for number in range(1, 6):
            async with pool.connection() as writing:
                await audit.append(writing, entry(subject, number))
    await conn.execute("ALTER TABLE audit_entries DISABLE TRIGGER USER")
    return conn


async def verify(conn: Connection, subject: str | None = None) -> audit.Broken | None:
    async with conn.transaction():
        return await audit.verify(conn, subject=subject)


async def test_an_untouched_record_holds(record: Connection) -> None:
    assert await verify(record) is None


async def test_an_empty_record_holds(conn: Connection) -> None:
    assert await verify(conn) is None


THIS = "WHERE subject = 'order:web-1'"
SWAP = (
    f"UPDATE audit_entries SET chain_no = 9 {THIS} AND chain_no = 3;"
    f"UPDATE audit_entries SET chain_no = 3 {THIS} AND chain_no = 4;"
    f"UPDATE audit_entries SET chain_no = 4 {THIS} AND chain_no = 9"
)
INSERT = (
    "INSERT INTO audit_entries (subject, order_no, chain_no, at, wall_at, actor, role, act, why, details,"
    " prev_hash, hash) SELECT subject, order_no, 6, at, wall_at, actor, role, act, why, details, hash, hash"
    f" FROM audit_entries {THIS} AND chain_no = 5"
)


@pytest.mark.parametrize(
    ("tampering", "chain_no", "fault"),
    [
        (f"UPDATE audit_entries SET why = 'x' {THIS} AND chain_no = 3", 3, "changed"),
        (f"UPDATE audit_entries SET actor = 'z' {THIS} AND chain_no = 3", 3, "changed"),
        (f"UPDATE audit_entries SET at = at + interval '1 us' {THIS} AND chain_no = 1", 1, "changed"),
        (f"UPDATE audit_entries SET details = '{{}}' {THIS} AND chain_no = 5", 5, "changed"),
        (f"DELETE FROM audit_entries {THIS} AND chain_no = 2", 2, "missing"),
        (f"DELETE FROM audit_entries {THIS} AND chain_no = 5", 5, "cut off"),
        (f"DELETE FROM audit_entries {THIS}", 1, "cut off"),
        (f"DELETE FROM audit_chains {THIS}", 5, "no anchor"),
        (SWAP, 3, "does not follow"),
        (INSERT, 6, "changed"),
    ],
)
async def test_tampering_shows_where_it_was_done(record: Connection, tampering: str, chain_no: int, fault: str) -> None:
    for statement in tampering.split(";"):
        await record.execute(statement)
    broken = await verify(record)
    assert broken is not None
    assert (broken.subject, broken.chain_no) == ("order:web-1", chain_no)
    assert fault in broken.fault


async def test_an_entry_forged_with_a_right_hash_shows_in_the_anchor(record: Connection) -> None:
    head = await value(record, "SELECT head FROM audit_chains WHERE subject = 'order:web-1'")
    await audit.append(record, entry("order:web-1", 6))
    await record.execute("UPDATE audit_chains SET length = 5, head = %s WHERE subject = 'order:web-1'", (bytes(head),))
    broken = await verify(record)
    assert broken is not None
    assert "added" in broken.fault


async def test_one_chain_can_be_verified_alone(record: Connection) -> None:
    await record.execute("UPDATE audit_entries SET why = 'x' WHERE subject = 'order:web-1' AND chain_no = 3")
    assert await verify(record, "task:web-1-T1") is None
    assert await verify(record, "order:web-1") is not None


async def test_entries_written_at_once_stand_in_one_chain(pool: Pool, conn: Connection) -> None:
    async def write(number: int) -> None:
        async with pool.connection() as writing:
            await audit.append(writing, entry("order:web-1", number))

    await asyncio.gather(*(write(number) for number in range(40)))
    assert await value(conn, "SELECT array_agg(chain_no ORDER BY id) FROM audit_entries") == list(range(1, 41))
    assert await verify(conn) is None


async def test_the_record_is_searched_by_what_was_done(record: Connection) -> None:
    found = await audit.page(record, audit.Wanted(act="act_2", order_no="web-1"))
    assert [row["subject"] for row in found] == ["order:web-1", "task:web-1-T1"]
    assert await audit.page(record, audit.Wanted(act="act_2"), after=found[-1]["id"]) == []
