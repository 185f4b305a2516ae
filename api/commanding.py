"""From a door to the order: a Workflow Update under the request's key, and what a refusal means in HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from temporalio.client import (
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from api.auth import Staff
from api.house import House
from api.once import Answer
from api.order_views import order_view
from api.problems import Away, Conflicting, Forbidden, NotThere, Problem, Unprocessable
from api.schemas.orders import OrderAccepted
from models.commands import Command, Done
from models.order import workflow_id
from store import inbox, notes, reaching, views
from store.notes import Note
from store.reaching import TemporalAway

# An order that is busy with a carrier answers late; by then the caller has been told to ask again.
UPDATE_TIMEOUT = timedelta(seconds=10)

# Temporal's passing refusals of an update: the order's workflow task has just failed and is tried again
# (FAILED_PRECONDITION), or the order went on in another run or on another host meanwhile (ABORTED).
_NOT_NOW = frozenset({RPCStatusCode.FAILED_PRECONDITION, RPCStatusCode.ABORTED})


@dataclass(frozen=True)
class Refusal:
    """How a broken rule is told."""

    problem: type[Problem]
    slug: str


REFUSALS: Mapping[str, Refusal] = {
    "NotWaitingForThis": Refusal(Conflicting, "not-waiting-for-this"),
    "IllegalMove": Refusal(Conflicting, "illegal-move"),
    "AlreadyClaimed": Refusal(Conflicting, "already-claimed"),
    "NotAllowed": Refusal(Forbidden, "not-allowed"),
    "IncompleteOrder": Refusal(Unprocessable, "incomplete-order"),
    "NotWhole": Refusal(Conflicting, "not-whole"),
    "ConsentNeeded": Refusal(Conflicting, "consent-needed"),
    "MissingReason": Refusal(Unprocessable, "missing-reason"),
    "MoreThanLeft": Refusal(Conflicting, "more-than-left"),
    "SamePerson": Refusal(Forbidden, "same-person"),
    "NoCarrier": Refusal(Unprocessable, "no-such-carrier"),
    "NothingToExtend": Refusal(Unprocessable, "nothing-to-extend"),
    # The workflow ended between taking the update and answering it.
    "AcceptedUpdateCompletedWorkflow": Refusal(Conflicting, "order-ended"),
}
"""Every type of domain.errors that an order answers with."""


class OutcomeUnknown(Exception):
    """The order was asked and has not answered in time; it may still do it."""


@dataclass(frozen=True)
class Ask:
    """One command to one order: ``update`` is its name, the command's key is its id."""

    order_no: str
    update: str
    command: Command


async def carry_out(house: House, ask: Ask) -> Answer:
    """Ask the order, and answer with the order as it then stands.

    202 when the outcome is not known yet: the same key asks again and cannot do it twice.
    Raises NotThere, Conflicting, Forbidden, Unprocessable, Away.
    """
    try:
        await tell(house, ask)
    except OutcomeUnknown:
        return unknown(ask.order_no)
    return await as_it_stands(house, ask.order_no)


async def tell(house: House, ask: Ask) -> Done:
    """Send the update and wait for the order's answer; raises :class:`OutcomeUnknown` and refusals."""
    handle = house.client.get_workflow_handle(workflow_id(ask.order_no))
    try:
        with reaching.reaching_temporal():
            done: Done = await handle.execute_update(
                ask.update, ask.command, id=ask.command.key, result_type=Done, rpc_timeout=UPDATE_TIMEOUT
            )
            return done
    except WorkflowUpdateFailedError as error:
        raise refusal(error) from None
    except WorkflowUpdateRPCTimeoutOrCancelledError:
        raise OutcomeUnknown from None
    except TemporalAway as away:
        told = "Temporal cannot be reached; ask again with the same Idempotency-Key"
        raise Away(told, open_outcome=not away.unheard) from None
    except RPCError as error:
        if error.status in _NOT_NOW:
            raise Away("the order cannot be asked at this moment; ask again with the same Idempotency-Key") from None
        if not reaching.no_such_workflow(error):
            raise
        raise await _nobody(house, ask.order_no) from None


def refusal(
    error: WorkflowUpdateFailedError, whom: str = "order", known_as: Mapping[str, Refusal] = REFUSALS
) -> Problem:
    """The refusal in HTTP, by its type and never by its words."""
    cause = error.cause
    known = known_as.get(cause.type or "") if isinstance(cause, ApplicationError) else None
    if known is None:
        return Conflicting(f"the {whom} could not do this", slug="failed")
    return known.problem(cause.message if isinstance(cause, ApplicationError) else "", slug=known.slug)


async def as_it_stands(house: House, order_no: str) -> Answer:
    """The order after the command."""
    async with house.pool.connection() as conn:
        gathered = await views.gather(conn, order_no)
        acts = await views.timeline(conn, order_no)
    if gathered is None:
        raise NotThere(f"there is no order {order_no}")
    return Answer.of(order_view(gathered, acts))


def unknown(order_no: str) -> Answer:
    """Not known yet: the same key asks the order again."""
    view = OrderAccepted(order_no=order_no, state="outcome unknown: ask again with the same Idempotency-Key")
    headers = {"Location": f"/v1/orders/{order_no}", "Retry-After": "2"}
    return Answer(202, view.model_dump_json(), headers)


async def write_note(house: House, order_no: str, text: str | None, key: str, by: Staff) -> str | None:
    """Seal the note that came with a command; only its id goes on (R21)."""
    if text is None:
        return None
    note = Note(notes.note_id_for(order_no, key), order_no, text, by.id, house.now())
    async with house.pool.connection() as conn:
        if not await views.exists(conn, order_no):
            raise NotThere(f"there is no order {order_no}")
        await notes.write(conn, house.vault, note)
    return note.note_id


@asynccontextmanager
async def noted(house: House, *note_ids: str | None) -> AsyncIterator[None]:
    """A command with these notes is under way; if it is refused, they go with it.

    With an open outcome it may have been taken all the same: then they stay, and the same key finds them there.
    """
    try:
        yield
    except Problem as problem:
        if problem.open_outcome:
            raise
        async with house.pool.connection() as conn:
            for note_id in filter(None, note_ids):
                await notes.remove(conn, note_id)
        raise


async def _nobody(house: House, order_no: str) -> Problem:
    """No workflow of that order runs: unknown, not begun, or ended."""
    async with house.pool.connection() as conn:
        if await views.exists(conn, order_no):
            return Conflicting("the order has ended; nothing can be done with it any more", slug="order-ended")
        if await inbox.of_order(conn, order_no):
            return Conflicting("the order is accepted but has not begun; ask again shortly", slug="order-not-begun")
    return NotThere(f"there is no order {order_no}")
