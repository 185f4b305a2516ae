"""A workflow that does nothing but wait as a happy order waits: what the order is measured against.

Two regular and three local activities, two signals, one update; a long timer that the first
signal ends, a two-hour timer that the update ends, a timer of one second that fires.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, TextIO

from temporalio import activity, workflow

QUEUE: Final = "bench-no-op"
LAST_WAIT: Final = timedelta(seconds=1)


DRAINED: Final = 4
"""The last stage of one that waited in vain."""


class NoOpHands:
    """Activities that do nothing; ``stages`` learns where a workflow stands, for the driver to read."""

    def __init__(self, stages: TextIO) -> None:
        self._stages = stages

    @activity.defn
    async def pass_stage(self, stage: int) -> None:
        """Say that this workflow has come to ``stage``, and nothing else."""
        self._stages.write(f"{activity.info().workflow_id} {stage}\n")
        self._stages.flush()


@workflow.defn
class NoOpWorkflow:
    """Its waits, activities and messages are an order's; its work is none."""

    def __init__(self) -> None:
        self.begun = self.decided = self.ended = False

    @workflow.run
    async def run(self) -> None:
        """Local, wait, local, regular, wait, local, regular, wait, one second."""
        await local(1)
        await workflow.wait_condition(lambda: self.begun, timeout=timedelta(hours=24))
        await local(2)
        await regular(3)
        await workflow.wait_condition(lambda: self.decided, timeout=timedelta(hours=2))
        await local(4)
        await regular(5)
        await workflow.wait_condition(lambda: self.ended)
        await workflow.sleep(LAST_WAIT)

    @workflow.signal
    def begin(self) -> None:
        """Where an order is paid."""
        self.begun = True

    @workflow.update
    async def decide(self) -> str:
        """Where an order is approved."""
        self.decided = True
        return "decided"

    @decide.validator
    def _(self) -> None:
        if self.decided:
            raise ValueError("decided already")

    @workflow.signal
    def end(self) -> None:
        """Where an order is signed for."""
        self.ended = True


@workflow.defn
class UnpaidNoOpWorkflow:
    """What an order that nobody pays does: is there, waits in vain, closes the payment, ends. Its work is none."""

    @workflow.run
    async def run(self, until: datetime) -> None:
        """Local, wait, local, regular, local."""
        await local(1)
        await workflow.sleep(max(until - workflow.now(), timedelta(0)))
        await local(2)
        await regular(3)
        await local(DRAINED)


async def local(stage: int) -> None:
    """A local activity, as the order's database steps are."""
    await workflow.execute_local_activity_method(
        NoOpHands.pass_stage, stage, start_to_close_timeout=timedelta(seconds=10)
    )


async def regular(stage: int) -> None:
    """A regular activity, as the order's calls to outside parties are."""
    await workflow.execute_activity_method(NoOpHands.pass_stage, stage, start_to_close_timeout=timedelta(seconds=30))
