"""The deadline board: what runs out, and when."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api import extending
from api.auth import Staff, allowed
from api.extending import Change, deadline_view
from api.house import InHouse
from api.once import Asking, Key, once
from api.pages import Cursor, Limit, cursor_of, key_of
from api.problems import COMMAND_REFUSALS, REFUSALS
from api.schemas.boards import DeadlinePage, DeadlineRowView, DeadlineView
from api.schemas.commands import DeadlineChange
from api.scope import within
from domain.deadlines import DEADLINES, DeadlineId, as_told
from domain.permissions import Permission
from store import deadlines

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
    """A keyset page of the deadline board; whoever is confined sees what is theirs."""
    key = cast("tuple[datetime, str, str] | None", key_of(cursor, datetime, str, str))
    t13 = house.settings.deadline_policy().duration(DeadlineId.T13)
    async with house.pool.connection() as conn:
        after = deadlines.Cursor(*key) if key else None
        rows = await deadlines.running(
            conn, department=department, after=after, limit=limit + 1, t13=t13, within=within(by)
        )
    shown = rows[:limit]
    ahead = await house.ahead(row["workflow_id"] for row in shown)
    last = shown[-1] if len(rows) > limit else None
    following = cursor_of(last["due_at"], last["subject"], last["deadline"]) if last else None
    return DeadlinePage(items=[deadline_view(row, house.now(), ahead) for row in shown], next_cursor=following)


Subject = Annotated[
    str,
    Path(pattern=r"^(order|case|rights-review):[A-Za-z0-9._-]{1,130}$", examples=["order:site-20240611-0042"]),
]


@router.post(
    "/deadlines/{subject}", response_model=DeadlineView, responses=COMMAND_REFUSALS,
    summary="Extend or waive a running deadline, whosesoever it is",
)  # fmt: skip
async def change_deadline(
    request: Request,
    subject: Subject,
    body: DeadlineChange,
    key: Key,
    house: InHouse,
    by: Annotated[Staff, Depends(allowed(Permission.DEADLINE_CHANGE))],
) -> Response:
    """An order's, a case's, or that of a review of rights (T16): by its subject on the board, with a reason."""
    change = Change(subject, body, key, by)
    asking = Asking.by(subject, key, request, body, who=by.id)
    return await once(house, asking, lambda: extending.carry_out(house, change))


@router.get("/deadlines/table", responses=REFUSALS, summary="Every deadline of the promise, T1 to T21")
async def table(
    house: InHouse, by: Annotated[Staff, Depends(allowed(Permission.DEADLINE_READ))]
) -> list[DeadlineRowView]:
    """With the values in force; peak mode stretches T2 and T3 beyond them, see `GET /v1/peak`."""
    del by
    policy = house.settings.deadline_policy()
    return [DeadlineRowView(**as_told(row, policy)) for row in DEADLINES.values()]
