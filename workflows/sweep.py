"""What watches over the house, run by Schedules: the nightly sweep, and the ear for silent senders."""

from __future__ import annotations

from datetime import datetime, timedelta

from temporalio import workflow

from models import workflow_names as names

with workflow.unsafe.imports_passed_through():
    from activities.sweep import Watch
    from models.sweep import CompareWorkflows, ConcludeSweep, Listen, SweepBooks, SweepSummary

_LONG = timedelta(minutes=30)


@workflow.defn(name=names.SWEEP_WORKFLOW)
class Sweep:
    """One sweep over order, workflow, money, stock and messages; its time is the time of all its findings."""

    @workflow.run
    async def run(self) -> SweepSummary:
        """Compare everything with everything; the differences stand on one list (orderflow reconcile)."""
        at = workflow.now()
        await workflow.execute_activity_method(
            Watch.sweep_books, SweepBooks(at=at), start_to_close_timeout=_LONG, summary="compare the books"
        )
        compared = await self.compare_workflows(at)
        summary = await workflow.execute_activity_method(
            Watch.conclude_sweep, ConcludeSweep(at=at), start_to_close_timeout=_LONG, summary="close what is gone"
        )
        return summary.model_copy(update={"compared": compared})

    async def compare_workflows(self, at: datetime) -> int:
        """Page after page of orders beside their workflows; returns how many."""
        after, compared = "", 0
        while True:
            page = await workflow.execute_activity_method(
                Watch.compare_workflows,
                CompareWorkflows(at=at, after=after),
                start_to_close_timeout=_LONG,
                summary=f"compare workflows after {after or 'the beginning'}",
            )
            compared += page.compared
            if page.next_after is None:
                return compared
            after = page.next_after


@workflow.defn(name=names.LISTEN_WORKFLOW)
class ListenForSilence:
    """Who has stopped sending? The Schedule asks every quarter of an hour (accident 7)."""

    @workflow.run
    async def run(self) -> list[str]:
        """Tell operations once of each silence. Returns who is silent."""
        return await workflow.execute_activity_method(
            Watch.listen_for_silence,
            Listen(at=workflow.now()),
            start_to_close_timeout=timedelta(minutes=5),
            summary="look for senders that have stopped sending",
        )
