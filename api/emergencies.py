"""Starting what an emergency needs, and showing how it stands: bulk holds, peak mode, broadcasts (R7, R25)."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from fastapi import Request
from pydantic import BaseModel
from temporalio.client import WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from api import commanding
from api.auth import OUT_OF_SCOPE, Staff, denied, within_channel, within_warehouse
from api.house import House
from api.once import Answer
from api.problems import Away, Conflicting, Forbidden, NotThere
from api.schemas.emergencies import Accepted, BroadcastView, HoldView
from api.scope import channel_of
from api.scope import within as confinement_of
from domain.emergencies import STANDS_FOR
from domain.holds import HoldScope
from models import workflow_names as names
from models.base import Actor, Message
from models.emergencies import ReleaseHold
from models.temporal_names import ORDERS
from store import broadcasts, holds, reaching, scopes
from store.pool import Connection, Row
from store.reaching import TemporalAway

RECORDED_WITHIN_S = 3.0
_LOOK_S = 0.05
_RPC_TIMEOUT = timedelta(seconds=10)
_AWAY = "Temporal cannot be reached; ask again with the same Idempotency-Key"

Look = Callable[[Connection], Awaitable[BaseModel | None]]


@dataclass(frozen=True)
class Beginning:
    """A workflow to start: its name, its id, its input, and what the Temporal UI calls it."""

    workflow: str
    id: str
    request: Message
    summary: str


def id_for(what: str, by: Staff, key: str) -> str:
    """The id of what this request begins: a retry begins the same one."""
    digest = uuid5(NAMESPACE_URL, f"orderflow:{what}:{by.id}:{key}").bytes
    return f"{what[0].upper()}-{base64.b32encode(digest).decode()[:12]}"


async def begin(house: House, beginning: Beginning, look: Look, location: str) -> Answer:
    """Start it and answer when it is on record (201), or that it will be (202). Raises Away."""
    try:
        with reaching.reaching_temporal():
            await house.client.start_workflow(
                beginning.workflow,
                beginning.request,
                id=beginning.id,
                task_queue=ORDERS,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                static_summary=beginning.summary,
                rpc_timeout=_RPC_TIMEOUT,
            )
    except WorkflowAlreadyStartedError:
        pass
    except TemporalAway:
        raise Away(_AWAY) from None
    view = await _recorded(house, look)
    if view is None:
        return Answer.of(Accepted(state="accepted: it will be on record soon"), 202, Location=location)
    return Answer.of(view, 201, Location=location)


async def _recorded(house: House, look: Look) -> BaseModel | None:
    clock = asyncio.get_running_loop().time
    patience = clock() + RECORDED_WITHIN_S
    while clock() < patience:
        async with house.pool.connection() as conn:
            if (view := await look(conn)) is not None:
                return view
        await asyncio.sleep(_LOOK_S)
    return None


async def within_own(request: Request, house: House, by: Staff, scope: HoldScope, names: Iterable[str]) -> None:
    """Raise Forbidden, on record, when a hold concerns orders outside what this person is confined to (R22)."""
    if scope is HoldScope.WAREHOUSE:
        for warehouse in names:
            await within_warehouse(request, house, by, warehouse)
        if by.scope.channels is not None:
            await denied(request, house, by, OUT_OF_SCOPE)
            raise Forbidden("a warehouse has orders of channels that are not yours: hold by channel")
        return
    if by.scope.warehouses is not None and scope is HoldScope.CHANNEL:
        await denied(request, house, by, OUT_OF_SCOPE)
        raise Forbidden("a channel has orders of warehouses that are not yours: hold by warehouse")
    channels = names if scope is HoldScope.CHANNEL else map(channel_of, names)
    for channel in sorted(set(channels)):
        await within_channel(request, house, by, channel)
    if by.scope.warehouses is not None and (confined := confinement_of(by)) is not None:
        async with house.pool.connection() as conn:
            own = await scopes.all_within(conn, confined, list(names))
        if not own:
            await denied(request, house, by, OUT_OF_SCOPE)
            raise Forbidden("not all of these orders have goods in a warehouse of yours")


async def release_hold(house: House, hold_id: str, release: ReleaseHold) -> Answer:
    """Have the emergency release its orders; answers how it stands. Raises NotThere, Conflicting, Away."""
    async with house.pool.connection() as conn:
        if await holds.view(conn, hold_id) is None:
            raise NotThere(f"there is no hold {hold_id}")
    handle = house.client.get_workflow_handle(f"hold-{hold_id}")
    try:
        with reaching.reaching_temporal():
            await handle.execute_update(
                names.RELEASE_HOLD, release, id=release.key, result_type=str, rpc_timeout=_RPC_TIMEOUT
            )
    except WorkflowUpdateFailedError as error:
        raise commanding.refusal(error, "hold") from None
    except (TemporalAway, WorkflowUpdateRPCTimeoutOrCancelledError):
        raise Away(_AWAY) from None
    except RPCError as error:
        if not reaching.no_such_workflow(error):
            raise
        raise Conflicting(f"{hold_id} is released already", slug="not-waiting-for-this") from None
    async with house.pool.connection() as conn:
        row = await holds.view(conn, hold_id)
    assert row is not None, "it was there before"
    return Answer.of(hold_view(row))


def hold_view(row: Row) -> HoldView:
    """An emergency as readers see it."""
    return HoldView(**{name: row[name] for name in HoldView.model_fields})


async def end_broadcast(house: House, broadcast_id: str, by: Actor, why: str) -> Answer:
    """Take it from the desks; answers how it stands. Raises NotThere and Conflicting."""
    now = house.now()
    async with house.pool.connection() as conn:
        row = await broadcasts.of_id(conn, broadcast_id, lock=True)
        if row is None:
            raise NotThere(f"there is no broadcast {broadcast_id}")
        try:
            await broadcasts.end(conn, row, now, by, why)
        except broadcasts.StandsNoMore as error:
            raise Conflicting(str(error), slug="not-waiting-for-this") from None
        ended = await broadcasts.of_id(conn, broadcast_id)
    assert ended is not None, "it was there before"
    return Answer.of(broadcast_view(ended, now))


def broadcast_view(row: Row, now: datetime) -> BroadcastView:
    """A broadcast as readers see it at this instant."""
    return BroadcastView(**row, stands=broadcasts.stands(row, now), stands_until=row["sent_at"] + STANDS_FOR)
