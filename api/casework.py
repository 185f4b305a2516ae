"""From a door to a case: opening one, and commands as updates under the request's key (DESIGN, idea 2)."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from temporalio.client import WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.common import SearchAttributePair, TypedSearchAttributes, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from api import commanding
from api.auth import Staff
from api.case_views import whole_case
from api.commanding import UPDATE_TIMEOUT, Refusal, noted
from api.house import House
from api.once import Answer
from api.problems import Away, Conflicting, Faulty, Forbidden, NotThere, Problem, Unprocessable
from api.schemas.cases import CaseAccepted, NewOrderCase
from domain.case_kinds import KINDS
from domain.case_progress import may_open
from domain.intake import Fault
from models import workflow_names as names
from models.cases import CaseDone, OpenCase, case_workflow_id
from models.commands import Command
from models.temporal_names import CASE_KIND, ORDERS
from store import cases, notes, reaching, views
from store.notes import Note
from store.reaching import RPC_TIMEOUT, TemporalAway

RECORDED_WITHIN_S, _LOOK_S = 2.0, 0.03
_AWAY = "Temporal cannot be reached; ask again with the same Idempotency-Key"

REFUSALS: Mapping[str, Refusal] = {
    **commanding.REFUSALS,
    "CaseStandsElsewhere": Refusal(Conflicting, "not-waiting-for-this"),
    "CaseHeldByAnother": Refusal(Conflicting, "already-claimed"),
    "NoSuchStage": Refusal(Unprocessable, "no-such-stage"),
    "NoSuchSettlement": Refusal(Unprocessable, "no-such-settlement"),
    "NotYetComplete": Refusal(Unprocessable, "not-yet-complete"),
    "AcceptedUpdateCompletedWorkflow": Refusal(Conflicting, "case-closed"),
}
"""Every type of domain.errors and domain.cases that a case answers with."""


@dataclass(frozen=True)
class CaseAsk:
    """One command to one case: ``update`` is its name, the command's key is its id."""

    case_no: str
    update: str
    command: Command


# --- opening --------------------------------------------------------------------------


def number_for(by: Staff, key: str) -> str:
    """The number of the case that this request opens: a retry opens the same one."""
    digest = uuid5(NAMESPACE_URL, f"orderflow:case:{by.id}:{key}").bytes
    return f"K-{base64.b32encode(digest).decode()[:12]}"


async def open_case(house: House, new: NewOrderCase, order_no: str | None, *, key: str, by: Staff) -> Answer:
    """Start the case and answer when it is on record, or that it will be.

    Raises NotThere for an unknown order, Faulty for a parcel that is not the order's, Away.
    """
    if not may_open(new.kind, by.role):
        raise Forbidden(f"the role {by.role} opens no {new.kind}", slug="not-allowed")
    await _about_something_real(house, new, order_no)
    case_no = number_for(by, key)
    note_id = await write_note(house, order_no or case_no, new.note, key, by)
    opening = OpenCase(
        case_no=case_no,
        by=by.actor,
        order_no=order_no,
        note_id=note_id,
        key=key,
        policy=house.policy(),
        kind=new.kind,
        subject=new.subject,
        severity=new.severity,
        since=new.since,
        reason=new.reason,
        participants=tuple(role.value for role in new.participants),
    )
    return await begin(house, opening)


async def begin(house: House, opening: OpenCase) -> Answer:
    """Start the case; its note goes with it when it is refused. Raises Away."""
    async with noted(house, opening.note_id):
        await _start(house, opening)
    case_no = opening.case_no
    return await _recorded(house, case_no) or unknown(case_no, "accepted: it will be on record soon")


async def _about_something_real(house: House, new: NewOrderCase, order_no: str | None) -> None:
    if order_no is None:
        return
    async with house.pool.connection() as conn:
        if not await views.exists(conn, order_no):
            raise NotThere(f"there is no order {order_no}")
        if KINDS[new.kind].needs_parcel and not await cases.has_parcel(conn, order_no, new.subject):
            raise Faulty([Fault("subject", f"is no parcel of {order_no}")])


