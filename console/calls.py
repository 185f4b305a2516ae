"""Calls to the REST API with one person's token: the desks have no other way to anything."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import uuid4

import httpx
from pydantic import BaseModel

from console.errors import Away, Refused, SignedOut

Shape = TypeVar("Shape", bound=BaseModel)
_SILENCE = httpx.Timeout(5.0, read=12.0)
"""Every stream says something at least every 5 seconds; one that does not is broken."""
_CUT = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)
_KEY = "Idempotency-Key"
Query = Mapping[str, str | int | list[str] | None]


@dataclass(frozen=True)
class Api:
    """The API as this person, or without a token anybody, may use it.

    Every method raises Refused, SignedOut or Away.
    """

    http: httpx.AsyncClient
    token: str | None = field(repr=False)

    async def get(self, path: str, shape: type[Shape], query: Query | None = None) -> Shape:
        """A reading, in the API's own shape."""
        answer = await self._ask("GET", path, params=_given(query))
        return shape.model_validate_json(answer.content)

    async def post(self, path: str, body: Mapping[str, Any], *, key: str | None = None) -> Any:
        """An act, under a key of its own; the answer's JSON."""
        headers = {_KEY: key or str(uuid4())}
        answer = await self._ask("POST", path, json=dict(body), headers=headers)
        return answer.json() if answer.content else None

    async def put(self, path: str, body: Mapping[str, Any]) -> None:
        """Keep something under its name."""
        await self._ask("PUT", path, json=dict(body))

    async def delete(self, path: str) -> None:
        """Take something away."""
        await self._ask("DELETE", path)

    async def download(self, path: str) -> bytes:
        """A document."""
        return (await self._ask("GET", path)).content

    async def changes(self, about: Sequence[str] = ()) -> AsyncIterator[str]:
        """What changes, as it changes, beginning with ``ready``; ends when the API ends the stream.

        ``order``, ``case``, ``task``, or the name of another part: ``blacklist``, ``hold``, ``alerts`` … Of all that
        this person may hear of, or only what it is to be ``about``.
        """
        async for kind, data in self.told("/v1/events", {"about": list(about)}):
            yield str(json.loads(data).get("about", kind))

    async def told(self, path: str, query: Query | None = None) -> AsyncGenerator[tuple[str, str], None]:
        """The events of a stream, each its kind and its JSON, until the API ends it."""
        kind, asked = "", _given(query)
        try:
            async with self.http.stream("GET", path, params=asked, headers=self._known(), timeout=_SILENCE) as answer:
                if not answer.is_success:
                    await answer.aread()
                checked(answer)
                async for line in answer.aiter_lines():
                    name, _, said = line.partition(": ")
                    if name == "event":
                        kind = said
                    elif name == "data":
                        yield kind, said
        except httpx.TransportError as error:
            raise Away(type(error).__name__) from error

    def _known(self) -> dict[str, str]:
        return {} if self.token is None else {"Authorization": f"Bearer {self.token}"}

    async def _ask(self, method: str, path: str, **rest: Any) -> httpx.Response:
        headers = {**self._known(), **rest.pop("headers", {})}
        return checked(await reach(self.http, method, path, headers=headers, **rest))


async def reach(http: httpx.AsyncClient, method: str, path: str, **rest: Any) -> httpx.Response:
    """Any answer at all; raises Away when there is none.

    A connection that lay idle may be cut just as it is used. What can be asked twice is then asked once more.
    """
    again = method == "GET" or _KEY in rest.get("headers", {})
    try:
        with suppress(*_CUT if again else ()):
            return await http.request(method, path, **rest)
        return await http.request(method, path, **rest)
    except httpx.TransportError as error:
        raise Away(type(error).__name__) from error


def checked(answer: httpx.Response) -> httpx.Response:
    """The answer, if it is no refusal; raises Refused, SignedOut or Away."""
    if answer.is_success:
        return answer
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        raise SignedOut("the session has ended")
    if answer.status_code in (httpx.codes.BAD_GATEWAY, httpx.codes.SERVICE_UNAVAILABLE, httpx.codes.GATEWAY_TIMEOUT):
        raise Away(f"HTTP {answer.status_code}")
    raise refusal(answer)


def refusal(answer: httpx.Response) -> Refused:
    """The problem+json of an answer, or what stands for one."""
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    faults = tuple((fault["field"], fault["problem"]) for fault in problem.get("faults", ()))
    kind = str(problem.get("type", "")).rsplit(":", 1)[-1]
    return Refused(answer.status_code, kind, str(problem.get("detail", f"HTTP {answer.status_code}")), faults)


def _given(query: Query | None) -> dict[str, Any]:
    return {name: value for name, value in (query or {}).items() if value not in (None, "", [])}
