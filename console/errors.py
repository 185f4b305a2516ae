"""What can go wrong between a desk and the API.

DeskError
├── Refused      the API said no, and why: shown plainly, never tried again by itself
├── SignedOut    the session has ended: sign in again
└── Away         no answer: nothing is known of the outcome, asking again with the same key is safe
"""

from __future__ import annotations


class DeskError(Exception):
    """What a desk tells its person; ``str()`` holds no personal data."""


class Refused(DeskError):
    """A problem+json of the API: ``kind`` is the last part of its type, ``faults`` pairs of field and problem."""

    def __init__(self, status: int, kind: str, detail: str, faults: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.faults = faults


class SignedOut(DeskError):
    """The token does not hold any more."""


class Away(DeskError):
    """The API did not answer."""