async def _start(house: House, opening: OpenCase) -> None:
    kind = KINDS[opening.kind]
    try:
        with reaching.reaching_temporal():
            await house.client.start_workflow(
                names.CASE_WORKFLOW,
                opening,
                id=case_workflow_id(opening.case_no),
                task_queue=ORDERS,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                search_attributes=TypedSearchAttributes([SearchAttributePair(CASE_KIND, opening.kind.value)]),
                static_summary=f"{kind.chinese} {opening.kind.replace('_', ' ')} {opening.order_no or ''}".rstrip(),
                rpc_timeout=RPC_TIMEOUT,
            )
    except WorkflowAlreadyStartedError:
        return
    except TemporalAway as away:
        raise Away(_AWAY, open_outcome=not away.unheard) from None


async def _recorded(house: House, case_no: str) -> Answer | None:
    clock = asyncio.get_running_loop().time
    patience = clock() + RECORDED_WITHIN_S
    while clock() < patience:
        answer = await _seen(house, case_no, 201)
        if answer is not None:
            return answer
        await asyncio.sleep(_LOOK_S)
    return None


async def _seen(house: House, case_no: str, status: int) -> Answer | None:
    async with house.pool.connection() as conn:
        row = await cases.row_of(conn, case_no)
        if row is None:
            return None
        view = await whole_case(conn, row)
    return Answer.of(view, status, Location=f"/v1/cases/{case_no}")


# --- commands -------------------------------------------------------------------------


async def carry_out(house: House, ask: CaseAsk) -> Answer:
    """Ask the case, and answer with the case as it then stands; 202 when the outcome is not known yet."""
    try:
        await tell(house, ask)
    except WorkflowUpdateRPCTimeoutOrCancelledError:
        return unknown(ask.case_no, "outcome unknown: ask again with the same Idempotency-Key")
    answer = await _seen(house, ask.case_no, 200)
    if answer is None:
        raise NotThere(f"there is no case {ask.case_no}")
    return answer


async def tell(house: House, ask: CaseAsk) -> None:
    """Send the update and wait for the case's answer; raises refusals, and the client's own timeout."""
    handle = house.client.get_workflow_handle(case_workflow_id(ask.case_no))
    try:
        with reaching.reaching_temporal():
            await handle.execute_update(
                ask.update, ask.command, id=ask.command.key, result_type=CaseDone, rpc_timeout=UPDATE_TIMEOUT
            )
    except WorkflowUpdateFailedError as error:
        raise commanding.refusal(error, "case", REFUSALS) from None
    except TemporalAway as away:
        raise Away(_AWAY, open_outcome=not away.unheard) from None
    except RPCError as error:
        if not reaching.no_such_workflow(error):
            raise
        raise await _nobody(house, ask.case_no) from None


async def _nobody(house: House, case_no: str) -> Problem:
    async with house.pool.connection() as conn:
        if await cases.row_of(conn, case_no) is not None:
            return Conflicting("the case is closed; nothing can be done with it any more", slug="case-closed")
    return NotThere(f"there is no case {case_no}")


def unknown(case_no: str, words: str) -> Answer:
    """Not known yet: the same key asks again."""
    view = CaseAccepted(case_no=case_no, state=words)
    return Answer(202, view.model_dump_json(), {"Location": f"/v1/cases/{case_no}", "Retry-After": "2"})


# --- notes ----------------------------------------------------------------------------


async def about(house: House, case_no: str) -> str:
    """Under what a note of this case is kept: its order, so that it goes with the buyer, or the case itself."""
    async with house.pool.connection() as conn:
        row = await cases.row_of(conn, case_no)
    if row is None:
        raise NotThere(f"there is no case {case_no}")
    return str(row["order_no"] or case_no)


async def write_note(house: House, kept_under: str, text: str | None, key: str, by: Staff) -> str | None:
    """Seal a text; only its id goes on (R21)."""
    if text is None:
        return None
    note = Note(notes.note_id_for(kept_under, f"case:{key}"), kept_under, text, by.id, house.now())
    async with house.pool.connection() as conn:
        await notes.write(conn, house.vault, note)
    return note.note_id
