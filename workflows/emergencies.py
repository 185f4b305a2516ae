"""Emergencies: many orders held together until they are released together, and peak mode (R7, R25).

Both go through the orders batch by batch, a bounded number at once. An order that comes in
meanwhile falls under the emergency by itself (store.holds.fall_under); the second round finds
those that were on their way in while the first one looked.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy

from domain.errors import NotWaitingForThis
from models import workflow_names as names
from models.emergencies import (
    BatchDone,
    HoldBatch,
    HoldOpening,
    HoldTurn,
    OpenHold,
    OpenPeak,
    PeakBatch,
    RecordPeak,
    ReleaseHold,
)
from workflows.refusals import refusing

with workflow.unsafe.imports_passed_through():
    from activities.emergencies import Emergencies

# Longer than a transaction that records an order may take.
ON_ITS_WAY_IN = timedelta(seconds=30)
_SLOWEST_ROUND = timedelta(hours=1)
_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))
Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
Hand = Callable[[Any, Asked], Awaitable[Answer]]


async def _step(hand: Hand[Asked, Answer], request: Asked, summary: str) -> Answer:
    """One transaction in our own database."""
    return await workflow.execute_activity_method(
        hand, request, start_to_close_timeout=timedelta(seconds=10), retry_policy=_RETRY, summary=summary
    )


async def _batch(hand: Hand[Asked, Answer], request: Asked, summary: str) -> Answer:
    """Many orders asked, a bounded number at once."""
    return await workflow.execute_activity_method(
        hand,
        request,
        start_to_close_timeout=timedelta(minutes=10),
        heartbeat_timeout=timedelta(minutes=1),
        retry_policy=_RETRY,
        summary=summary,
    )


async def through_all(batch: Callable[[str], Awaitable[BatchDone]]) -> int:
    """Batch after batch until none is left; returns how many orders did not answer."""
    after, unanswered = "", 0
    while True:
        done = await batch(after)
        unanswered += done.unanswered
        if done.last is None:
            return unanswered
        after = done.last


@workflow.defn(name=names.BULK_HOLD_WORKFLOW)
class BulkHold:
    """Id ``hold-<hold id>``: lives as long as the emergency stands."""

    @workflow.init
    def __init__(self, opening: OpenHold) -> None:
        """A release may be asked for before ``run`` starts."""
        self.opening = opening
        self.asked: ReleaseHold | None = None

    @workflow.run
    async def run(self, opening: OpenHold) -> str:
        """Hold all, stand, release all. Returns how it ended."""
        request = HoldOpening(at=workflow.now(), opening=opening)
        await _step(Emergencies.open_hold, request, "put it on record")
        await self.hold_all()
        await self.turn("releasing")
        await self.let_go()
        await self.turn("released")
        await workflow.wait_condition(workflow.all_handlers_finished)
        return "released"

    @workflow.update(name=names.RELEASE_HOLD)
    async def release(self, release: ReleaseHold) -> str:
        """Release the orders; answered as soon as it is taken, the orders follow."""
        if self.asked is None:
            self.asked = release
        return self.opening.hold_id

    @release.validator
    def _(self, release: ReleaseHold) -> None:
        with refusing():
            if self.asked is not None and self.asked.key != release.key:
                raise NotWaitingForThis(f"{self.asked.by.id} has released it already")

    async def hold_all(self) -> None:
        """Rounds until everybody has answered and nobody can be on the way in any more; then stand."""
        pause, first = ON_ITS_WAY_IN, True
        while self.asked is None:
            unanswered = await through_all(self.hold_batch)
            if first:
                await self.turn("standing")
            if not first and not unanswered:
                await workflow.wait_condition(lambda: self.asked is not None)
                return
            first = False
            await self.pause(pause)
            pause = min(pause * 2, _SLOWEST_ROUND)

    async def pause(self, duration: timedelta) -> None:
        """Wait for the next round, or for the release."""
        try:
            await workflow.wait_condition(
                lambda: self.asked is not None, timeout=duration, timeout_summary="next round of the hold"
            )
        except TimeoutError:
            return

    async def let_go(self) -> None:
        """Release in rounds until every order has answered."""
        pause = ON_ITS_WAY_IN
        while await through_all(self.release_batch):
            await workflow.sleep(pause, summary="next round of the release")
            pause = min(pause * 2, _SLOWEST_ROUND)

    async def turn(self, state: str) -> None:
        """Record how the emergency stands."""
        request = HoldTurn(at=workflow.now(), hold_id=self.opening.hold_id, state=state, release=self.asked)
        await _step(Emergencies.turn_hold, request, state)

    async def hold_batch(self, after: str) -> BatchDone:
        """The next orders are held."""
        request = HoldBatch(at=workflow.now(), opening=self.opening, after=after)
        return await _batch(Emergencies.hold_orders, request, f"hold orders after {after or 'the beginning'}")

    async def release_batch(self, after: str) -> BatchDone:
        """The next orders are released."""
        request = HoldBatch(at=workflow.now(), opening=self.opening, release=self.asked, after=after)
        return await _batch(Emergencies.release_orders, request, f"release orders after {after or 'the beginning'}")


@workflow.defn(name=names.PEAK_WORKFLOW)
class PeakMode:
    """Id ``peak-<peak id>``: one setting of peak mode, brought to every order that waits in review."""

    @workflow.run
    async def run(self, peak: OpenPeak) -> int:
        """Record it, tell the orders, and once more those that were entering review meanwhile. Returns its number."""
        request = RecordPeak(at=workflow.now(), peak=peak)
        made = await _step(Emergencies.record_peak, request, "put it on record")

        async def batch(after: str) -> BatchDone:
            told = PeakBatch(peak=peak, peak_no=made.peak_no, after=after)
            return await _batch(Emergencies.stretch_orders, told, f"stretch T2 and T3 by {peak.factor} (R7)")

        await through_all(batch)
        await workflow.sleep(ON_ITS_WAY_IN, summary="orders on their way into review")
        for _ in range(10):
            if not await through_all(batch):
                break
            await workflow.sleep(ON_ITS_WAY_IN, summary="orders that did not answer")
        return made.peak_no
