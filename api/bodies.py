"""The shape of a JSON body, looked at before anything reads it: its encoding, its depth, how many values it holds.

A megabyte of brackets costs a parser far more than a megabyte of order.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import Faulty, Problem, TooDeep, answer_with
from domain.intake import Fault
from domain.json_shape import DEEPEST, LONGEST_NUMBER, MOST_VALUES, too_much

_WITHOUT_BODY = ("GET", "HEAD", "DELETE")
# What is truly a sender's is kept whatever its shape, so the signature comes first; the adapters look after it.
_BY_SIGNATURE = "/v1/webhooks/"


class JsonShape:
    """Reads a body that looks like JSON, refuses one of an impossible shape, and hands it on as it came."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http" or scope["method"] in _WITHOUT_BODY or scope["path"].startswith(_BY_SIGNATURE):
            await self._app(scope, receive, send)
            return
        messages = await _all_of(receive)
        body = b"".join(message.get("body", b"") for message in messages)
        refusal = _refusal(body)
        if refusal is not None:
            await answer_with(refusal, scope["path"])(scope, receive, send)
            return
        await self._app(scope, _replaying(messages, receive), send)


def _refusal(body: bytes) -> Problem | None:
    if too_much(body):
        return TooDeep(f"at most {DEEPEST} levels, {MOST_VALUES} values, and {LONGEST_NUMBER} digits to a number")
    try:
        body.decode()
    except UnicodeDecodeError:
        return Faulty([Fault("body", "is not UTF-8")])
    return None


async def _all_of(receive: Receive) -> list[Message]:
    """The body's messages; the layer around this one has a limit on their length."""
    messages = [await receive()]
    while messages[-1]["type"] == "http.request" and messages[-1].get("more_body", False):
        messages.append(await receive())
    return messages


def _replaying(messages: list[Message], receive: Receive) -> Receive:
    waiting = iter(messages)

    async def hear() -> Message:
        return next(waiting, None) or await receive()

    return hear
