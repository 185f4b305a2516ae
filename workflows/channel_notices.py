"""Keeping one channel's front end in step (R20, T13).

Every step of an order writes its notice in the step's own transaction. ``ChannelNotices``,
one per channel, has them delivered in order; so a channel that is down is one thing to
look at, not ten thousand activities retrying. While a channel is behind, ``LateNotices``
stands beside it with T13's timer.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

from domain.deadlines import DEADLINES, DeadlineId
from models import workflow_names as names
from models.notices import BreachNotices, BreachReport, ChannelFeed, DeliverNotices, DeliveryReport, LateWatch
from models.temporal_names import CHANNELS

with workflow.unsafe.imports_passed_through():
    from activities.notices import Notices

_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))


@workflow.defn(name=names.CHANNEL_NOTICES_WORKFLOW)
class ChannelNotices:
    """Id ``notices-<channel>``; runs as long as the channel exists."""

    @workflow.run
    async def run(self, feed: ChannelFeed) -> None:
        """Deliver, and have somebody watch the clock whenever the channel is behind."""
        while not workflow.info().is_continue_as_new_suggested():
            report = await self.deliver(feed)
            if report.behind_since is not None and not feed.behind:
                await self.watch_the_clock(feed, report.behind_since)
            feed = feed.model_copy(update={"behind": report.behind_since is not None})
            workflow.set_current_details(f"**{feed.channel}**: {'behind' if feed.behind else 'every status delivered'}")
        workflow.continue_as_new(feed)

    async def deliver(self, feed: ChannelFeed) -> DeliveryReport:
        """Let the activity deliver: it listens for new notices and returns when there is something to say."""
        return await workflow.execute_activity_method(
            Notices.deliver_notices,
            DeliverNotices(channel=feed.channel, behind=feed.behind),
            task_queue=CHANNELS,
            start_to_close_timeout=timedelta(minutes=10),
            heartbeat_timeout=timedelta(seconds=15),
            retry_policy=_RETRY,
            summary=f"deliver status notices to {feed.channel}",
        )

    async def watch_the_clock(self, feed: ChannelFeed, since: datetime) -> None:
        """Start T13 for the channel, unless it is running from an earlier delay."""
        try:
            await workflow.start_child_workflow(
                LateNotices.run,
                LateWatch(channel=feed.channel, policy=feed.policy, behind_since=since),
                id=f"t13-{feed.channel}",
                parent_close_policy=ParentClosePolicy.ABANDON,
                static_summary=f"T13: {feed.channel} is behind",
            )
        except WorkflowAlreadyStartedError:
            workflow.logger.info("t13_runs_already", extra={"channel": feed.channel})


@workflow.defn(name=names.LATE_NOTICES_WORKFLOW)
class LateNotices:
    """Id ``t13-<channel>``: the clock of a channel that is behind. It ends when nothing is left to watch."""

    @workflow.run
    async def run(self, watch: LateWatch) -> int:
        """Wait until T13, say what is late then, and watch the next. Returns how many orders breached it."""
        while True:
            await self.until_due(watch, watch.behind_since)
            report = await self.breach(watch, watch.behind_since)
            watch = watch.model_copy(update={"breached": watch.breached + report.breached})
            if report.behind_since is None:
                return watch.breached
            watch = watch.model_copy(update={"behind_since": report.behind_since})
            # A busy channel that is down for days has one T13 after another: no one history holds them.
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(watch)

    async def until_due(self, watch: LateWatch, since: datetime) -> None:
        """T13's timer, named in the history.

        An order's clock may run ahead of this one (the time machine): then T13 runs from
        now, so that a promise never falls later for it.
        """
        due = watch.policy.deadlines().due(DeadlineId.T13, min(since, workflow.now()))
        words = f"T13 {DEADLINES[DeadlineId.T13].promise} {watch.channel}, due {due:%Y-%m-%d %H:%M:%S} UTC"
        workflow.set_current_details(words)
        await workflow.sleep(max(due - workflow.now(), timedelta(0)), summary=words)

    async def breach(self, watch: LateWatch, since: datetime) -> BreachReport:
        """Late is a breach: recorded and alerted; the delivering goes on (R20)."""
        changed_until = max(workflow.now() - watch.policy.deadlines().duration(DeadlineId.T13), since)
        return await workflow.execute_activity_method(
            Notices.breach_notices,
            BreachNotices(channel=watch.channel, at=workflow.now(), changed_until=changed_until),
            task_queue=CHANNELS,
            start_to_close_timeout=timedelta(seconds=30),
            retry_policy=_RETRY,
            summary=f"T13 passed: alert for {watch.channel}",
        )
