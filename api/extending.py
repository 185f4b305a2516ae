"""Extending and waiving deadlines through one door, whosesoever they are: an order's, a case's, a review's of rights.

The board names the subject (``order:site-1``, ``case:K-7``, ``rights-review:2026-11``); each of them has its
workflow, which decides and records it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from temporalio.client import WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError

from api import casework, commanding, scope
from api.auth import Staff
from api.casework import CaseAsk
from api.commanding import UPDATE_TIMEOUT, Ask, OutcomeUnknown, noted
from api.house import House
from api.once import Answer
from api.problems import Away, Faulty, NotThere, Unprocessable
from api.schemas.boards import DeadlineView
from api.schemas.commands import DeadlineChange
from domain.deadlines import DEADLINES, DeadlineId
from domain.intake import Fault
from models import workflow_names as names
from models.commands import ChangeDeadline
from models.upkeep import RightsDeadline
from store import deadlines, reaching
from store.pool import Row
from store.reaching import TemporalAway


@dataclass(frozen=True)
class Change:
    """What somebody asks of one deadline; ``number`` is the subject without its kind."""

    subject: str
    body: DeadlineChange
    key: str
    by: Staff

    @property
    def number(self) -> str:
        """The order's, the case's or the month."""
        return self.subject.partition(":")[2]

    def command(self, note_id: str | None) -> ChangeDeadline:
        """As the workflow is asked it."""
        seconds = self.body.extend_by_seconds
        return ChangeDeadline(
            by=self.by.actor,
            reason=self.body.reason,
            note_id=note_id,
            key=self.key,
            deadline=self.body.deadline,
            extend_by=None if seconds is None else timedelta(seconds=seconds),
        )


async def carry_out(house: House, change: Change) -> Answer:
    """Have it changed, and answer with the deadline as it then stands; 202 while the outcome is not known.

    Raises Faulty, NotThere, Conflicting, Forbidden, Unprocessable, Away.
    """
    try:
        await _ROADS[change.subject.partition(":")[0]](house, change)
    except (OutcomeUnknown, WorkflowUpdateRPCTimeoutOrCancelledError):
        return await _stands(house, change, 202)
    return await _stands(house, change, 200)


def deadline_view(row: Row, now: datetime, ahead: Mapping[str, timedelta]) -> DeadlineView:
    """A row of the deadline board; what is left goes by the clock of the workflow that waits for it."""
    now += ahead.get(row["workflow_id"], timedelta(0))
    known = ("subject", "deadline", "order_no", "workflow_id", "started_at", "due_at", "state", "department")
    plain: dict[str, Any] = {name: row[name] for name in known}
    promise = DEADLINES[DeadlineId(row["deadline"])].promise
    left = int((row["due_at"] - now).total_seconds()) if row["left_seconds"] is None else row["left_seconds"]
    return DeadlineView(promise=promise, seconds_left=left, **plain)


async def _stands(house: House, change: Change, status: int) -> Answer:
    row = await _row(house, change)
    ahead = await house.ahead([row["workflow_id"]])
    return Answer.of(deadline_view(row, house.now(), ahead), status)


async def _row(house: House, change: Change) -> Row:
    async with house.pool.connection() as conn:
        row = await deadlines.of_subject(conn, change.subject, change.body.deadline)
    if row is None:
        raise Unprocessable(
            f"{change.body.deadline} never ran for {change.subject}: see GET /v1/deadlines", slug="nothing-to-extend"
        )
    return row


async def _of_order(house: House, change: Change) -> None:
    async with house.pool.connection() as conn:
        await scope.check(conn, change.by, {"order_no": change.number})
    note_id = await commanding.write_note(house, change.number, change.body.note, change.key, change.by)
    async with noted(house, note_id):
        await commanding.tell(house, Ask(change.number, names.CHANGE_DEADLINE, change.command(note_id)))


async def _of_case(house: House, change: Change) -> None:
    async with house.pool.connection() as conn:
        await scope.check(conn, change.by, {"case_no": change.number})
    kept_under = await casework.about(house, change.number)
    note_id = await casework.write_note(house, kept_under, change.body.note, change.key, change.by)
    async with noted(house, note_id):
        await casework.tell(house, CaseAsk(change.number, names.CHANGE_DEADLINE, change.command(note_id)))


async def _of_rights_review(house: House, change: Change) -> None:
    if change.by.scope != scope.Scope():
        raise NotThere(f"there is no {change.subject}")
    if change.body.note is not None:
        raise Faulty([Fault("note", "is kept with orders and cases only: say it in the reason")])
    handle = house.client.get_workflow_handle((await _row(house, change))["workflow_id"])
    try:
        with reaching.reaching_temporal():
            await handle.execute_update(
                names.CHANGE_DEADLINE, change.command(None), id=change.key, result_type=RightsDeadline,
                rpc_timeout=UPDATE_TIMEOUT,
            )  # fmt: skip
    except WorkflowUpdateFailedError as error:
        raise commanding.refusal(error, "review") from None
    except TemporalAway:
        raise Away("Temporal cannot be reached; ask again with the same Idempotency-Key") from None
    except RPCError as error:
        if not reaching.no_such_workflow(error):
            raise
        text = f"{change.body.deadline} of {change.subject} is over: nobody waits for it any more"
        raise Unprocessable(text, slug="nothing-to-extend") from None


_ROADS: Mapping[str, Callable[[House, Change], Awaitable[None]]] = {
    "order": _of_order,
    "case": _of_case,
    "rights-review": _of_rights_review,
}
