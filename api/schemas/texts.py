"""Texts as callers may send them: of a bounded length, and without signs that are no text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated
from unicodedata import category

from annotated_types import GroupedMetadata
from pydantic import AfterValidator, Field, StringConstraints

_WHITESPACE = "\n\r\t"


def _printable(text: str) -> str:
    # PostgreSQL keeps no NUL, and a label or a log line must not be steered by what a buyer wrote.
    if any(category(sign) == "Cc" and sign not in _WHITESPACE for sign in text):
        raise ValueError("holds a control character")
    return text


@dataclass(frozen=True)
class Words(GroupedMetadata):
    """A text of at most ``longest`` signs, outer spaces dropped: ``Annotated[str, Words(120)]``."""

    longest: int
    shortest: int = 0

    def __iter__(self) -> Iterator[object]:
        """The constraints, one by one, as pydantic takes them."""
        yield from StringConstraints(strip_whitespace=True, min_length=self.shortest, max_length=self.longest)
        yield AfterValidator(_printable)


TemporalPage = Annotated[
    str | None,
    Field(
        description="Its page in the Temporal UI, for posts with `workflow.read`",
        examples=["https://temporal.example/namespaces/default/workflows/order-site-20240611-0042"],
    ),
]
Reason = Annotated[
    str,
    Words(60, shortest=1),
    Field(
        description="A reason code or a few words; kept with the act (R23). No personal data.", examples=["buyer_asked"]
    ),
]
OptionalReason = Annotated[
    str,
    Words(60),
    Field(description="A reason code or a few words; kept with the act (R23). No personal data."),
]
NoteText = Annotated[
    str,
    Words(4_000, shortest=1),
    Field(
        description="Free text; stored encrypted, only its id travels (R21).", examples=["called, wants another colour"]
    ),
]
ChannelName = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9_]{1,20}$"),
    Field(description="Lower-case letters, digits and _", examples=["site"]),
]
ChannelOrderId = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,80}$"),
    Field(description="The channel's own number of the order", examples=["20240611-0042"]),
]
