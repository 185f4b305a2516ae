"""What watches over the house: the nightly sweep, and the ear for silent senders (accidents 7 and 9)."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from temporalio import activity
from temporalio.client import Client

from domain.sweep import GRACE
from models.sweep import Compared, CompareWorkflows, ConcludeSweep, Listen, SweepBooks, SweepSummary
from store import risk, silence, sweep, sweep_workflows
from store.pool import Pool


class Watch:
    """Compares the records with each other; changes none of them."""

    def __init__(self, client: Client, pool: Pool, shop_timezone: str) -> None:
        self._client = client
        self._pool = pool
        self._zone = ZoneInfo(shop_timezone)

    @activity.defn
    async def sweep_books(self, request: SweepBooks) -> None:
        """Compare order, money, stock and messages in the database."""
        await sweep.check_books(self._pool, request.at, request.at - GRACE)

    @activity.defn
    async def compare_workflows(self, request: CompareWorkflows) -> Compared:
        """Compare a page of orders with their workflows."""
        settled = request.at - GRACE
        return await sweep_workflows.compare(
            self._client, self._pool, request.at, settled, after=request.after, limit=request.limit
        )

    @activity.defn
    async def conclude_sweep(self, request: ConcludeSweep) -> SweepSummary:
        """Close what is gone, tell the departments what is new, and forget what no counter can reach any more."""
        async with self._pool.connection() as conn:
            await risk.forget(conn, request.at - risk.KEPT)
            return await sweep.conclude(conn, request.at)

    @activity.defn
    async def listen_for_silence(self, request: Listen) -> list[str]:
        """Tell operations of senders that are silent for longer than their habit; returns who is silent."""
        async with self._pool.connection() as conn:
            return await silence.listen(conn, request.at, self._zone)
