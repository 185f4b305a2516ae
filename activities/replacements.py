"""Replacement orders: planned in the database, then started as any order is (R13, R15, R16, R24)."""

from __future__ import annotations

from temporalio import activity
from temporalio.client import Client

from activities.refusals import final_refusals
from models.remedies import PlanReplacement, ReplacementSent
from store import courier, replacements
from store.pool import Pool


class Replacements:
    """A replacement is no child of its case: its own clock runs, and it outlives the case."""

    def __init__(self, client: Client, pool: Pool) -> None:
        self._client = client
        self._pool = pool

    @activity.defn
    async def send_replacement(self, request: PlanReplacement) -> ReplacementSent:
        """Plan the linked order and start it; asked again under the same key it is the same one."""
        with final_refusals():
            async with self._pool.connection() as conn:
                order = await replacements.plan(conn, request)
            await courier.start_order(self._client, self._pool, order)
        return ReplacementSent(order_no=order.order_no)
