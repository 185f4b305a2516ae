"""Orders beside their workflows: does each unended order have one that runs, and do both say the same? (accident 9)

The row is read before Temporal is asked, and again where both disagree, so that an order
which moved in between is no difference.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from domain.order_status import ENDED, OrderStatus
from domain.sweep import PROVEN_AT_ONCE, SeenWorkflow, workflow_difference
from models.order import workflow_id
from models.sweep import Compared
from models.temporal_names import ORDER_STATUS
from store import stuck_retrying, sweep
from store.pool import Connection, Pool, Row
from store.reaching import RPC_TIMEOUT, no_such_workflow, reaching_temporal
from store.sweep import Found

_AT_ONCE = 16
# A workflow that has ended stays ended: those of older ends were compared by earlier sweeps.
_LATELY = timedelta(days=3)


async def compare(
    client: Client, pool: Pool, at: datetime, settled: datetime, *, after: str = "", limit: int = 1_000
) -> Compared:
    """Compare one page of orders with their workflows, and keep what differs.

    What moved after ``settled`` is left for the next sweep, unless it is proven at once. Before the
    first page, what is noted as retrying and is so no more is forgotten. Raises TemporalAway.
    """
    if not after:
        await stuck_retrying.forget_gone(client, pool, limit)
    orders = await _page(pool, at, after, limit)
    found = await _differing(client, orders)
    async with pool.connection() as conn:
        still = {row["order_no"]: row for row in await _again(conn, [one.order_no for one in found])}
        await sweep.keep(conn, at, [one for one in found if _stands(one, still.get(one.order_no), settled)])
    return Compared(compared=len(orders), next_after=orders[-1]["order_no"] if len(orders) == limit else None)


async def compare_all(client: Client, pool: Pool, at: datetime, settled: datetime) -> int:
    """Every page; returns the number of orders compared. Raises TemporalAway."""
    compared, after = 0, ""
    while True:
        page = await compare(client, pool, at, settled, after=after)
        compared += page.compared
        if page.next_after is None:
            return compared
        after = page.next_after


async def seen(client: Client, order_no: str) -> SeenWorkflow | None:
    """What Temporal says of an order's workflow; None when it knows none. Raises TemporalAway."""
    handle = client.get_workflow_handle(workflow_id(order_no))
    with reaching_temporal():
        try:
            found = await handle.describe(rpc_timeout=RPC_TIMEOUT)
        except RPCError as error:
            if no_such_workflow(error):
                return None
            raise
    running = found.status in {None, WorkflowExecutionStatus.RUNNING}
    end = None if running or found.status is None else found.status.name.lower()
    return SeenWorkflow(end=end, status=found.typed_search_attributes.get(ORDER_STATUS))


async def _differing(client: Client, orders: Sequence[Row]) -> list[Found]:
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(row: Row) -> Found | None:
        async with gate:
            workflow = await seen(client, row["order_no"])
        if (difference := workflow_difference(OrderStatus(row["status"]), workflow)) is None:
            return None
        kind, evidence = difference
        about = {"status": row["status"]}
        return Found(kind, f"order:{row['order_no']}", evidence, row["order_no"], about)

    return [found for found in await asyncio.gather(*(one(row) for row in orders)) if found]


def _stands(found: Found, row: Row | None, settled: datetime) -> bool:
    """Whether the row still says what it said, and has said so for long enough."""
    if row is None or row["status"] != found.about["status"]:
        return False
    return found.kind in PROVEN_AT_ONCE or row["last_act"] is None or row["last_act"] <= settled


async def _page(pool: Pool, at: datetime, after: str, limit: int) -> list[Row]:
    async with pool.connection() as conn:
        cursor = await conn.execute(
            "SELECT order_no, status FROM orders WHERE order_no > %(after)s"
            " AND (status <> ALL(%(ended)s) OR updated_at > %(lately)s) ORDER BY order_no LIMIT %(limit)s",
            {"after": after, "ended": sorted(ENDED), "lately": at - _LATELY, "limit": limit},
        )
        return await cursor.fetchall()


async def _again(conn: Connection, order_nos: Sequence[str | None]) -> list[Row]:
    cursor = await conn.execute(_AGAIN, (list(order_nos),))
    return await cursor.fetchall()


_AGAIN = """
SELECT o.order_no, o.status,
    (SELECT wall_at FROM audit_entries a WHERE a.order_no = o.order_no ORDER BY id DESC LIMIT 1) AS last_act
FROM orders o WHERE o.order_no = ANY(%s)
"""
