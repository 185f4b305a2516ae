"""The rules of signing in: what a username and a password may be, how long a session lives, who must wait (R22).

Throttling slows guessing down and locks nobody out for good: the longest wait is a minute, a try
during it does not lengthen it, and tries from elsewhere are counted apart from those of the
address that the account's owner signs in from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,99}")
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 128

FREE_TRIES = 5
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=2), timedelta(minutes=1)
FORGOTTEN_AFTER = timedelta(hours=1)
CODE_HOLDS = timedelta(seconds=60)
"""How long the way back from an identity provider may take."""
MOST_SESSIONS = 20
"""So many sessions of one account may stand at once; one more ends the one that was used longest ago."""
FRESH = timedelta(minutes=10)
"""How long after signing in somebody without a password here counts as having shown who they are (ASVS 7.5)."""


def username_of(text: str) -> str:
    """The username as it is kept: lower case, without outer spaces."""
    return text.strip().lower()


def username_fault(username: str) -> str | None:
    """What is wrong with a username, if anything."""
    if _USERNAME.fullmatch(username) is None:
        return "is 2 to 100 small letters, digits and . _ @ + - and begins with a letter or digit"
    return None


def password_fault(password: str, username: str) -> str | None:
    """What is wrong with a new password at first sight, if anything; how easily it is guessed, runtime knows."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        return f"has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters"
    if username in password.lower():
        return "must not hold the username"
    return None


@dataclass(frozen=True)
class Tries:
    """Failed tries in a row, and when the last of them was."""

    failed: int
    failed_at: datetime

    def now_forgotten(self, at: datetime) -> bool:
        """Long enough ago to begin anew."""
        return at - self.failed_at >= FORGOTTEN_AFTER

    def wait(self, at: datetime) -> timedelta:
        """How long the next try has to wait; zero when it need not."""
        if self.failed < FREE_TRIES or self.now_forgotten(at):
            return timedelta(0)
        # The exponent is bounded, so that years of failures are no overflow.
        pause = min(FIRST_WAIT * (1 << min(self.failed - FREE_TRIES, 10)), LONGEST_WAIT)
        return max(self.failed_at + pause - at, timedelta(0))


@dataclass(frozen=True)
class SessionLife:
    """A session ends after ``idle`` without a request, and after ``absolute`` in any case."""

    idle: timedelta
    absolute: timedelta

    def holds(self, seen_at: datetime, ends_at: datetime, at: datetime) -> bool:
        """Whether a session that was last used then still stands."""
        return at < ends_at and at < seen_at + self.idle

    def due_for_a_mark(self, seen_at: datetime, at: datetime) -> bool:
        """Whether its use is worth a write: not every request is."""
        return at - seen_at >= self.idle / 20
