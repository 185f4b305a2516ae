"""Whatever is done to the record of acts, verification names where and how (R23)."""

from __future__ import annotations

import pytest

from store import audit, audit_check
from store.audit_check import Trust
from store.chain_check import Fault
from store.pool import Connection, Pool
from tests.store.audit_tampering import (
    KEY,
    SUBJECT,
    chain_rows,
    found,
    make_anew,
    only_finding,
    sign,
    tamper,
    verified,
    write,
)


@pytest.fixture(autouse=True)
async def record(pool: Pool) -> None:
    """Five acts on one order and three on another."""
    await write(pool, 5)
    await write(pool, 3, "order:web-2")


async def test_a_record_that_nobody_touched_is_whole(pool: Pool) -> None:
    await sign(pool)
    report = await verified(pool)
    assert report.whole, report.findings
    assert (report.chains, report.entries, report.anchors, report.unanchored) == (2, 8, 1, 0)


async def test_what_is_written_after_the_anchor_is_counted_as_not_anchored_yet(pool: Pool) -> None:
    await sign(pool)
    await write(pool, 2, start=6)
    report = await verified(pool)
    assert report.whole, report.findings
    assert report.unanchored == 2


@pytest.mark.parametrize(
    "change",
    [
        "why = 'because I say so'",
        "actor = 'somebody-else'",
        "role = 'administrator'",
        "at = at - interval '1 day'",
        "wall_at = wall_at + interval '1 second'",
        "details = '{\"number\": 99}'",
        "before = 'paid'",
        "after = 'cancelled'",
        "order_no = 'web-9'",
        "note_id = 'nt_1'",
        "request_id = 'r'",
        "update_id = 'u'",
        "outcome = '{}'",
        "step_key = 'k'",
        "act = 'nothing'",
    ],
)
async def test_a_changed_entry_is_named(pool: Pool, conn: Connection, change: str) -> None:
    await tamper(conn, f"UPDATE audit_entries SET {change} WHERE subject = '{SUBJECT}' AND chain_no = 3")
    assert await found(pool) == (Fault.CHANGED, 3)


async def test_a_changed_entry_whose_hash_was_made_anew_is_named_and_not_its_neighbour(
    pool: Pool, conn: Connection
) -> None:
    row = (await chain_rows(conn))[2]
    forged = audit.chain_hash(bytes(row["prev_hash"]), row | {"why": "forged"})
    await tamper(conn, f"UPDATE audit_entries SET why = 'forged', hash = '\\x{forged.hex()}' WHERE id = {row['id']}")
    assert await found(pool) == (Fault.CHANGED, 3)


async def test_the_changed_newest_entry_is_named_even_with_its_hash_made_anew(pool: Pool, conn: Connection) -> None:
    row = (await chain_rows(conn))[4]
    forged = audit.chain_hash(bytes(row["prev_hash"]), row | {"why": "forged"})
    await tamper(conn, f"UPDATE audit_entries SET why = 'forged', hash = '\\x{forged.hex()}' WHERE id = {row['id']}")
    assert await found(pool) == (Fault.CHANGED, 5)


@pytest.mark.parametrize("number", [1, 3])
async def test_a_removed_entry_is_named(pool: Pool, conn: Connection, number: int) -> None:
    await tamper(conn, f"DELETE FROM audit_entries WHERE subject = '{SUBJECT}' AND chain_no = {number}")
    assert await found(pool) == (Fault.REMOVED, number)


async def test_a_removed_entry_is_named_though_the_others_moved_up(pool: Pool, conn: Connection) -> None:
    await tamper(
        conn,
        f"DELETE FROM audit_entries WHERE subject = '{SUBJECT}' AND chain_no = 3",
        f"UPDATE audit_entries SET chain_no = 3 WHERE subject = '{SUBJECT}' AND chain_no = 4",
        f"UPDATE audit_entries SET chain_no = 4 WHERE subject = '{SUBJECT}' AND chain_no = 5",
    )
    assert await found(pool) == (Fault.REMOVED, 3)


async def test_the_removed_newest_entries_are_named(pool: Pool, conn: Connection) -> None:
    await tamper(conn, f"DELETE FROM audit_entries WHERE subject = '{SUBJECT}' AND chain_no > 3")
    assert await found(pool) == (Fault.REMOVED, 4)


INSERT = """
INSERT INTO audit_entries (subject, chain_no, at, wall_at, actor, role, act, why, details, prev_hash, hash)
SELECT subject, {number}, at, wall_at, actor, role, 'forged', why, details, {previous}, {hash}
FROM audit_entries WHERE subject = '{subject}' AND chain_no = {like}
"""


def move_on(first: int) -> list[str]:
    """Give the entries from ``first`` on the next number, the newest first."""
    return [
        f"UPDATE audit_entries SET chain_no = {number + 1} WHERE subject = '{SUBJECT}' AND chain_no = {number}"
        for number in range(5, first - 1, -1)
    ]


async def test_an_entry_that_was_put_in_between_is_named(pool: Pool, conn: Connection) -> None:
    forged = INSERT.format(subject=SUBJECT, number=3, previous="prev_hash", hash="hash", like=2)
    await tamper(conn, *move_on(3), forged)
    assert await found(pool) == (Fault.INSERTED, 3)


