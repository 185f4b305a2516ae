"""Around every request: its id, its log event, a limit on its body, headers that browsers heed."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from uuid import uuid4

import structlog
from prometheus_client import Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import TooLarge, problem_response
from api.rates import Standing

LARGEST_BODY = 1024 * 1024
"""Bytes; the largest message of a provider is far smaller."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")
# The interactive docs bring a policy of their own; everything else is data and runs nothing.
_DATA_ONLY = "default-src 'none'; frame-ancestors 'none'"
_ONLY_HTTPS = "max-age=31536000; includeSubDomains"
_SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Content-Security-Policy": _DATA_ONLY,
}

log = structlog.get_logger("api.access")


class _BodyTooLarge(Exception):
    """More bytes arrived than a request may have."""


class Surroundings:
    """One pure ASGI layer: it costs a tenth of the ready-made base class."""

    def __init__(self, app: ASGIApp, *, requests: Counter, seconds: Histogram, only_https: bool = False) -> None:
        self._app = app
        self._headers = _SECURITY | ({"Strict-Transport-Security": _ONLY_HTTPS} if only_https else {})
        self._requests = requests
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or pass on what is no request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        visit = _Visit(scope, receive, send, self._headers)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=visit.request_id)
        try:
            await self._serve(visit)
        finally:
            self._note(visit)

    async def _serve(self, visit: _Visit) -> None:
        if visit.announced > LARGEST_BODY:
            await visit.refuse()
            return
        try:
            await self._app(visit.scope, visit.hear, visit.say)
        except _BodyTooLarge:
            visit.too_large = True
        if visit.too_large:
            await visit.refuse()

    def _note(self, visit: _Visit) -> None:
        took = time.perf_counter() - visit.started
        labels = (visit.scope["method"], visit.route)
        self._requests.labels(*labels, str(visit.status)).inc()
        self._seconds.labels(*labels).observe(took)
        # The route's pattern and not the path: a query or a path can hold what somebody searched for.
        log.info(
            "request", method=visit.scope["method"], route=visit.route, status=visit.status, ms=round(took * 1000, 1)
        )


class _Visit:
    """One request on its way through."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, always: Mapping[str, str]) -> None:
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        self.request_id = given if _REQUEST_ID.fullmatch(given) else uuid4().hex
        self.scope = scope
        self.announced = _length(headers.get("content-length", ""))
        self.status = 500
        self.started = time.perf_counter()
        self._receive, self._send, self._always = receive, send, always
        self.too_large = False
        self._heard = 0
        self._answered = False
        scope.setdefault("state", {})["request_id"] = self.request_id

    @property
    def route(self) -> str:
        """The pattern of the route that served it."""
        route = self.scope.get("route")
        return getattr(route, "path", "(none)")

    async def hear(self) -> Message:
        """Pass the body on, and count it: a length that was announced may be untrue."""
        message = await self._receive()
        self._heard += len(message.get("body", b""))
        if self._heard > LARGEST_BODY:
            self.too_large = True
            raise _BodyTooLarge
        return message

    async def say(self, message: Message) -> None:
        """Pass the answer on, with our headers; what the app makes of a body cut off counts for nothing."""
        if self.too_large and not self._answered:
            return
        if message["type"] == "http.response.start":
            self.status, self._answered = message["status"], True
            headers = MutableHeaders(scope=message)
            headers["X-Request-Id"] = self.request_id
            for name, value in {**self._always, **self._what_is_left()}.items():
                headers.setdefault(name, value)
        await self._send(message)

    def _what_is_left(self) -> Mapping[str, str]:
        """Of the caller's allowance, where one was counted."""
        rate: Standing | None = self.scope["state"].get("rate")
        return {} if rate is None else rate.headers()

    async def refuse(self) -> None:
        """413, unless an answer is on its way already."""
        if self._answered:
            return
        self.too_large = False
        refusal = problem_response(
            self.scope["path"], TooLarge.status, TooLarge.title, f"at most {LARGEST_BODY} bytes", kind=TooLarge.slug
        )
        await refusal(self.scope, self._receive, self.say)


def _length(announced: str) -> int:
    return int(announced) if announced.isascii() and announced.isdigit() else 0
