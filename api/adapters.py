"""What every webhook adapter gives: verify, identify, translate. One module per sender."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from api.problems import BadSignature
from models.translation import Identity, Terms, Translation, Unreadable, json_object, json_or_nothing, storable
from runtime.settings import Settings

__all__ = [
    "Adapter",
    "BadSignature",
    "Delivery",
    "Identity",
    "Terms",
    "Translation",
    "Unreadable",
    "json_object",
    "json_or_nothing",
    "storable",
]


@dataclass(frozen=True)
class Delivery:
    """A request of a sender: header names in lower case, the body as it came."""

    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def digest(self) -> str:
        """What identifies a body that names nothing else."""
        return hashlib.sha256(self.body).hexdigest()

    @cached_property
    def content(self) -> dict[str, Any]:
        """The body as a JSON object, read once; raises Unreadable."""
        return json_object(self.body)

    @property
    def content_or_nothing(self) -> dict[str, Any]:
        """For identifying: an unreadable body is known by its digest alone."""
        try:
            return self.content
        except Unreadable:
            return {}


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