async def test_an_entry_that_was_put_in_between_with_a_right_hash_is_named(pool: Pool, conn: Connection) -> None:
    rows = await chain_rows(conn)
    head = bytes(rows[1]["hash"])
    forged = rows[1] | {"chain_no": 3, "act": "forged", "order_no": None}
    made = audit.chain_hash(head, forged)
    previous, hash_ = f"'\\x{head.hex()}'::bytea", f"'\\x{made.hex()}'::bytea"
    await tamper(conn, *move_on(3), INSERT.format(subject=SUBJECT, number=3, previous=previous, hash=hash_, like=2))
    assert await found(pool) == (Fault.INSERTED, 3)


async def test_an_entry_that_was_put_behind_the_end_is_named(pool: Pool, conn: Connection) -> None:
    rows = await chain_rows(conn)
    head = bytes(rows[4]["hash"])
    made = audit.chain_hash(head, rows[4] | {"chain_no": 6, "act": "forged", "order_no": None})
    previous, hash_ = f"'\\x{head.hex()}'::bytea", f"'\\x{made.hex()}'::bytea"
    await conn.execute(INSERT.format(subject=SUBJECT, number=6, previous=previous, hash=hash_, like=5).encode())
    assert await found(pool) == (Fault.INSERTED, 6)


async def test_two_entries_that_changed_places_are_named(pool: Pool, conn: Connection) -> None:
    await tamper(
        conn,
        f"UPDATE audit_entries SET chain_no = 99 WHERE subject = '{SUBJECT}' AND chain_no = 2",
        f"UPDATE audit_entries SET chain_no = 2 WHERE subject = '{SUBJECT}' AND chain_no = 4",
        f"UPDATE audit_entries SET chain_no = 4 WHERE subject = '{SUBJECT}' AND chain_no = 99",
    )
    assert await found(pool) == (Fault.REORDERED, 2)


async def test_entries_that_readers_would_see_in_another_order_are_named(pool: Pool, conn: Connection) -> None:
    """A timeline goes by the row ids, which no hash covers."""
    second, third = [row["id"] for row in (await chain_rows(conn))[1:3]]
    await tamper(
        conn,
        "ALTER TABLE audit_entries ALTER id DROP IDENTITY",
        f"UPDATE audit_entries SET id = -1 WHERE id = {second}",
        f"UPDATE audit_entries SET id = {second} WHERE id = {third}",
        f"UPDATE audit_entries SET id = {third} WHERE id = -1",
    )
    assert await found(pool) == (Fault.REORDERED, 3)


async def test_every_broken_chain_is_named_and_not_only_the_first(pool: Pool, conn: Connection) -> None:
    await tamper(conn, "UPDATE audit_entries SET why = 'forged' WHERE chain_no = 2")
    report = await verified(pool)
    assert [(one.subject, one.number) for one in report.findings] == [(SUBJECT, 2), ("order:web-2", 2)]
    assert all(one.entry_id is not None for one in report.findings)


# --- what the chain alone cannot show ----------------------------------------------


async def test_newest_entries_removed_with_the_head_put_right_are_shown_by_the_anchor(
    pool: Pool, conn: Connection
) -> None:
    await sign(pool)
    third = bytes((await chain_rows(conn))[2]["hash"]).hex()
    await tamper(
        conn,
        f"DELETE FROM audit_entries WHERE subject = '{SUBJECT}' AND chain_no > 3",
        f"UPDATE audit_chains SET length = 3, head = '\\x{third}' WHERE subject = '{SUBJECT}'",
    )
    assert await found(pool) == (Fault.REMOVED, 4)


async def test_a_chain_removed_altogether_is_shown_by_the_anchor(pool: Pool, conn: Connection) -> None:
    await sign(pool)
    await tamper(
        conn,
        f"DELETE FROM audit_entries WHERE subject = '{SUBJECT}'",
        f"DELETE FROM audit_chains WHERE subject = '{SUBJECT}'",
    )
    assert await found(pool) == (Fault.REMOVED, 1)


async def test_a_chain_made_anew_from_a_changed_entry_on_is_shown_by_the_anchor(pool: Pool, conn: Connection) -> None:
    await sign(pool)
    rows = await chain_rows(conn)
    rows[4]["why"] = "forged"
    await make_anew(conn, rows, start=5)
    assert await found(pool) == (Fault.CHANGED, 1)


async def test_an_anchor_narrows_down_where_a_chain_was_made_anew(pool: Pool, conn: Connection) -> None:
    await sign(pool)
    await write(pool, 1, start=6)
    await sign(pool)
    rows = await chain_rows(conn)
    rows[5]["why"] = "forged"
    await make_anew(conn, rows, start=6)
    finding = await only_finding(pool)
    assert (finding.fault, finding.number) == (Fault.CHANGED, 6)
    assert "anchor 2" in finding.detail


async def test_a_chain_that_grew_after_its_anchor_is_whole(pool: Pool) -> None:
    for start in (6, 8, 10):
        await sign(pool)
        await write(pool, 2, start=start)
    report = await verified(pool)
    assert report.whole, report.findings


async def test_a_verifier_in_another_time_zone_sees_the_same_record(pool: Pool) -> None:
    await sign(pool)
    async with pool.connection() as conn:
        await conn.execute("SET timezone = 'Asia/Shanghai'")
        await conn.commit()
        report = await audit_check.verify(conn, Trust({KEY.public}))
        await conn.execute("SET timezone = 'UTC'")
    assert report.whole, report.findings
