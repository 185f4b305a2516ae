"""Emergencies: orders held and released together, and peak mode (R7, R25)."""

from __future__ import annotations

from temporalio import activity
from temporalio.client import Client

from activities.asking import Reply, Said, ask_all
from models import workflow_names as names
from models.commands import Command, Hold, SetPeak, Unhold
from models.emergencies import BatchDone, HoldBatch, HoldOpening, HoldTurn, PeakBatch, PeakSet, RecordPeak
from store import holds, peak
from store.pool import Pool

_HELD = {Said.DONE: "held", Said.REFUSED: "refused", Said.UNANSWERED: "unanswered"}
_RELEASED = {Said.DONE: "released", Said.REFUSED: "release_refused", Said.UNANSWERED: "unanswered"}


class Emergencies:
    """Asks the orders one by one; each of them decides for itself, as for a person."""

    def __init__(self, client: Client, pool: Pool) -> None:
        self._client = client
        self._pool = pool

    @activity.defn
    async def open_hold(self, request: HoldOpening) -> None:
        """Put the emergency on record: new orders fall under it from here on."""
        async with self._pool.connection() as conn:
            await holds.open_hold(conn, request)

    @activity.defn
    async def turn_hold(self, request: HoldTurn) -> None:
        """Move the emergency on."""
        async with self._pool.connection() as conn:
            await holds.turn(conn, request)

    @activity.defn
    async def hold_orders(self, batch: HoldBatch) -> BatchDone:
        """Hold the next orders; those that answered in an earlier run of this batch are not asked again."""
        opening = batch.opening
        async with self._pool.connection() as conn:
            found = await holds.to_hold(conn, opening, batch.after, batch.limit)

        def command(order_no: str) -> Command:
            key = f"{opening.hold_id}:{order_no}"
            return Hold(by=opening.by, reason=opening.reason, key=key, clocks=opening.clocks, hold=opening.hold_id)

        replies = await ask_all(self._client, found, names.HOLD, command)
        return await self._keep(batch, replies, _HELD)

    @activity.defn
    async def release_orders(self, batch: HoldBatch) -> BatchDone:
        """Release the next orders that the emergency holds."""
        hold_id, release = batch.opening.hold_id, batch.release
        assert release is not None, "a release says who and why"
        async with self._pool.connection() as conn:
            found = await holds.to_release(conn, hold_id, batch.after, batch.limit)

        def command(order_no: str) -> Command:
            return Unhold(by=release.by, reason=release.reason, key=f"{hold_id}:{order_no}:release", hold=hold_id)

        replies = await ask_all(self._client, found, names.UNHOLD, command)
        return await self._keep(batch, replies, _RELEASED)

    @activity.defn
    async def record_peak(self, request: RecordPeak) -> PeakSet:
        """Put the setting on record; returns its number."""
        async with self._pool.connection() as conn:
            return PeakSet(peak_no=await peak.record(conn, request))

    @activity.defn
    async def stretch_orders(self, batch: PeakBatch) -> BatchDone:
        """Tell the next orders that wait in review; those that know refuse, and nothing happens twice."""
        asked = batch.peak
        async with self._pool.connection() as conn:
            found = await peak.waiting(conn, batch.after, batch.limit)

        def command(order_no: str) -> Command:
            key = f"{asked.peak_id}:{order_no}"
            return SetPeak(by=asked.by, reason=asked.reason, key=key, factor=asked.factor, peak_no=batch.peak_no)

        return _done(await ask_all(self._client, found, names.SET_PEAK, command), batch.limit)

    async def _keep(self, batch: HoldBatch, replies: list[Reply], states: dict[Said, str]) -> BatchDone:
        results = [(reply.order_no, states[reply.said], reply.why) for reply in replies]
        async with self._pool.connection() as conn:
            await holds.answered(conn, batch.opening.hold_id, results, batch.at)
        return _done(replies, batch.limit)


def _done(replies: list[Reply], limit: int) -> BatchDone:
    return BatchDone(
        asked=len(replies),
        unanswered=sum(reply.said is Said.UNANSWERED for reply in replies),
        last=replies[-1].order_no if len(replies) == limit else None,
    )
