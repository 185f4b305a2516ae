"""Faults that really happen over HTTP: ordered at ``/control/faults``, suffered by the next requests of a party.

down           the connection is cut before anything is done
slow           the answer comes after ``seconds``
error_once     HTTP 500 before anything is done
drop_response  the effect is done, then the connection is cut: the caller cannot know
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Literal, TypeAlias

from pydantic import BaseModel, Field
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Party: TypeAlias = Literal["stripe", "shopify", "kuaidi100", "shopfront", "woocommerce", "taobao", "youzan", "wecom"]
FaultKind: TypeAlias = Literal["down", "slow", "error_once", "drop_response"]


class FaultOrder(BaseModel):
    """``count`` requests of the party suffer the fault; 0 mends it."""

    party: Party
    kind: FaultKind
    count: int = Field(default=1, ge=0)
    seconds: float = Field(default=30.0, gt=0, le=600, description="Only for slow.")


@dataclass(slots=True)
class _Ordered:
    kind: FaultKind
    left: int
    seconds: float


class Faults:
    """The faults still to come; one kind per party at a time."""

    def __init__(self) -> None:
        self._ordered: dict[str, _Ordered] = {}

    def order(self, fault: FaultOrder) -> None:
        """From now on; a new order for a party replaces the old one."""
        self._ordered[fault.party] = _Ordered(fault.kind, fault.count, fault.seconds)

    def left(self) -> dict[str, dict[str, int | str]]:
        """What is still to come, by party."""
        return {party: {"kind": one.kind, "count": one.left} for party, one in self._ordered.items() if one.left}

    def take(self, path: str) -> tuple[FaultKind, float] | None:
        """The fault this request suffers, if any."""
        one = self._ordered.get(path.lstrip("/").partition("/")[0])
        if one is None or one.left == 0:
            return None
        one.left -= 1
        return one.kind, one.seconds


class FaultMiddleware:
    """Lets the faults happen around the parties' applications."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request with the fault it was given."""
        fault = self._faults.take(scope["path"]) if scope["type"] == "http" else None
        if fault is None:
            await self._app(scope, receive, send)
            return
        kind, seconds = fault
        if kind == "slow":
            await asyncio.sleep(seconds)
            await self._app(scope, receive, send)
        elif kind == "error_once":
            await _internal_error(send)
        else:
            await _read_all(receive) if kind == "down" else await self._app(scope, receive, _swallow)
            await _cut(send)


async def _swallow(_: Message) -> None:
    """An answer that nobody gets."""


async def _read_all(receive: Receive) -> None:
    more = True
    while more:
        message = await receive()
        more = message["type"] == "http.request" and message.get("more_body", False)


async def _internal_error(send: Send) -> None:
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def _cut(send: Send) -> None:
    # An answer that promises more bytes than it sends makes the server close the connection:
    # the client sees it break, which is what a cut line looks like.
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000000")]})
    await send({"type": "http.response.body", "body": b"", "more_body": True})
