"""Idempotency-Key: the same key with the same request gets the same answer (R5).

Everything behind this is idempotent by itself (an order by its number, an update by its
id), so a request whose process died is simply done again by whoever asks next.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Header, Request, Response
from pydantic import BaseModel, StringConstraints

from api.house import House
from api.problems import KeyReused
from store import idempotency

Key = Annotated[
    str,
    StringConstraints(pattern=r"^[\x21-\x7e]{1,200}$"),
    Header(alias="Idempotency-Key", description="A fresh value per request (a UUID, say); a retry sends the same one."),
]
NOT_YET_KNOWN = 202
_PATIENCE_S, _STEP_S = 10.0, 0.05


@dataclass(frozen=True)
class Answer:
    """What goes back. A 202 says "accepted, not known yet": the same key asks again and may learn more."""

    status: int
    content: str
    """JSON as text: a repeat gets the same bytes."""
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, view: BaseModel, status: int = 200, **headers: str) -> Answer:
        """The answer that shows this view."""
        return cls(status, view.model_dump_json(), headers)

    def response(self) -> Response:
        """As FastAPI sends it."""
        return Response(self.content, self.status, self.headers, "application/json")


@dataclass(frozen=True)
class Asking:
    """One request under its key. ``principal`` is whose key it is: a staff id, or an order."""

    principal: str
    key: str
    content: str = field(repr=False)

    @classmethod
    def by(cls, principal: str, key: str, request: Request, body: BaseModel | None, who: str = "") -> Asking:
        """A request is the same when method, path, person and content are."""
        sent = body.model_dump(mode="json") if body is not None else None
        content = json.dumps([request.method, request.url.path, who, sent], sort_keys=True, ensure_ascii=False)
        return cls(principal, key, content)


async def once(house: House, asking: Asking, act: Callable[[], Awaitable[Answer]]) -> Response:
    """Do it once and remember the answer; a repeat gets it again. A refusal is not remembered.

    Raises :class:`KeyReused`, and whatever ``act`` refuses with.
    """
    content = idempotency.fingerprint(house.vault, asking.content)
    earlier = await _earlier(house, asking, content)
    if earlier is not None:
        return earlier.response()
    answered = False
    try:
        answer = await _finish(house, asking, await act())
        answered = True
        return answer.response()
    finally:
        if not answered:
            async with house.pool.connection() as conn:
                await idempotency.abandon(conn, asking.principal, asking.key)


async def _earlier(house: House, asking: Asking, content: bytes) -> Answer | None:
    """The answer to an earlier request of this key, waiting for one that is under way."""
    async with house.pool.connection() as conn:
        asked = await idempotency.begin(conn, asking.principal, asking.key, content, house.now())
    deadline = asyncio.get_running_loop().time() + _PATIENCE_S
    while not asked.fresh:
        if not asked.same_request:
            raise KeyReused
        if asked.status == NOT_YET_KNOWN:
            return None
        if asked.status is not None:
            return _stored(asked.status, asked.response or {})
        if asyncio.get_running_loop().time() > deadline:
            return None
        await asyncio.sleep(_STEP_S)
        async with house.pool.connection() as conn:
            asked = await idempotency.begin(conn, asking.principal, asking.key, content, house.now())
    return None


async def _finish(house: House, asking: Asking, answer: Answer) -> Answer:
    async with house.pool.connection() as conn:
        status, stored = await idempotency.finish(
            conn,
            asking.principal,
            asking.key,
            status=answer.status,
            response={"content": answer.content, "headers": answer.headers},
        )
    return _stored(status, stored)


def _stored(status: int, stored: dict[str, Any]) -> Answer:
    return Answer(status, str(stored["content"]), dict(stored["headers"]))
