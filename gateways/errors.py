"""What can go wrong when the house asks somebody outside.

GatewayError
├── Unavailable    asking again can help: no connection, timed out, cut off, 408, 429, 5xx, unreadable answer
└── Refused        asking again cannot help: the party understood and said no, with a code of its own

The type alone says whether asking again can help; nobody reads the words. The text
carries the party and a code, never a body, an address or a person (R21).
"""

from __future__ import annotations

from datetime import timedelta


class GatewayError(Exception):
    """A party outside did not do what it was asked."""

    def __init__(self, party: str, code: str, *, status: int | None = None) -> None:
        """``party`` is ours ("stripe"), ``code`` theirs ("charge_already_refunded"), ``status`` HTTP's, if any."""
        answered = "" if status is None else f" (HTTP {status})"
        super().__init__(f"{party}: {code}{answered}")
        self.party = party
        self.code = code
        self.status = status


class Unavailable(GatewayError):
    """Asking again can help; ``retry_after`` is how long the party asked us to wait, if it did."""

    def __init__(
        self, party: str, code: str, *, status: int | None = None, retry_after: timedelta | None = None
    ) -> None:
        super().__init__(party, code, status=status)
        self.retry_after = retry_after


class Refused(GatewayError):
    """Asking again cannot help: somebody has to look at ``code``."""
