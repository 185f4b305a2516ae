"""The Schedules' workflows on a real server: the signed root, and T21's erasures (R23, R29)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowHandle
from temporalio.testing import TimeSkipper
from temporalio.worker import Worker

from activities.upkeep import Upkeep
from models.temporal_names import ORDERS
from store import audit, contacts
from store.pool import Connection, Pool
from tests.store.audit_tampering import KEY, verified, write
from tests.upkeep.people import a_buyer, sealed_bytes, vault
from workflows.upkeep import AnchorAudit, EraseExpired, FoldBoard

KEPT = timedelta(days=3 * 365)
LONG_AGO = datetime.now(UTC) - KEPT - timedelta(days=1)
LATELY = datetime.now(UTC) - KEPT + timedelta(days=1)


@pytest.fixture
async def house(time_skipper: TimeSkipper, pool: Pool) -> AsyncIterator[TimeSkipper]:
    """A worker that does the upkeep."""
    hands = Upkeep(pool, KEY, KEPT)
    async with Worker(
        time_skipper.client,
        task_queue=ORDERS,
        workflows=[AnchorAudit, EraseExpired, FoldBoard],
        activities=[hands.anchor_audit, hands.erase_expired, hands.fold_board],
    ):
        yield time_skipper


async def begin(house: TimeSkipper, workflow: Any) -> WorkflowHandle[Any, Any]:
    """Start it as its Schedule does."""
    return await house.client.start_workflow(workflow, id=f"test-{workflow.__qualname__}", task_queue=ORDERS)


async def test_the_board_is_folded_and_the_sums_stay(house: TimeSkipper, pool: Pool) -> None:
    async with pool.connection() as conn:
        await conn.execute(
            "INSERT INTO board_deltas (hour, channel, measure, key, number, seconds)"
            " SELECT '2030-01-02 12:00Z', 'site', 'reached', '1', 1, 0 FROM generate_series(1, 3)"
        )
    done = await (await begin(house, FoldBoard.run)).result()
    assert done.shares == 3
    async with pool.connection() as conn:
        cursor = await conn.execute("SELECT number, (SELECT count(*) FROM board_deltas) AS left FROM board_cells")
        assert await cursor.fetchall() == [{"number": 3, "left": 0}]


async def test_the_root_is_in_the_workflows_result(house: TimeSkipper, pool: Pool) -> None:
    await write(pool, 3)
    handle = await begin(house, AnchorAudit.run)
    made = await handle.result()
    assert (made.anchor_no, made.chains) == (1, 1)
    report = await verified(pool, _1=bytes.fromhex(made.root))
    assert report.whole, report.findings


async def test_the_anchor_bears_the_workflows_time(house: TimeSkipper, pool: Pool, conn: Connection) -> None:
    handle = await begin(house, AnchorAudit.run)
    await handle.result()
    described = await handle.describe()
    row = await (await conn.execute("SELECT at FROM audit_anchors")).fetchone()
    assert row is not None
    assert abs(row["at"] - described.start_time) < timedelta(seconds=1)


async def test_whose_time_has_come_is_erased_and_nobody_else(
    house: TimeSkipper, pool: Pool, conn: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        await a_buyer(pool, vault(), f"web-{number}", ended=LONG_AGO)
    young = await a_buyer(pool, vault(), "web-7", ended=LATELY)
    await a_buyer(pool, vault(), "web-8", ended=LONG_AGO, status="signed")
    done = await (await begin(house, EraseExpired.run)).result()
    assert (done.erased, done.held_back) == (4, 0)
    assert (await contacts.reveal(conn, vault(), young.contact_id)).name
    cursor = await conn.execute("SELECT contact_id FROM contacts WHERE erased_at IS NOT NULL ORDER BY 1")
    assert [row["contact_id"] for row in await cursor.fetchall()] == [f"ct_web-{number}" for number in range(4)]


async def test_the_erasure_is_the_act_of_the_clock_t21_at_the_workflows_time(
    house: TimeSkipper, pool: Pool, conn: Connection
) -> None:
    await a_buyer(pool, vault(), ended=LONG_AGO)
    handle = await begin(house, EraseExpired.run)
    await handle.result()
    (entry,) = await audit.page(conn, audit.Wanted(act="contact_erased"))
    assert (entry["actor"], entry["role"]) == ("T21", "clock")
    assert abs(entry["at"] - (await handle.describe()).start_time) < timedelta(seconds=1)
    assert not any((await sealed_bytes(conn)).values())


async def test_whom_a_message_waits_for_is_held_back_and_stops_nobody(
    house: TimeSkipper, pool: Pool, conn: Connection
) -> None:
    await a_buyer(pool, vault(), "web-1", ended=LONG_AGO)
    await a_buyer(pool, vault(), "web-2", ended=LONG_AGO)
    await conn.execute("UPDATE inbox SET state = 'received' WHERE order_no = 'web-1'")
    done = await (await begin(house, EraseExpired.run)).result()
    assert (done.erased, done.held_back) == (1, 1)


async def test_a_parked_message_holds_nobody_back_and_is_emptied_with_its_orders_buyer(
    house: TimeSkipper, pool: Pool, conn: Connection
) -> None:
    known = await a_buyer(pool, vault(), "web-1", ended=LONG_AGO)
    await conn.execute("UPDATE inbox SET state = 'parked', parked_at = now() WHERE order_no = 'web-1'")
    done = await (await begin(house, EraseExpired.run)).result()
    assert (done.erased, done.held_back) == (1, 0)
    cursor = await conn.execute("SELECT sealed FROM inbox WHERE message_id = %s", (known.message_id,))
    assert [bytes(row["sealed"]) for row in await cursor.fetchall()] == [b""]


async def test_many_are_erased_in_batches(house: TimeSkipper, pool: Pool, conn: Connection) -> None:
    await conn.execute(
        """INSERT INTO contacts (contact_id, channel, wrapped_key, key_version, created_at)
           SELECT 'ct_' || n, 'web', 'x', '1', %s FROM generate_series(1, 450) n""",
        (LONG_AGO,),
    )
    handle = await begin(house, EraseExpired.run)
    assert (await handle.result()).erased == 450
    assert (
        len([e async for e in handle.fetch_history_events() if e.HasField("activity_task_scheduled_event_attributes")])
        == 4
    )
