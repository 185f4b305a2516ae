"""What each department is told to look at: deadlines that passed, cases that opened, parties that refuse (R7, R25)."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Query, Request, Response

from api.auth import Staff, allowed
from api.house import InHouse
from api.once import Answer, Asking, Key, once
from api.pages import Cursor, Limit, cursor_of, key_of
from api.problems import REFUSALS, Forbidden, among
from api.schemas.alerts import AlertPage, AlertView, LookedAt, Seen
from api.scope import within
from domain.permissions import Permission, Role
from store import alerts
from store.alerts import Look

router = APIRouter(prefix="/v1/alerts", tags=["boards"])

Reader = Annotated[Staff, Depends(allowed(Permission.ALERT_READ))]
_SEE_ALL = frozenset({Role.OPERATIONS, Role.ADMINISTRATOR, Role.AUDITOR})
"""They may look over every department's shoulder; everybody else is told what is for their own."""


@router.get("", responses=REFUSALS, summary="Alerts that nobody has looked at yet, the newest first")
async def list_alerts(
    house: InHouse,
    by: Reader,
    department: Annotated[Role | None, Query(description="Left out: your own, or all if you see all")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> AlertPage:
    """A keyset page of your department's alerts."""
    key = cast("tuple[int] | None", key_of(cursor, int))
    async with house.pool.connection() as conn:
        rows = await alerts.unseen(
            conn, _department(by, department), before_id=key[0] if key else None, limit=limit + 1,
            within=within(by),
        )  # fmt: skip
    shown = rows[:limit]
    following = cursor_of(shown[-1]["id"]) if len(rows) > limit else None
    return AlertPage(items=[AlertView(**row) for row in shown], next_cursor=following)


@router.post("/seen", response_model=Seen, responses=REFUSALS | among(409), summary="Say that you have looked at some")
async def look_at(request: Request, body: LookedAt, key: Key, house: InHouse, by: Reader) -> Response:
    """Those of your own department; operations do it for any. They leave the list, and who looked is kept."""

    async def answer() -> Answer:
        own = None if by.role is Role.OPERATIONS else by.role
        look = Look(by.id, house.now(), own, within(by))
        async with house.pool.connection() as conn:
            return Answer.of(Seen(seen=await alerts.seen(conn, body.ids, look)))

    return await once(house, Asking.by(by.id, key, request, body), answer)


def _department(by: Staff, asked: Role | None) -> str | None:
    if by.role in _SEE_ALL:
        return asked
    if asked not in (None, by.role):
        raise Forbidden(f"the role {by.role} is told what is for its own department")
    return by.role
