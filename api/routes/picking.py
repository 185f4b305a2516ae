"""Pick tasks: for a handheld in a person's hand and for a robot alike (R8, R10, R32)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, cast

from fastapi import APIRouter, Depends, Query, Request, Response

from api import picking
from api.auth import Staff, allowed
from api.house import InHouse
from api.once import Asking, Key, once
from api.pages import Cursor, Limit, cursor_of, key_of
from api.paths import ParcelNo, TaskNo
from api.problems import REFUSALS, Responses, among
from api.schemas.warehouse import NewRecheck, NewScan, NewShortage, NewSplit, ScanView, TaskPage, TaskState, TaskView
from domain.permissions import Permission
from store import task_views

router = APIRouter(prefix="/v1", tags=["warehouse"])

Worker = Annotated[Staff, Depends(allowed(Permission.PICK_WORK))]
_REFUSED = among(401, 403, 404, 409, 422)
_LABEL: Responses = {
    **_REFUSED,
    200: {"description": "the label, 100 x 150 mm", "content": {"application/pdf": {}}},
}


@router.get("/pick-tasks", responses=REFUSALS, summary="List pick tasks, the oldest first or the newest")
async def list_tasks(
    house: InHouse,
    by: Annotated[Staff, Depends(allowed(Permission.PICK_READ))],
    state: Annotated[list[TaskState] | None, Query(description="Repeat it for several states")] = None,
    warehouse: Annotated[str | None, Query(max_length=40, pattern=r"^[^\x00]*$")] = None,
    order_no: Annotated[str | None, Query(max_length=101, pattern=r"^[^\x00]*$")] = None,
    sort: Annotated[Literal["oldest", "newest"], Query(description="A cursor belongs to its order")] = "oldest",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> TaskPage:
    """A keyset page of tasks with their lines."""
    after = cast("tuple[datetime, str] | None", key_of(cursor, datetime, str))
    wanted = task_views.TaskFilter(state or (), warehouse, order_no, by.scope.listed_warehouses)
    async with house.pool.connection() as conn:
        rows = await task_views.tasks(conn, wanted, after=after, limit=limit + 1, newest=sort == "newest")
    shown = rows[:limit]
    following = cursor_of(shown[-1]["created_at"], shown[-1]["task_no"]) if len(rows) > limit else None
    return TaskPage(items=[picking.task_view(row) for row in shown], next_cursor=following)


@router.get("/pick-tasks/{task_no}", responses=_REFUSED, summary="One pick task")
async def read_task(
    task_no: TaskNo, house: InHouse, by: Annotated[Staff, Depends(allowed(Permission.PICK_READ))]
) -> TaskView:
    """The task as it stands."""
    del by
    return await picking.read_task(house, task_no)


@router.post("/pick-tasks/{task_no}/scans", response_model=ScanView, responses=_REFUSED, summary="Scan one piece")
async def scan(task_no: TaskNo, new: NewScan, key: Key, request: Request, house: InHouse, by: Worker) -> Response:
    """The first scan claims the task; a wrong scan is told what was expected, and counted (R8)."""
    asking = Asking.by(by.id, key, request, new)
    return await once(house, asking, lambda: picking.scan(house, task_no, new, key=key, by=by))


@router.post("/pick-tasks/{task_no}/short", response_model=TaskView, responses=_REFUSED, summary="Report a short pick")
async def short(task_no: TaskNo, new: NewShortage, key: Key, request: Request, house: InHouse, by: Worker) -> Response:
    """Less is there than the task asks for: the order becomes 缺貨待處理 (R9)."""
    asking = Asking.by(by.id, key, request, new)
    return await once(house, asking, lambda: picking.short(house, task_no, new, by=by))


@router.post("/pick-tasks/{task_no}/split", response_model=TaskView, responses=_REFUSED, summary="Split a parcel")
async def split(task_no: TaskNo, new: NewSplit, key: Key, request: Request, house: InHouse, by: Worker) -> Response:
    """At the packing table: these goods go into a further parcel. Answers with the further parcel's task (R10)."""
    asking = Asking.by(by.id, key, request, new)
    return await once(house, asking, lambda: picking.split(house, task_no, new, key=key, by=by))


@router.post("/pick-tasks/{task_no}/recheck", response_model=TaskView, responses=_REFUSED, summary="Recheck and pack")
async def recheck(task_no: TaskNo, new: NewRecheck, key: Key, request: Request, house: InHouse, by: Worker) -> Response:
    """By a second person, never the picker; fragile goods are reinforced (R10)."""
    asking = Asking.by(by.id, key, request, new)
    return await once(house, asking, lambda: picking.recheck(house, task_no, new, by=by))


@router.get("/parcels/{parcel_no}/label.pdf", response_class=Response, responses=_LABEL, summary="Print a label")
async def label(
    parcel_no: ParcelNo,
    request: Request,
    house: InHouse,
    by: Annotated[Staff, Depends(allowed(Permission.LABEL_PRINT))],
) -> Response:
    """The label with the recipient in full: each printing is on record (R10, R21)."""
    content = await picking.print_label(house, parcel_no, by, request.state.request_id)
    return Response(content, media_type="application/pdf")
