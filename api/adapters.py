"""What every webhook adapter gives: verify, identify, translate. One module per sender.

Unreadable   authentic, but nothing that can be taken in; kept as refused, with its faults
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from api.bodies import too_much
from api.problems import BadSignature
from domain.intake import Fault
from models.inbox import Envelope
from models.order import Policy
from runtime.settings import Settings
from store.contacts import Person

__all__ = ["Adapter", "BadSignature", "Delivery", "Identity", "Terms", "Translation", "Unreadable"]


@dataclass(frozen=True)
class Delivery:
    """A request of a sender: header names in lower case, the body as it came."""

    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def digest(self) -> str:
        """What identifies a body that names nothing else."""
        return hashlib.sha256(self.body).hexdigest()


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
class Translation:
    """The message in our words. ``faults`` say why it cannot start an order; its news may still count."""

    envelope: Envelope
    person: Person | None = field(default=None, repr=False)
    faults: tuple[Fault, ...] = ()


class Unreadable(Exception):
    """Nothing of this message can be taken in."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = tuple(faults)


class Adapter(Protocol):
    """One sender. Another marketplace is another module with these three functions."""

    source: str
    accepted: Mapping[str, Any]
    """The answer its sender takes for "received"."""
    refused: Mapping[str, Any] | None
    """The answer (200, with the faults beside it) to a message that is kept as refused.

    None: 422 problem+json, for a sender whose repeats and alarms do no harm. A sender that
    shuts its hook after some failures needs an answer here, or one odd order silences the channel.
    """

    def verify(self, delivery: Delivery, settings: Settings) -> None:
        """Check the signature over the raw body; raises BadSignature."""

    def identify(self, delivery: Delivery) -> Identity | None:
        """Which event this is, without judging it; None for a topic that is no business of ours."""

    def translate(self, delivery: Delivery, terms: Terms) -> Translation:
        """Say it in our words; raises :class:`Unreadable`."""


def json_object(text: bytes | str) -> dict[str, Any]:
    """Read a JSON object, decimal numbers as they are written; raises :class:`Unreadable`."""
    if too_much(text.encode("utf-8", "replace") if isinstance(text, str) else text):
        raise Unreadable([Fault("body", "is too deep or too wide")])
    try:
        # A float would already have lost what the sender wrote.
        value = _storable_texts(json.loads(text, parse_float=str))
    except (ValueError, RecursionError):
        raise Unreadable([Fault("body", "is not JSON")]) from None
    if not isinstance(value, dict):
        raise Unreadable([Fault("body", "is not a JSON object")])
    return value


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


def json_or_nothing(text: bytes | str) -> dict[str, Any]:
    """For identifying: an unreadable body is known by its digest alone."""
    try:
        return json_object(text)
    except Unreadable:
        return {}
