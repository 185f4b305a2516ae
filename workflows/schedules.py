"""What runs by the clock of the house and not of an order: one table of Temporal Schedules.

A run that was missed while the system was down is caught up once within ``catch_up``,
never two at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from temporalio.client import (
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
)

from models import upkeep
from models import workflow_names as names
from models.temporal_names import ORDERS


@dataclass(frozen=True)
class Standing:
    """One Schedule: ``every`` an interval, or ``cron`` in the shop's time zone."""

    id: str
    workflow: str
    summary: str
    every: timedelta | None = None
    cron: str | None = None
    catch_up: timedelta = timedelta(minutes=10)

    def schedule(self, timezone: str) -> Schedule:
        """As Temporal knows it."""
        action = ScheduleActionStartWorkflow(
            self.workflow, id=self.id, task_queue=ORDERS, static_summary=self.summary, args=[]
        )
        spec = ScheduleSpec(
            intervals=[ScheduleIntervalSpec(every=self.every)] if self.every else [],
            cron_expressions=[self.cron] if self.cron else [],
            time_zone_name=timezone if self.cron else None,
        )
        policy = SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=self.catch_up)
        return Schedule(action=action, spec=spec, policy=policy)


SCHEDULES: Sequence[Standing] = (
    Standing(
        id="redeliver-inbox",
        workflow=names.REDELIVER_WORKFLOW,
        summary="forward what is due in the inbox",
        every=timedelta(minutes=1),
    ),
    Standing(
        id="anchor-audit",
        workflow=upkeep.ANCHOR_WORKFLOW,
        summary="sign the record of acts (R23)",
        every=timedelta(hours=1),
    ),
    Standing(
        id="fold-board",
        workflow=upkeep.FOLD_WORKFLOW,
        summary="fold the board's sums (R33)",
        every=timedelta(minutes=5),
    ),
    Standing(
        id="post-breaches",
        workflow=names.POST_BREACHES_WORKFLOW,
        summary="tell the group chat which deadlines passed (R25)",
        every=timedelta(minutes=1),
    ),
    Standing(
        id="erase-expired",
        workflow=upkeep.ERASE_WORKFLOW,
        summary="erase persons whose time has come (R29, T21)",
        cron="15 4 * * *",
        catch_up=timedelta(hours=12),
    ),
    Standing(
        id="listen-for-silence",
        workflow=names.LISTEN_WORKFLOW,
        summary="look for senders that have stopped sending (accident 7)",
        every=timedelta(minutes=15),
    ),
    Standing(
        id="pull-channels",
        workflow=names.PULL_WORKFLOW,
        summary="ask each channel for what never came (accident 7)",
        every=timedelta(minutes=10),
    ),
    Standing(
        id="review-rights",
        workflow=upkeep.REVIEW_RIGHTS_WORKFLOW,
        summary="put everybody's rights up for review (R22, T16)",
        cron="0 9 1 * *",
        catch_up=timedelta(days=7),
    ),
    Standing(
        id="sweep",
        workflow=names.SWEEP_WORKFLOW,
        summary="compare orders, workflows, money and stock (accident 9)",
        cron="30 3 * * *",
        catch_up=timedelta(hours=12),
    ),
    Standing(
        id="daily-digest",
        workflow=names.DIGEST_WORKFLOW,
        summary="digest of the day before (R25, T17)",
        cron="0 9 * * *",
        catch_up=timedelta(hours=23),
    ),
)
