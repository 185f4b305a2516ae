"""Asking every channel for what never came, run by a Schedule (accident 7)."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

from models import workflow_names as names
from models.temporal_names import CHANNELS

with workflow.unsafe.imports_passed_through():
    from activities.pulling import Pulling
    from models.pulling import PullChannel, Pulled, PullReport


@workflow.defn(name=names.PULL_WORKFLOW)
class PullChannels:
    """One round over all channels, side by side; one that does not answer keeps nobody waiting."""

    @workflow.run
    async def run(self) -> PullReport:
        """Ask them all. A channel that failed is asked again by the next round, from the same mark."""
        channels = await workflow.execute_activity_method(
            Pulling.pullable, start_to_close_timeout=timedelta(seconds=30), summary="who can be asked?"
        )
        at = workflow.now()
        answers = await asyncio.gather(*(self.pull(channel, at) for channel in channels))
        return PullReport(
            pulled=tuple(answer for answer in answers if isinstance(answer, Pulled)),
            failed=tuple(answer for answer in answers if isinstance(answer, str)),
        )

    async def pull(self, channel: str, at: datetime) -> Pulled | str:
        """What it brought, or the name of a channel that could not be asked."""
        try:
            return await workflow.execute_activity_method(
                Pulling.pull_channel,
                PullChannel(channel=channel, at=at),
                task_queue=CHANNELS,
                start_to_close_timeout=timedelta(minutes=30),
                heartbeat_timeout=timedelta(minutes=2),
                retry_policy=RetryPolicy(initial_interval=timedelta(seconds=5), maximum_attempts=3),
                summary=f"ask {channel} for what never came",
            )
        except ActivityError:
            return channel
