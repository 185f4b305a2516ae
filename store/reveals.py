"""Reveals of a buyer: on record before anything is shown, and only so many an hour (R21, R23).

RevealRefused
├── TooManyReveals   this person has revealed too many buyers within the hour
└── RevealedOtherwise   the key stands for another reveal, or for one that is over

The record is the counter: what is counted are the entries themselves, in one line for each
person, so that two requests at once cannot both be the last one allowed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.base import Actor
from store import audit, steps
from store.pool import Connection

ACT = "contact_revealed"
WITHIN = timedelta(hours=1)
REPEATABLE = timedelta(minutes=5)
"""How long a retry with the same key is the same reveal; later it would be a second look without a record."""


class RevealRefused(Exception):
    """Nothing is shown; the text holds no personal data."""


class TooManyReveals(RevealRefused):
    """``again_in`` says when the oldest of them leaves the hour."""

    def __init__(self, limit: int, again_in: timedelta) -> None:
        super().__init__(f"at most {limit} reveals an hour for each person")
        self.again_in = again_in


class RevealedOtherwise(RevealRefused):
    """A new reveal takes a new key."""


@dataclass(frozen=True)
class Reveal:
    """One look at a buyer: which ``fields``, for which ``purpose``, never their values."""

    order_no: str
    by: Actor
    purpose: str
    why: str
    fields: Sequence[str]
    key: str
    at: datetime
    request_id: str | None = None

    @property
    def step_key(self) -> str:
        """A retry of the same person's request is the same reveal."""
        return f"reveal:{self.order_no}:{self.by.id}:{self.key}"

    @property
    def details(self) -> dict[str, object]:
        """What the record says of it."""
        return {"purpose": self.purpose, "fields": list(self.fields)}


async def record(conn: Connection, reveal: Reveal, *, limit: int) -> None:
    """Put the reveal on the order's record, once; raises :class:`RevealRefused`.

    Must run in the transaction in which the person is opened.
    """
    # The person's own lock comes before any chain: two exports of theirs must not wait for each other in a ring.
    await conn.execute("SELECT pg_advisory_xact_lock(hashtext(%s), hashtext(%s))", (ACT, reveal.by.id))
    chain = await audit.lock(conn, steps.subject_of(reveal.order_no))
    if await _is_repeat(conn, reveal):
        return
    await _within_limit(conn, reveal, limit)
    await audit.append(conn, _entry(reveal), chain)


async def _is_repeat(conn: Connection, reveal: Reveal) -> bool:
    cursor = await conn.execute(
        "SELECT why, details, wall_at FROM audit_entries WHERE step_key = %s", (reveal.step_key,)
    )
    row = await cursor.fetchone()
    if row is None:
        return False
    same = row["why"] == reveal.why and row["details"] == reveal.details
    if not same or reveal.at - row["wall_at"] > REPEATABLE:
        raise RevealedOtherwise("use a new key for a new reveal")
    return True


async def _within_limit(conn: Connection, reveal: Reveal, limit: int) -> None:
    cursor = await conn.execute(
        # The act stands here in words, as in the index of these entries alone.
        "SELECT count(*) AS number, min(wall_at) AS oldest FROM audit_entries"
        " WHERE act = 'contact_revealed' AND actor = %s AND wall_at > %s",
        (reveal.by.id, reveal.at - WITHIN),
    )
    row = await cursor.fetchone()
    assert row is not None
    if row["number"] >= limit:
        raise TooManyReveals(limit, min(WITHIN, (row["oldest"] or reveal.at) + WITHIN - reveal.at))


def _entry(reveal: Reveal) -> audit.Entry:
    return audit.Entry(
        subject=steps.subject_of(reveal.order_no),
        order_no=reveal.order_no,
        step_key=reveal.step_key,
        at=reveal.at,
        by=reveal.by,
        act=ACT,
        why=reveal.why,
        details=reveal.details,
        request_id=reveal.request_id,
    )
