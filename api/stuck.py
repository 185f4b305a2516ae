"""What does not go on by itself: the database's part and Temporal's, put together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC

import structlog
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.api.workflowservice.v1 import ResetActivityRequest
from temporalio.client import Client
from temporalio.client import WorkflowExecution as Listed
from temporalio.service import RPCError, RPCStatusCode

from api.house import House
from api.order_views import status_view
from api.schemas.stuck import (
    FailingWorkflow,
    ParkedMessage,
    RefusedOrder,
    RetryingActivity,
    StuckWork,
    UntoldNotice,
    WaitingMessage,
)
from api.temporal_ui import TemporalUi
from models.order import workflow_id as order_workflow
from models.temporal_names import REPORTED_PROBLEMS
from store import forwarding, parking, stuck, stuck_retrying
from store.asked import ask_on_record
from store.pool import Row
from store.reaching import RPC_TIMEOUT, TemporalAway, reaching_temporal
from store.stuck import Again, NotWaiting

SHOWN = 200
"""So many of each kind."""

_FAILING = f"{REPORTED_PROBLEMS} IS NOT NULL AND ExecutionStatus = 'Running'"

log = structlog.get_logger(__name__)


async def everything(house: House, ui: TemporalUi) -> StuckWork:
    """All of it, of about the same moment; ``ui`` is what the asker may see of it there."""
    async with house.pool.connection() as conn:
        noted = await stuck.retrying(conn, SHOWN)
        refused = await stuck.refused(conn, SHOWN)
        messages = await stuck.messages(conn, SHOWN)
        given_up = await parking.parked(conn, SHOWN)
        untold = await stuck.untold(conn, SHOWN)
    return StuckWork(
        workflows=await _failing(house.client, ui),
        activities=await _retrying(house, noted, ui),
        refused=[
            RefusedOrder(
                order_no=row["order_no"],
                status=status_view(row["status"]),
                why=row["why"],
                since=row["since"],
                temporal_ui=ui.page(order_workflow(row["order_no"])),
            )
            for row in refused
        ],
        messages=[WaitingMessage(error=row.pop("last_error"), **row) for row in messages],
        parked=[_parked_view(row) for row in given_up],
        notices=[UntoldNotice(error=row.pop("last_error"), **row) for row in untold],
    )


def _parked_view(row: Row) -> ParkedMessage:
    error = row.pop("last_error")
    return ParkedMessage(error=error, why=parking.why(error), **row)


async def try_message(house: House, message_id: str, again: Again) -> None:
    """Forward it now; raises NotWaiting. What does not reach its order stays due, or is parked again."""
    async with house.pool.connection() as conn:
        await stuck.try_message(conn, message_id, again)
    await forwarding.forward(house.client, house.pool, house.vault, message_id)


async def try_activity(house: House, workflow_id: str, activity: str, again: Again) -> None:
    """Have Temporal run it now, counting from one; raises NotWaiting, TemporalAway and Unanswered."""
    request = ResetActivityRequest(
        namespace=house.client.namespace,
        execution=WorkflowExecution(workflow_id=workflow_id),
        identity=again.by.id,
        type=activity,
    )
    async with house.pool.connection() as conn:
        entry = await stuck.activity_entry(conn, workflow_id, activity, again)
    temporal = house.client.workflow_service
    try:
        await ask_on_record(house.pool, entry, lambda: temporal.reset_activity(request, timeout=RPC_TIMEOUT))
    except RPCError as error:
        if error.status not in (RPCStatusCode.NOT_FOUND, RPCStatusCode.INVALID_ARGUMENT):
            raise
        raise NotWaiting(f"{workflow_id} does not wait for {activity}") from None
    async with house.pool.connection() as conn:
        await stuck.forget(conn, workflow_id, activity)


async def _failing(client: Client, ui: TemporalUi) -> list[FailingWorkflow] | None:
    try:
        with reaching_temporal():
            return [_failing_view(found, ui) async for found in client.list_workflows(_FAILING, limit=SHOWN)]
    except (TemporalAway, RPCError) as error:
        log.warning("failing_workflows_not_known", error=type(error).__name__)
        return None


def _failing_view(found: Listed, ui: TemporalUi) -> FailingWorkflow:
    told = found.search_attributes.get(REPORTED_PROBLEMS, ())
    causes = [str(text).removeprefix("cause=") for text in told if str(text).startswith("cause=")]
    return FailingWorkflow(
        workflow_id=found.id,
        workflow_type=found.workflow_type,
        problem=", ".join(causes) or "not told",
        started_at=found.start_time,
        temporal_ui=ui.page(found.id),
    )


async def _retrying(house: House, noted: Sequence[Row], ui: TemporalUi) -> list[RetryingActivity] | None:
    """How the noted ones stand now; those that Temporal knows no more are left out, and forgotten by the sweep."""
    try:
        asked = await stuck_retrying.standing(house.client, noted)
    except (TemporalAway, RPCError) as error:
        log.warning("retrying_activities_not_known", error=type(error).__name__)
        return None
    return [_retrying_view(row, pending, ui) for row, pending in asked if pending is not None]


def _retrying_view(row: Row, pending: PendingActivityInfo, ui: TemporalUi) -> RetryingActivity:
    failure = pending.last_failure
    waits = pending.HasField("next_attempt_schedule_time")
    return RetryingActivity(
        workflow_id=row["workflow_id"],
        activity=row["activity"],
        attempt=pending.attempt,
        # The type alone: a text from outside may hold anything (R21).
        error=failure.application_failure_info.type or failure.WhichOneof("failure_info") or "not told",
        since=row["since"],
        next_attempt_at=pending.next_attempt_schedule_time.ToDatetime(UTC) if waits else None,
        temporal_ui=ui.page(row["workflow_id"]),
    )
