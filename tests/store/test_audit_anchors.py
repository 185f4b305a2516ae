"""The signed roots: they follow each other, hold under a trusted key only, and cannot be taken away unseen (R23)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import psycopg
import pytest

from store import anchors
from store.anchors import AnchorKey, UnfitAnchorKey
from store.chain_check import Fault
from store.pool import Connection, Pool
from tests.fixtures.orders import NOON, value
from tests.store.audit_tampering import KEY, OTHER_KEY, only_finding, sign, tamper, verified, write


@pytest.fixture(autouse=True)
async def record(pool: Pool) -> None:
    """Three anchors, each over something new."""
    for number in (1, 2, 3):
        await write(pool, 2, f"order:web-{number}")
        await sign(pool)


async def test_an_anchor_holds_what_is_new_since_the_one_before(pool: Pool, conn: Connection) -> None:
    await write(pool, 1, "order:web-2", start=3)
    made = await sign(pool)
    assert (made.anchor_no, made.chains) == (4, 1)
    assert await value(conn, "SELECT count(*) FROM audit_anchor_heads") == 4


async def test_an_anchor_over_nothing_new_is_made_all_the_same(pool: Pool) -> None:
    assert (await sign(pool)).chains == 0
    assert (await verified(pool)).whole


async def test_two_at_once_make_two_anchors_that_follow_each_other(pool: Pool) -> None:
    made = await asyncio.gather(*(sign(pool) for _ in range(4)))
    assert sorted(one.anchor_no for one in made) == [4, 5, 6, 7]
    assert (await verified(pool)).whole


async def test_writers_are_not_stopped_by_an_anchor(pool: Pool) -> None:
    async with pool.connection() as conn:
        await anchors.anchor(conn, KEY, NOON)
        await asyncio.wait_for(write(pool, 1, "order:web-1", start=3), timeout=5)
    report = await verified(pool)
    assert report.whole, report.findings
    assert report.unanchored == 1


@pytest.mark.parametrize(
    "change",
    [
        "chains = 7",
        "at = at + interval '1 hour'",
        "wall_at = wall_at - interval '1 hour'",
        "previous = heads",
        "root = heads",
    ],
)
async def test_a_changed_anchor_is_named(pool: Pool, conn: Connection, change: str) -> None:
    await tamper(conn, f"UPDATE audit_anchors SET {change} WHERE anchor_no = 2", table="audit_anchors")
    finding = await only_finding(pool)
    assert (finding.subject, finding.fault) == ("anchor:2", Fault.CHANGED)


async def test_an_anchor_made_anew_with_the_right_key_breaks_the_one_after_it(pool: Pool, conn: Connection) -> None:
    row = await (await conn.execute("SELECT * FROM audit_anchors WHERE anchor_no = 2")).fetchone()
    assert row is not None
    root = anchors.root_hash(row | {"at": NOON + timedelta(days=1)})
    await tamper(
        conn,
        f"UPDATE audit_anchors SET at = at + interval '1 day', root = '\\x{root.hex()}',"
        f" signature = '\\x{KEY.secret.sign(root).hex()}' WHERE anchor_no = 2",
        table="audit_anchors",
    )
    finding = await only_finding(pool)
    assert (finding.subject, finding.fault) == ("anchor:3", Fault.CHANGED)


async def test_a_removed_anchor_is_named(pool: Pool, conn: Connection) -> None:
    await tamper(conn, "DELETE FROM audit_anchor_heads WHERE anchor_no = 2", table="audit_anchor_heads")
    await tamper(conn, "DELETE FROM audit_anchors WHERE anchor_no = 2", table="audit_anchors")
    finding = await only_finding(pool)
    assert (finding.subject, finding.fault) == ("anchor:2", Fault.REMOVED)


async def test_a_removed_newest_anchor_is_named_by_whoever_noted_its_root(pool: Pool, conn: Connection) -> None:
    made = await sign(pool)
    await tamper(conn, "DELETE FROM audit_anchors WHERE anchor_no = 4", table="audit_anchors")
    assert (await verified(pool)).whole
    report = await verified(pool, _4=made.root)
    assert [(one.subject, one.fault) for one in report.findings] == [("anchor:4", Fault.REMOVED)]


async def test_a_root_that_differs_from_the_noted_one_is_named(pool: Pool) -> None:
    report = await verified(pool, _2=bytes(32))
    assert [(one.subject, one.fault) for one in report.findings] == [("anchor:2", Fault.CHANGED)]


async def test_a_head_taken_out_of_an_anchor_is_named(pool: Pool, conn: Connection) -> None:
    await tamper(conn, "DELETE FROM audit_anchor_heads WHERE subject = 'order:web-2'", table="audit_anchor_heads")
    finding = await only_finding(pool)
    assert (finding.subject, finding.fault) == ("anchor:2", Fault.CHANGED)


async def test_an_anchor_under_a_key_that_nobody_vouches_for_is_named(pool: Pool) -> None:
    await sign(pool, OTHER_KEY)
    finding = await only_finding(pool)
    assert (finding.subject, finding.fault) == ("anchor:4", Fault.UNSIGNED)


async def test_a_forged_signature_is_named(pool: Pool, conn: Connection) -> None:
    await tamper(
        conn,
        "UPDATE audit_anchors SET signature = set_byte(signature, 3, 255 - get_byte(signature, 3)) WHERE anchor_no = 3",
        table="audit_anchors",
    )
    finding = await only_finding(pool)
    assert (finding.subject, finding.fault) == ("anchor:3", Fault.UNSIGNED)


@pytest.mark.parametrize("text", ["", "not base64", "c2hvcnQ="])
def test_an_unfit_key_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(UnfitAnchorKey) as refused:
        AnchorKey.from_base64(text)
    assert text == "" or text not in str(refused.value)


async def test_anchors_refuse_changes(conn: Connection) -> None:
    for table in ("audit_anchors", "audit_anchor_heads"):
        for act in (f"UPDATE {table} SET anchor_no = 9", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await conn.execute(act.encode())
