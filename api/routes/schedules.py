"""The clockwork of the house: every Temporal Schedule, its last runs, and running one now."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from temporalio.client import (
    ScheduleActionExecutionStartWorkflow,
    ScheduleActionResult,
    ScheduleDescription,
    ScheduleOverlapPolicy,
)
from temporalio.service import RPCError, RPCStatusCode

from api.auth import Staff, allowed
from api.house import House, InHouse
from api.once import Answer, Asking, Key, once
from api.problems import NO_ANSWER, REFUSALS, Away, NoAnswer, NotThere, among
from api.schemas.stuck import ScheduleRun, Schedules, ScheduleStarted, ScheduleView, TryAgain
from api.temporal_ui import TemporalUi, temporal_ui
from domain.permissions import Permission
from store.asked import Unanswered, ask_on_record
from store.audit import Entry
from store.reaching import RPC_TIMEOUT, TemporalAway, no_such_workflow, reaching_temporal
from workflows.schedules import SCHEDULES, Standing

router = APIRouter(prefix="/v1/schedules", tags=["schedules"])

ScheduleId = Annotated[str, Path(pattern=r"^[a-z-]{1,60}$", examples=["sweep"])]
_RUNS = 5
_AWAY = "Temporal cannot be reached; ask again"
_LOOK = "look among its last runs before you ask again"


@router.get("", responses=REFUSALS | among(503), summary="What the house does by the clock, with the last runs")
async def list_schedules(house: InHouse, by: Annotated[Staff, Depends(allowed(Permission.SCHEDULE_READ))]) -> Schedules:
    """Each with its next run and its last five; one that is missing in Temporal is shown as such."""
    ui = temporal_ui(house, by)
    try:
        with reaching_temporal():
            return Schedules(items=await asyncio.gather(*[_view(house, standing, ui) for standing in SCHEDULES]))
    except TemporalAway:
        raise Away(_AWAY) from None


@router.post(
    "/{schedule_id}/run",
    response_model=ScheduleStarted,
    responses=REFUSALS | among(404, 503) | NO_ANSWER,
    summary="Run it now",
)
async def run_schedule(
    request: Request, schedule_id: ScheduleId, body: TryAgain, key: Key, house: InHouse,
    by: Annotated[Staff, Depends(allowed(Permission.SCHEDULE_RUN))],
) -> Response:  # fmt: skip
    """Never two of it at a time: while a run is under way this one is left out."""
    return await once(house, Asking.by(by.id, key, request, body), lambda: _run(house, schedule_id, body.reason, by))


async def _run(house: House, schedule_id: str, why: str, by: Staff) -> Answer:
    if schedule_id not in {standing.id for standing in SCHEDULES}:
        raise NotThere(f"there is no schedule {schedule_id}")
    entry = Entry(subject=f"schedule:{schedule_id}", at=house.now(), by=by.actor, act="schedule_run", why=why)
    schedule = house.client.get_schedule_handle(schedule_id)
    try:
        await ask_on_record(
            house.pool, entry, lambda: schedule.trigger(overlap=ScheduleOverlapPolicy.SKIP, rpc_timeout=RPC_TIMEOUT)
        )
    except TemporalAway:
        raise Away(_AWAY) from None
    except Unanswered:
        raise NoAnswer(f"Temporal did not say whether it runs {schedule_id}: {_LOOK}") from None
    except RPCError as error:
        if not no_such_workflow(error):
            raise
        raise NotThere(f"{schedule_id} is not in Temporal: run `orderflow schedules`") from None
    return Answer.of(ScheduleStarted(id=schedule_id))


async def _view(house: House, standing: Standing, ui: TemporalUi) -> ScheduleView:
    try:
        described = await house.client.get_schedule_handle(standing.id).describe(rpc_timeout=RPC_TIMEOUT)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return ScheduleView(**_told(standing), missing=True, paused=False, next_run_at=None, runs=[])
    return ScheduleView(
        **_told(standing),
        missing=False,
        paused=described.schedule.state.paused,
        next_run_at=next(iter(described.info.next_action_times), None),
        runs=await _runs(house, described, ui),
    )


def _told(standing: Standing) -> dict[str, str]:
    return {"id": standing.id, "summary": standing.summary, "every": standing.cron or str(standing.every)}


async def _runs(house: House, described: ScheduleDescription, ui: TemporalUi) -> list[ScheduleRun]:
    newest = described.info.recent_actions[::-1][:_RUNS]
    return await asyncio.gather(*[_run_view(house, one, ui) for one in newest])


async def _run_view(house: House, one: ScheduleActionResult, ui: TemporalUi) -> ScheduleRun:
    action = one.action
    assert isinstance(action, ScheduleActionExecutionStartWorkflow)
    return ScheduleRun(
        workflow_id=action.workflow_id,
        scheduled_at=one.scheduled_at,
        started_at=one.started_at,
        status=await _status(house, action),
        temporal_ui=ui.page(action.workflow_id),
    )


async def _status(house: House, action: ScheduleActionExecutionStartWorkflow) -> str | None:
    handle = house.client.get_workflow_handle(action.workflow_id, run_id=action.first_execution_run_id)
    try:
        described = await handle.describe(rpc_timeout=RPC_TIMEOUT)
    except RPCError as error:
        if no_such_workflow(error):
            return None
        raise
    return described.status.name.lower() if described.status else None
