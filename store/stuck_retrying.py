"""Activities that were noted as retrying, as Temporal knows them; what it knows no more is forgotten by the sweep."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import Client
from temporalio.service import RPCError

from store import stuck
from store.pool import Pool, Row
from store.reaching import RPC_TIMEOUT, no_such_workflow, reaching_temporal

_ASKED_AT_ONCE = 16


async def standing(client: Client, noted: Sequence[Row]) -> list[tuple[Row, PendingActivityInfo | None]]:
    """Each noted row with how it stands now: None when nothing of it waits. Raises TemporalAway and RPCError."""
    at_once = asyncio.Semaphore(_ASKED_AT_ONCE)

    async def ask(row: Row) -> tuple[Row, PendingActivityInfo | None]:
        async with at_once:
            return row, await _pending(client, row["workflow_id"], row["activity"])

    return await asyncio.gather(*[ask(row) for row in noted])


async def forget_gone(client: Client, pool: Pool, limit: int) -> None:
    """Of the oldest rows, forget those that Temporal knows no more. Raises TemporalAway and RPCError.

    An activity is forgotten when it succeeds; one that was given up, or whose workflow ended, is not.
    """
    async with pool.connection() as conn:
        noted = await stuck.retrying(conn, limit)
    gone = [row for row, pending in await standing(client, noted) if pending is None]
    async with pool.connection() as conn:
        for row in gone:
            await stuck.forget(conn, row["workflow_id"], row["activity"])


async def _pending(client: Client, workflow_id: str, activity: str) -> PendingActivityInfo | None:
    try:
        with reaching_temporal():
            described = await client.get_workflow_handle(workflow_id).describe(rpc_timeout=RPC_TIMEOUT)
    except RPCError as error:
        if no_such_workflow(error):
            return None
        raise
    pending = described.raw_description.pending_activities
    return next((one for one in pending if one.activity_type.name == activity and one.attempt > 1), None)
