"""Keeping one channel's front end in step (R20, T13).

Every step of an order writes its notice in the step's own transaction; this workflow,
one per channel, has them delivered, in order, and stands watch with T13's timer whenever
the channel is behind. So a channel that is down is one thing to look at, not ten thousand
activities retrying.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from domain.deadlines import DEADLINES, DeadlineId
from models import workflow_names as names
from models.notices import BreachNotices, DeliverNotices, DeliveryReport, NoticeState
from models.order import Policy
from models.temporal_names import CHANNELS

with workflow.unsafe.imports_passed_through():
    from activities.notices import Notices

_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))


@workflow.defn(name=names.CHANNEL_NOTICES_WORKFLOW)
class ChannelNotices:
    """Id ``notices-<channel>``; runs as long as the channel exists."""

    @workflow.run
    async def run(self, channel: str, policy: Policy, state: NoticeState | None = None) -> None:
        """Deliver, watch, and start afresh when the history has grown long."""
        self.channel, self.policy, self.state = channel, policy, state or NoticeState()
        while not workflow.info().is_continue_as_new_suggested():
            await self.deliver_once()
        workflow.continue_as_new(args=[channel, policy, self.state])

    async def deliver_once(self) -> None:
        """One run of the delivering activity, with T13 beside it while the channel is behind."""
        workflow.set_current_details(self.details())
        delivering = asyncio.ensure_future(self.deliver())
        watch = asyncio.create_task(self.watch()) if self.state.due else None
        waiting = [delivering, *([watch] if watch else [])]
        await workflow.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if watch is not None and watch.done() and not delivering.done():
            await self.breach()
        report = await delivering
        if watch is not None and not watch.done():
            watch.cancel()
        self.take_in(report)

    def take_in(self, report: DeliveryReport) -> None:
        """Start T13's clock for what is behind; stop it when all is delivered."""
        since = report.behind_since
        if since is None:
            self.state = NoticeState()
        elif since != self.state.behind_since:
            # An order's clock may run ahead of ours (the time machine): never promise later.
            start = min(since, workflow.now())
            due = self.policy.deadlines().due(DeadlineId.T13, start)
            already = self.state.breached_until is not None and since <= self.state.breached_until
            self.state = self.state.model_copy(update={"behind_since": since, "due": None if already else due})

    async def deliver(self) -> DeliveryReport:
        """Let the activity deliver: it listens for new notices and returns when there is something to say."""
        request = DeliverNotices(channel=self.channel, behind=self.state.behind_since is not None)
        return await workflow.execute_activity_method(
            Notices.deliver_notices,
            request,
            task_queue=CHANNELS,
            start_to_close_timeout=timedelta(minutes=10),
            heartbeat_timeout=timedelta(seconds=15),
            retry_policy=_RETRY,
            summary=f"deliver status notices to {self.channel}",
        )

    async def watch(self) -> None:
        """T13's timer, named in the history."""
        assert self.state.due is not None
        summary = f"T13 {DEADLINES[DeadlineId.T13].promise} {self.channel}, due {self.state.due:%Y-%m-%d %H:%M:%S} UTC"
        await workflow.sleep(max(self.state.due - workflow.now(), timedelta(0)), summary=summary)

    async def breach(self) -> None:
        """Late is a breach: it is recorded and alerted, and the delivering goes on (R20)."""
        until = workflow.now() - self.policy.deadlines().duration(DeadlineId.T13)
        changed_until: datetime = max(until, self.state.behind_since or until)
        request = BreachNotices(channel=self.channel, at=workflow.now(), changed_until=changed_until)
        await workflow.execute_activity_method(
            Notices.breach_notices,
            request,
            task_queue=CHANNELS,
            start_to_close_timeout=timedelta(seconds=30),
            retry_policy=_RETRY,
            summary=f"T13 passed: alert for {self.channel}",
        )
        self.state = self.state.model_copy(update={"due": None, "breached_until": changed_until})

    def details(self) -> str:
        """What the Temporal UI shows."""
        if self.state.behind_since is None:
            return f"**{self.channel}**: every status delivered"
        since, due = self.state.behind_since, self.state.due or "passed"
        return f"**{self.channel}**: behind since {since:%Y-%m-%d %H:%M:%S} UTC, T13 {due}"
