"""Messages that could not be forwarded when they came are forwarded again, by a Schedule."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from models import workflow_names as names

with workflow.unsafe.imports_passed_through():
    from activities.inbox import InboxActivities
    from models.inbox import RedeliverInbox as Request


@workflow.defn(name=names.REDELIVER_WORKFLOW)
class RedeliverInbox:
    """One sweep of the inbox; the Schedule runs it every minute, never two at once."""

    @workflow.run
    async def run(self) -> int:
        """Forward what is due. Returns how many messages were forwarded."""
        return await workflow.execute_activity_method(
            InboxActivities.redeliver,
            Request(at=workflow.now()),
            start_to_close_timeout=timedelta(minutes=5),
            summary="forward what is due in the inbox",
        )
