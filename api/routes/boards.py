"""The deadline board and the record: what runs out, and what was done (R23)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Query

from api.auth import Staff, allowed
from api.house import InHouse
from api.pages import Cursor, Limit, cursor_of, key_of
from api.problems import REFUSALS
from api.schemas.boards import AuditPage, AuditView, DeadlinePage, DeadlineRowView, DeadlineView
from domain.deadlines import DEADLINES, DeadlineId, as_told
from domain.permissions import Permission
from store import audit, deadlines
from store.pool import Row

router = APIRouter(prefix="/v1", tags=["boards"])

Word = Query(max_length=150, pattern=r"^[^\x00]*$")


@router.get("/deadlines", responses=REFUSALS, summary="Running deadlines, the most overdue first")
async def list_deadlines(
    house: InHouse,
    by: Annotated[Staff, Depends(allowed(Permission.DEADLINE_READ))],
    department: Annotated[str | None, Word] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> DeadlinePage:
    """A keyset page of the deadline board."""
    del by
    key = cast("tuple[datetime, str, str] | None", key_of(cursor, datetime, str, str))
    t13 = house.settings.deadline_policy().duration(DeadlineId.T13)
    async with house.pool.connection() as conn:
        after = deadlines.Cursor(*key) if key else None
        rows = await deadlines.running(conn, department=department, after=after, limit=limit + 1, t13=t13)
    shown, now = rows[:limit], house.now()
    last = shown[-1] if len(rows) > limit else None
    following = cursor_of(last["due_at"], last["subject"], last["deadline"]) if last else None
    return DeadlinePage(items=[_deadline(row, now) for row in shown], next_cursor=following)


@router.get("/deadlines/table", responses=REFUSALS, summary="Every deadline of the promise, T1 to T21")
async def table(
    house: InHouse, by: Annotated[Staff, Depends(allowed(Permission.DEADLINE_READ))]
) -> list[DeadlineRowView]:
    """With the values in force; peak mode stretches T2 and T3 beyond them, see `GET /v1/peak`."""
    del by
    policy = house.settings.deadline_policy()
    return [DeadlineRowView(**as_told(row, policy)) for row in DEADLINES.values()]


@router.get("/audit", responses=REFUSALS, summary="Search the record")
async def search_audit(
    house: InHouse,
    by: Annotated[Staff, Depends(allowed(Permission.AUDIT_READ))],
    subject: Annotated[str | None, Word] = None,
    order: Annotated[str | None, Word] = None,
    act: Annotated[str | None, Word] = None,
    actor: Annotated[str | None, Word] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> AuditPage:
    """Entries in order of writing (R23)."""
    del by
    key = cast("tuple[int] | None", key_of(cursor, int))
    async with house.pool.connection() as conn:
        rows = await audit.list_entries(
            conn, subject=subject, order_no=order, act=act, actor=actor, after_id=key[0] if key else 0, limit=limit + 1
        )
    shown = rows[:limit]
    following = cursor_of(shown[-1]["id"]) if len(rows) > limit else None
    return AuditPage(items=[_entry(row) for row in shown], next_cursor=following)


def _deadline(row: Row, now: datetime) -> DeadlineView:
    names = ("subject", "deadline", "order_no", "workflow_id", "started_at", "due_at", "state", "department")
    plain: dict[str, Any] = {name: row[name] for name in names}
    promise = DEADLINES[DeadlineId(row["deadline"])].promise
    left = int((row["due_at"] - now).total_seconds()) if row["left_seconds"] is None else row["left_seconds"]
    return DeadlineView(promise=promise, seconds_left=left, **plain)


def _entry(row: Row) -> AuditView:
    ours = {"written_at": row["wall_at"], "who": row["actor"], "hash": bytes(row["hash"]).hex()}
    plain = {name: row[name] for name in AuditView.model_fields if name not in ours}
    return AuditView(**plain, **ours)
