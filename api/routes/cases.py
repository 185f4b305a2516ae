"""Cases: the inbox of what went wrong, and what people do about it (R9, R13 to R17, R24, R26)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api import casework
from api.auth import Staff, allowed, denied_outside
from api.case_views import case_act_view, case_row_view, whole_case
from api.casework import CaseAsk
from api.commanding import noted
from api.house import House, InHouse
from api.once import Answer, Asking, Key, once
from api.pages import Cursor, Limit, cursor_of, key_of
from api.paths import OrderNo
from api.problems import COMMAND_REFUSALS, REFUSALS, NotThere, Responses
from api.schemas.cases import (
    CaseAccepted,
    CasePage,
    CaseTimeline,
    CaseView,
    Closing,
    EvidenceNoted,
    Involving,
    NewCase,
    NewOrderCase,
    Settling,
    StageReached,
)
from api.schemas.commands import DeadlineChange, MaybeReasoned, Reasoned
from api.scope import Scope, check_opening, within
from api.temporal_ui import temporal_ui
from domain.case_progress import kinds_seen_by
from domain.case_shapes import CaseKind, Settlement
from domain.cases import CaseState
from domain.permissions import Permission
from models import workflow_names as names
from models.cases import (
    ClaimCase,
    CloseCase,
    InvolveDepartments,
    MeetStage,
    NoteEvidence,
    RaiseCase,
    ReleaseCase,
    SettleCase,
)
from models.commands import ChangeDeadline, Command, LineChange
from store import cases
from store.pool import Row

router = APIRouter(prefix="/v1", tags=["cases"])

CaseNo = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,130}$", examples=["K-7Q2MX0Z4B3TA"])]
Word = Query(max_length=150, pattern=r"^[^\x00]*$")
Body = MaybeReasoned | Reasoned | DeadlineChange

_OPENED: Responses = {
    **COMMAND_REFUSALS,
    201: {"description": "the case is on record", "model": CaseView},
    202: {"description": "the case is safe and will be on record soon: see Location", "model": CaseAccepted},
}
_ANSWERS: dict[str, Any] = {"response_model": CaseView, "responses": COMMAND_REFUSALS}

Reader = Annotated[Staff, Depends(allowed(Permission.CASE_READ))]
Opener = Annotated[Staff, Depends(allowed(Permission.CASE_OPEN))]
Worker = Annotated[Staff, Depends(allowed(Permission.CASE_WORK))]
Settler = Annotated[Staff, Depends(allowed(Permission.CASE_SETTLE))]


# --- opening --------------------------------------------------------------------------


@router.post("/cases", status_code=201, response_model=CaseView, responses=_OPENED, summary="Open a case")
async def open_case(request: Request, new: NewCase, key: Key, house: InHouse, by: Opener) -> Response:
    """Something went wrong, with or without an order; also with one that is archived."""
    await _in_scope(request, house, by, new.order_no, new.subject)
    asking = Asking.by(by.id, key, request, new)
    return await once(house, asking, lambda: casework.open_case(house, new, new.order_no, key=key, by=by))


@router.post(
    "/orders/{order_no}/cases",
    status_code=201,
    response_model=CaseView,
    responses=_OPENED,
    summary="Open a case of an order",
)
async def open_case_of_order(
    request: Request, order_no: OrderNo, new: NewOrderCase, key: Key, house: InHouse, by: Opener
) -> Response:
    """The order is not archived while the case is open (T18)."""
    await _in_scope(request, house, by, order_no, new.subject)
    asking = Asking.by(by.id, key, request, new)
    return await once(house, asking, lambda: casework.open_case(house, new, order_no, key=key, by=by))


async def _in_scope(request: Request, house: House, by: Staff, order_no: str | None, subject: str) -> None:
    if order_no is not None and by.scope != Scope():
        async with denied_outside(request, house, by) as conn:
            await check_opening(conn, by, order_no, subject)


# --- looking --------------------------------------------------------------------------


@router.get("/cases", responses=REFUSALS, summary="The inbox of cases, the first due first")
async def list_cases(
    house: InHouse,
    by: Reader,
    kind: CaseKind | None = None,
    state: CaseState | None = None,
    department: Annotated[str | None, Word] = None,
    assignee: Annotated[str | None, Word] = None,
    order_no: Annotated[str | None, Word] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> CasePage:
    """Open cases; closed ones come when asked for by state or order. A keyset page.

    Whoever is confined to channels or warehouses sees those of their orders and parcels, and, without an order,
    those that they opened.
    """
    after = cast("tuple[datetime, str] | None", key_of(cursor, datetime, str))
    wanted = cases.CaseFilter(kind, state, department, assignee, order_no, sorted(kinds_seen_by(by.role)), within(by))
    async with house.pool.connection() as conn:
        rows = await cases.page(conn, wanted, after=after, limit=limit + 1)
    shown = rows[:limit]
    last = shown[-1] if len(rows) > limit else None
    following = cursor_of(last["due_at"] or cases.NO_CLOCK, last["case_no"]) if last else None
    return CasePage(items=[case_row_view(row) for row in shown], next_cursor=following)


@router.get("/cases/{case_no}", responses=COMMAND_REFUSALS, summary="One case")
async def read_case(case_no: CaseNo, house: InHouse, by: Reader) -> CaseView:
    """One case as it stands, with its running deadlines."""
    row = await _known(house, case_no, by)
    async with house.pool.connection() as conn:
        view = await whole_case(conn, row)
    return view.model_copy(update={"temporal_ui": temporal_ui(house, by).page(view.workflow_id)})


@router.get("/cases/{case_no}/timeline", responses=COMMAND_REFUSALS, summary="Every act on a case")
async def read_timeline(case_no: CaseNo, house: InHouse, by: Reader) -> CaseTimeline:
    """Who did what, when, and why, from the record that cannot be changed (R23)."""
    await _known(house, case_no, by)
    async with house.pool.connection() as conn:
        rows = await cases.timeline(conn, case_no)
    return CaseTimeline(case_no=case_no, items=[case_act_view(row) for row in rows])


async def _known(house: House, case_no: str, by: Staff) -> Row:
    """The case's row; to a post that does not see such cases it is not there (R22)."""
    async with house.pool.connection() as conn:
        row = await cases.row_of(conn, case_no)
    if row is None or row["kind"] not in kinds_seen_by(by.role):
        raise NotThere(f"there is no case {case_no}")
    return row


