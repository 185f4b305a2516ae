"""What has just changed, pushed as server-sent events: nothing is shown that is not so."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Annotated

import psycopg
from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import StreamingResponse

from api.auth import Staff, allowed_either, behind
from api.house import House, InHouse
from api.hub import Batch, HubDeaf, HubFull, Listener
from api.lookout import Lookouts
from api.problems import Away, NotSignedIn, Responses, among
from api.scope import Scope, channel_of
from domain.case_progress import kinds_seen_by
from domain.permissions import Permission
from store import happenings
from store.happenings import Happening
from store.scopes import HOUSE_WIDE

router = APIRouter(prefix="/v1", tags=["boards"])

HEARTBEAT_S = 5.0
"""A listener takes a line that was silent for twice as long as broken, and says so."""
LONGEST_S = 300.0
KNOWN_FOR_S = 2.0
"""Whoever was known to be signed in this long ago is asked for again before anything is told."""

_TOLD_OF = {
    "accounts": Permission.ACCOUNT_MANAGE,
    "alerts": Permission.ALERT_READ,
    "blacklist": Permission.RISK_READ,
    "broadcast": Permission.BROADCAST_READ,
    "channels": Permission.DEADLINE_READ,
    "differences": Permission.DIFFERENCE_READ,
    "digest": Permission.DIGEST_READ,
    "hold": Permission.HOLD_READ,
    "moved": Permission.DEADLINE_READ,
    "peak": Permission.PEAK_READ,
    "rights": Permission.RIGHTS_READ,
    "rules": Permission.RISK_READ,
    "schedules": Permission.SCHEDULE_READ,
    "stuck": Permission.STUCK_READ,
}
"""Who is told of a part, or that something was done in its chain, besides those who may read all of that (R23)."""

About = Annotated[
    list[Annotated[str, Query(pattern=r"^[a-z_]{1,40}$")]] | None,
    Query(description="Tell of these only; repeat it", max_length=40, examples=[["order", "stuck"]]),
]

_EXAMPLE = 'event: order\ndata: {"order_no": "site-1", "status": "picking", "seq": 9, "at": "2024-…"}\nid: 8812\n\n'
_EVENTS: Responses = {
    **among(401, 403, 422, 503),
    200: {"description": "the stream", "content": {"text/event-stream": {"example": _EXAMPLE}}},
}


@router.get("/events", response_class=StreamingResponse, responses=_EVENTS, summary="What changes, as it changes")
async def events(
    request: Request,
    house: InHouse,
    by: Annotated[Staff, Depends(allowed_either(Permission.ORDER_READ, Permission.PICK_READ))],
    about: About = None,
    last_event_id: Annotated[int | None, Header(ge=0, lt=2**62)] = None,
) -> StreamingResponse:
    """`order` {order_no, status, seq, at}, `case` {case_no, kind, state, order_no, at} with `case.read`, `task`
    {task_no, state, warehouse, order_no, at} with `pick.read`.

    `record` {about, at} says that another part reads otherwise now, for whoever may read that part: about is
    `accounts`, `alerts`, `blacklist`, `broadcast`, `differences`, `digest`, `hold`, `peak`, `rights`, `rules` or,
    with `audit.read`, any other chain of the record. `stuck`, `schedules` and `channels` (T13) tell nobody by
    themselves: they are looked at every second while somebody asks for them by `about`.
    An event says how it stands now, so of several changes at once only the last is told. `ready` comes first;
    `reload` says that something was missed: read the lists anew. With `Last-Event-ID` what was missed is told,
    or `reload` if it is too much; alerts and differences are no part of the record, read these anew. What was
    heard may be told again. A comment comes every 5 seconds; the stream ends after five minutes, when the reader
    is too slow, and when the token no longer holds or opens something else (R22), before anything more is told:
    come back with the last id.
    """
    stack, wanted = AsyncExitStack(), frozenset(about or ())
    lookouts: Lookouts = request.app.state.lookouts
    try:
        listener = await stack.enter_async_context(house.hub.listener())
        await stack.enter_async_context(lookouts.watched(house, [one for one in wanted if _may_hear(one, by)]))
    except HubFull:
        raise Away("too many listen already; ask again later") from None
    except HubDeaf:
        raise Away("the database cannot be listened to at this moment; ask again shortly") from None
    stream = _stream(house, listener, stack, Hearer(by, wanted), last_event_id)
    return StreamingResponse(stream, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


@dataclass(frozen=True)
class Hearer:
    """Who is told; of ``wanted`` only, if that names anything."""

    by: Staff
    wanted: frozenset[str]

    def is_told(self, happening: Happening) -> bool:
        """Whether it is theirs to know, and what they asked for."""
        return (not self.wanted or happening.about in self.wanted) and _is_for(happening, self.by)


async def _stream(
    house: House, listener: Listener, stack: AsyncExitStack, hearer: Hearer, last_id: int | None
) -> AsyncIterator[str]:
    end = asyncio.get_running_loop().time() + LONGEST_S
    async with stack:
        yield await _first(house, hearer, last_id)
        known = _Known(house, hearer.by)
        while not listener.dropped.is_set() and asyncio.get_running_loop().time() < end:
            batch = await _heard(listener)
            if not await known.still(again=batch is None or _is_about_accounts(batch)):
                return
            yield ": still here\n\n" if batch is None else _written(batch, hearer)


def _is_about_accounts(batch: Batch) -> bool:
    """Whether somebody may have signed out, or have another role by now: listeners are known anew at once."""
    return any(one.about == "accounts" for one in batch.happenings or ())


@dataclass
class _Known:
    """Whoever listens, asked for again and again: they may have signed out, or be somebody else by now (R22)."""

    house: House
    by: Staff
    _at: float = field(default_factory=lambda: asyncio.get_running_loop().time())

    async def still(self, *, again: bool) -> bool:
        """Whether they are who they were; looked up anew when ``again``, or when that is too long ago."""
        now = asyncio.get_running_loop().time()
        if not again and now - self._at < KNOWN_FOR_S:
            return True
        self._at = now
        try:
            return await behind(self.house, str(self.by.token), in_use=False) == self.by
        except (NotSignedIn, psycopg.OperationalError):
            # While nobody can say who they are, they are told nothing.
            return False


async def _heard(listener: Listener) -> Batch | None:
    """What there is to tell; None when it was quiet for a heartbeat."""
    try:
        return await asyncio.wait_for(listener.waiting.get(), HEARTBEAT_S)
    except TimeoutError:
        return None


async def _first(house: House, hearer: Hearer, last_id: int | None) -> str:
    """Where the stream begins; for one who comes back, what they missed."""
    async with house.pool.connection() as conn:
        newest = await happenings.newest(conn)
        ready = f"retry: 2000\nevent: ready\nid: {newest}\ndata: {{}}\n\n"
        if last_id is None:
            return ready
        ids = await happenings.missed(conn, last_id)
        if ids is None or last_id > newest:
            return ready + _written(Batch(newest, None), hearer)
        return _written(Batch(newest, tuple(await happenings.of_entries(conn, ids))), hearer) + ready


def _written(batch: Batch, hearer: Hearer) -> str:
    """The events of a batch; the last alone carries the id, so that one cut off half-way is told again."""
    if batch.happenings is None:
        return f"event: reload\nid: {batch.last_id}\ndata: {{}}\n\n"
    shown = [one for one in batch.happenings if hearer.is_told(one)]
    told = [f"event: {one.kind}\ndata: {json.dumps(one.data)}\n" for one in shown]
    return "".join(f"{text}id: {batch.last_id}\n\n" if text is told[-1] else f"{text}\n" for text in told)


def _is_for(happening: Happening, by: Staff) -> bool:
    if happening.kind == "record":
        return _may_hear(happening.about, by)
    if happening.kind == "task":
        return by.may(Permission.PICK_READ) and by.scope.has_warehouse(happening.data["warehouse"])
    if happening.kind == "order" and not by.may(Permission.ORDER_READ):
        return False
    if happening.kind == "case" and not (
        by.may(Permission.CASE_READ) and happening.data["kind"] in kinds_seen_by(by.role)
    ):
        return False
    order_no, place = happening.data["order_no"], happening.place
    if order_no is None:
        return by.scope == Scope() or (place is not None and place.opened_by == by.id)
    own = by.scope.warehouses is None or place is None or bool(place.warehouses & by.scope.warehouses)
    return own and by.scope.has_channel(channel_of(order_no))


def _may_hear(about: str, by: Staff) -> bool:
    """Whether a part is theirs; whoever is confined is told of no part that is about the whole house."""
    whole, right = by.scope == Scope(), _TOLD_OF.get(about)
    if right is not None and by.may(right):
        return whole or right not in HOUSE_WIDE
    return whole and by.may(Permission.AUDIT_READ)
