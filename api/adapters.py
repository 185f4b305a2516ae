"""What every webhook adapter gives: verify, identify, translate. One module per sender.

Unreadable   authentic, but nothing that can be taken in; kept as refused, with its faults
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

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

    def verify(self, delivery: Delivery, settings: Settings) -> None:
        """Check the signature over the raw body; raises BadSignature."""

    def identify(self, delivery: Delivery) -> Identity | None:
        """Which event this is, without judging it; None for a topic that is no business of ours."""

    def translate(self, delivery: Delivery, terms: Terms) -> Translation:
        """Say it in our words; raises :class:`Unreadable`."""


def json_object(text: bytes | str) -> dict[str, Any]:
    """Read a JSON object, decimal numbers as they are written; raises :class:`Unreadable`."""
    try:
        # A float would already have lost what the sender wrote.
        value = json.loads(text, parse_float=str)
    except (ValueError, RecursionError):
        raise Unreadable([Fault("body", "is not JSON")]) from None
    if not isinstance(value, dict):
        raise Unreadable([Fault("body", "is not a JSON object")])
    return value


def json_or_nothing(text: bytes | str) -> dict[str, Any]:
    """For identifying: an unreadable body is known by its digest alone."""
    try:
        return json_object(text)
    except Unreadable:
        return {}