# --- commands -------------------------------------------------------------------------


@dataclass(frozen=True)
class CaseDesk:
    """What every command needs: the case, the key, the request, the house."""

    case_no: CaseNo
    key: Key
    request: Request
    house: InHouse

    async def command(self, body: Body, by: Staff, update: str, kind: type[Command], **rest: Any) -> Response:
        """Seal the note, ask the case, answer with the case as it then stands."""

        async def act() -> Answer:
            return await self._act(body, by, update, kind, rest)

        return await self.once(body, by, act)

    async def once(self, body: Body, by: Staff, act: Callable[[], Any]) -> Response:
        """Under the case's own name: the key is the update's id, which is the case's, not the person's."""
        asking = Asking.by(f"case:{self.case_no}", self.key, self.request, body, who=by.id)
        return await once(self.house, asking, act)

    async def _act(self, body: Body, by: Staff, update: str, kind: type[Command], rest: dict[str, Any]) -> Answer:
        kept_under = await casework.about(self.house, self.case_no)
        texts = {"note_id": body.note} | {name: rest.pop(name) for name in ("cause_id", "prevention_id") & rest.keys()}
        ids = {
            name: await casework.write_note(self.house, kept_under, text, f"{name}:{self.key}", by)
            for name, text in texts.items()
        }
        command = kind(by=by.actor, reason=body.reason, key=self.key, **ids, **rest)
        async with noted(self.house, *ids.values()):
            return await casework.carry_out(self.house, CaseAsk(self.case_no, update, command))


