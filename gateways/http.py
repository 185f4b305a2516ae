"""One question over HTTP and what its answer means; shared by every party's module.

There is no loop here. Temporal asks again, with the patience of the activity, so a
second loop below it would only multiply the waiting.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypeAlias
from urllib.parse import quote

import httpx

from gateways.errors import Refused, Unavailable
from models.translation import Unreadable
from models.translation import json_object as as_sent

TIMEOUT = httpx.Timeout(15.0, connect=5.0)
"""Seconds. Longer than any provider's own limit for a write, shorter than the activity's."""

_WORTH_ASKING_AGAIN = frozenset({408, 425, 429})
_SAFE_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,64}")

CodeReader: TypeAlias = Callable[[httpx.Response], str | None]
"""Finds a party's own error code in its answer, None if there is none."""


def no_code(_: httpx.Response) -> str | None:
    """The reader for a party whose errors carry no code."""
    return None


def utc_now() -> datetime:
    """The real clock, for signatures only: deadlines come from the workflow's."""
    return datetime.now(UTC)


def segment(value: str) -> str:
    """``value`` as one path segment, so that a strange reference cannot name another resource."""
    return quote(value, safe="")


def safe_code(code: object) -> str | None:
    """``code`` if it looks like one; a sentence could hold a person, and error text is logged (R21)."""
    text = str(code) if isinstance(code, str | int) else ""
    return text if _SAFE_CODE.fullmatch(text) else None


async def ask(
    client: httpx.AsyncClient, party: str, request: httpx.Request, code_of: CodeReader = no_code
) -> httpx.Response:
    """Send ``request`` and return a 2xx answer.

    Raises Unavailable (no or no whole answer, 408, 425, 429, 5xx) or Refused (every other status).
    """
    answer = await send(client, party, request)
    if answer.is_success:
        return answer
    code = safe_code(code_of(answer)) or f"http_{answer.status_code}"
    if answer.is_server_error or answer.status_code in _WORTH_ASKING_AGAIN:
        raise Unavailable(party, code, status=answer.status_code, retry_after=retry_after(answer))
    raise Refused(party, code, status=answer.status_code)


async def send(client: httpx.AsyncClient, party: str, request: httpx.Request) -> httpx.Response:
    """Send ``request`` and return whatever was answered; Unavailable if there was no whole answer."""
    # "from None": httpx puts the full address into its texts, and some parties carry keys there.
    try:
        return await client.send(request)
    except httpx.TimeoutException:
        raise Unavailable(party, "timeout") from None
    except httpx.TransportError:
        raise Unavailable(party, "connection") from None


def retry_after(answer: httpx.Response) -> timedelta | None:
    """The party's Retry-After, written as seconds (Shopify sends "2.0") or as an HTTP date."""
    value = answer.headers.get("Retry-After")
    if value is None:
        return None
    try:
        return max(timedelta(0), timedelta(seconds=float(value)))
    except (ValueError, OverflowError):
        return _until(value)


def _until(http_date: str) -> timedelta | None:
    try:
        moment = parsedate_to_datetime(http_date)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(timedelta(0), moment - utc_now())


@contextmanager
def reading(party: str) -> Iterator[None]:
    """Turn an answer of the wrong shape into Unavailable: a proxy's page is not the party's word."""
    try:
        yield
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        raise Unavailable(party, "unreadable_answer") from None


def json_object(party: str, answer: httpx.Response) -> dict[str, Any]:
    """The answer's body as a JSON object; Unavailable if it is anything else."""
    with reading(party):
        body = answer.json()
        if not isinstance(body, dict):
            raise TypeError("the answer is not a JSON object")
        return body


def whole_json(party: str, answer: httpx.Response) -> dict[str, Any]:
    """The same, with decimal numbers as they are written: for what is read as a webhook is."""
    try:
        return as_sent(answer.content)
    except Unreadable:
        raise Unavailable(party, "unreadable_answer") from None
