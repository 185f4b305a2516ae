"""A message in our words: what every adapter of a sender comes to, at a door or when it is asked for (R1, R2).

Unreadable   authentic, but nothing that can be taken in; kept as refused, with its faults
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.intake import Fault
from domain.json_shape import too_much
from models.inbox import Envelope
from models.order import Policy
from models.person import Person


@dataclass(frozen=True)
class Identity:
    """Which event this is. ``delivery_id`` is the sender's id of this delivery, where there is one."""

    topic: str
    dedupe_key: str
    delivery_id: str | None = None


@dataclass(frozen=True)
class Terms:
    """What an order from this message begins with."""

    contact_id: str
    policy: Policy


@dataclass(frozen=True)
class Version:
    """How new a whole order of a channel is: when it changed there, and a digest of the state it is in.

    Two changes can share a second, so the time alone does not tell them apart.
    """

    changed_at: datetime
    facts: str

    @classmethod
    def of(cls, changed_at: datetime, facts: object) -> Version:
        """The version of these facts, whatever JSON they are."""
        return cls(changed_at, digest_of(facts))


@dataclass(frozen=True)
class Translation:
    """The message in our words. ``faults`` say why it cannot start an order; its news may still count.

    ``version`` is there where the whole order came, and not a bare notice.
    """

    envelope: Envelope
    person: Person | None = field(default=None, repr=False)
    faults: tuple[Fault, ...] = ()
    version: Version | None = None


class Unreadable(Exception):
    """Nothing of this message can be taken in."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = tuple(faults)


def json_object(text: bytes | str) -> dict[str, Any]:
    """Read a JSON object, decimal numbers as they are written; raises :class:`Unreadable`."""
    written = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if too_much(written):
        raise Unreadable([Fault("body", "is too deep or too wide")])
    try:
        # A float would already have lost what the sender wrote.
        value = json.loads(text, parse_float=str)
    except (ValueError, RecursionError):
        raise Unreadable([Fault("body", "is not JSON")]) from None
    if not isinstance(value, dict):
        raise Unreadable([Fault("body", "is not a JSON object")])
    return _storable_texts(value) if _MAYBE_UNSTORABLE.search(written) else value


def digest_of(facts: object) -> str:
    """A short digest of JSON values, the same for the same values."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()[:16]


def storable(text: str) -> str:
    """The text as a database takes it: a NUL and half of a surrogate pair, which JSON can hold, become U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)


def _storable_texts(value: Any) -> Any:
    """The same JSON, in which every text can be stored; names of fields go no further than here."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [_storable_texts(item) for item in value]
    return {name: _storable_texts(item) for name, item in value.items()} if isinstance(value, dict) else value


_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# How such a character can stand in a JSON text: escaped, or half a pair in bytes that are no UTF-8. Few texts have one.
_MAYBE_UNSTORABLE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])|\xed[\xa0-\xbf]")


def json_or_nothing(text: bytes | str) -> dict[str, Any]:
    """For identifying: an unreadable body is known by its digest alone."""
    try:
        return json_object(text)
    except Unreadable:
        return {}