At = Annotated[CaseDesk, Depends()]


@router.post("/cases/{case_no}/claim", summary="Take a case in hand", **_ANSWERS)
async def claim(at: At, body: MaybeReasoned, by: Worker) -> Response:
    """One pair of hands has it from now on."""
    return await at.command(body, by, names.CLAIM_CASE, ClaimCase)


@router.post("/cases/{case_no}/release", summary="Give a case back to the queue", **_ANSWERS)
async def release(at: At, body: MaybeReasoned, by: Worker) -> Response:
    """Whoever has it, or operations."""
    return await at.command(body, by, names.RELEASE_CASE, ReleaseCase)


@router.post("/cases/{case_no}/evidence", summary="Put evidence on record", **_ANSWERS)
async def evidence(at: At, body: EvidenceNoted, by: Worker) -> Response:
    """A reference to where it is kept, never the thing itself (R15)."""
    return await at.command(body, by, names.NOTE_EVIDENCE, NoteEvidence, what=body.what, reference=body.reference)


@router.post("/cases/{case_no}/stage", summary="A stage is reached", **_ANSWERS)
async def stage(at: At, body: StageReached, by: Worker) -> Response:
    """Answer, first response, plan, minutes, report …; its clock ends (R17, R24, R26)."""
    return await at.command(body, by, names.MEET_STAGE, MeetStage, stage=body.stage)


@router.post("/cases/{case_no}/raise", summary="Make a complaint a major one", **_ANSWERS)
async def make_major(at: At, body: Reasoned, by: Worker) -> Response:
    """T11 and T12 run from now (R17)."""
    return await at.command(body, by, names.RAISE_CASE, RaiseCase)


CHANGES_LINES = frozenset({Settlement.SUBSTITUTE, Settlement.REFUND_LINES})


@router.post("/cases/{case_no}/settle", summary="Settle a case", **_ANSWERS)
async def settle(at: At, body: Settling, by: Settler) -> Response:
    """By one of the ways its kind allows; of two who settle at once, one is told who was first."""
    said = {name: getattr(body, name) for name in ("settlement", "until", "reference", "amount", "waive_difference")}
    if body.settlement in CHANGES_LINES:
        lines: dict[str, Any] = {"changes": tuple(LineChange(**line.model_dump()) for line in body.lines)}
    else:
        lines = {"lines": tuple(line.named for line in body.lines)}
    return await at.command(body, by, names.SETTLE_CASE, SettleCase, **said, **lines)


@router.post("/cases/{case_no}/close", summary="Close a settled case", **_ANSWERS)
async def close(at: At, body: Closing, by: Settler) -> Response:
    """A complaint needs its answer, a mistake cause and prevention in writing (R17, R24)."""
    return await at.command(body, by, names.CLOSE_CASE, CloseCase, cause_id=body.cause, prevention_id=body.prevention)


@router.post("/cases/{case_no}/departments", summary="Bring the departments together over a case", **_ANSWERS)
async def involve(at: At, body: Involving, by: Worker) -> Response:
    """Opens a cross-department case beside it, led by operations, with T15 (R26)."""
    participants = tuple(role.value for role in body.participants)
    return await at.command(body, by, names.INVOLVE_DEPARTMENTS, InvolveDepartments, participants=participants)


@router.post("/cases/{case_no}/deadlines", summary="Extend or waive a running deadline of a case", **_ANSWERS)
async def change_deadline(
    at: At, body: DeadlineChange, by: Annotated[Staff, Depends(allowed(Permission.DEADLINE_CHANGE))]
) -> Response:
    """With a reason, by a permitted person; it stays on record."""
    seconds = body.extend_by_seconds
    extend_by = None if seconds is None else timedelta(seconds=seconds)
    return await at.command(
        body, by, names.CHANGE_DEADLINE, ChangeDeadline, deadline=body.deadline, extend_by=extend_by
    )
