"""The monthly review of rights: opened, decided account by account, escalated when it is late (R22, T16).

RightsReviewError (StoreError)
├── NoSuchReview      no review of that month, or the account or token does not stand in it
└── DecidedAlready    somebody has reviewed it
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain import sayings
from domain.deadlines import DEADLINES, DeadlineId
from domain.errors import SamePerson
from domain.permissions import Role
from models.base import SYSTEM, clock_actor
from models.upkeep import ChangeRightsDeadline, RightsDeadline
from store import accounts, alerts, audit, review_lists, steps
from store.accounts import Act
from store.errors import StoreError
from store.pool import Connection, Row

FINISHED_WITHIN = timedelta(days=7)
"""How long a review may take (R22)."""

CHAIN = "rights"
_TOLD = ("administrator", "operations")


class RightsReviewError(StoreError):
    """The review forbids it."""


class NoSuchReview(RightsReviewError):
    """No review of that month, or the account or token does not stand in it."""

    def __init__(self) -> None:
        super().__init__("no such account or token stands in a review of that month")


class DecidedAlready(RightsReviewError):
    """Somebody has reviewed it."""

    def __init__(self, by: str) -> None:
        super().__init__(f"{by} has reviewed it already")


@dataclass(frozen=True)
class Verdict:
    """What is decided of one account: ``decision`` is confirmed, changed (to ``role``) or revoked."""

    review_id: str
    staff_id: str
    decision: str
    role: Role | None
    act: Act


async def open_review(conn: Connection, review_id: str, *, at: datetime, workflow_id: str) -> tuple[datetime, int]:
    """Open it, once: (when it is due, how many accounts stand in it)."""
    chain = await audit.lock(conn, CHAIN)
    known = await _review(conn, review_id)
    if known is None:
        due = at + FINISHED_WITHIN
        await conn.execute(
            "INSERT INTO rights_reviews (review_id, opened_at, due_at) VALUES (%s, %s, %s)", (review_id, at, due)
        )
        await review_lists.put_up_accounts(conn, review_id)
        await review_lists.put_up_tokens(conn, review_id, at)
        await conn.execute(_CLOCK, {"subject": _subject(review_id), "workflow_id": workflow_id, "at": at, "due": due,
                                    "department": DEADLINES[DeadlineId.T16].department})  # fmt: skip
        await audit.append(conn, _entry(review_id, "rights_review_opened", at), chain)
        told, key = sayings.rights_review(due), f"{_subject(review_id)}:open"
        await alerts.raise_alert(conn, told, at=at, department="administrator", key=key)
        known = await _review(conn, review_id)
    assert known is not None
    return known["due_at"], known["accounts"]


async def conclude(conn: Connection, review_id: str, *, at: datetime) -> int:
    """T16 has passed: how many accounts and tokens nobody has reviewed; they escalate, and can still be reviewed."""
    chain = await audit.lock(conn, CHAIN)
    review = await _review(conn, review_id)
    if review is None or review["closed_at"] is not None:
        return 0
    late = _open_in(review)
    moved = await conn.execute(_END_CLOCK, {"subject": _subject(review_id), "state": "passed", "at": at})
    if moved.rowcount:
        await audit.append(conn, _entry(review_id, "rights_review_late", at, late), chain)
        for department in _TOLD:
            await alerts.raise_alert(
                conn, sayings.rights_not_reviewed(review_id, late), at=at, department=department,
                key=f"{_subject(review_id)}:late:{department}",
            )  # fmt: skip
    return late


async def change_deadline(conn: Connection, request: ChangeRightsDeadline) -> RightsDeadline:
    """Extend or waive the running T16 of a review, once for each key; says where it stands then."""
    chain = await audit.lock(conn, CHAIN)
    subject, command = _subject(request.review_id), request.command
    key = f"{subject}:deadline:{command.key}"
    if await steps.outcome(conn, key) is None:
        moved = await _move_clock(conn, subject, command.extend_by, request.at)
        if not moved:
            return RightsDeadline(running=False)
        await audit.append(conn, _deadline_changed(request, key), chain)
    cursor = await conn.execute(_CLOCK_STANDS, {"subject": subject})
    row = await cursor.fetchone()
    return RightsDeadline(due=row["due_at"] if row else None)


async def _move_clock(conn: Connection, subject: str, by: timedelta | None, at: datetime) -> bool:
    if by is None:
        ended = await conn.execute(_END_CLOCK, {"subject": subject, "state": "waived", "at": at})
        return ended.rowcount == 1
    cursor = await conn.execute(_EXTEND_CLOCK, {"subject": subject, "by": by})
    row = await cursor.fetchone()
    if row is None:
        return False
    await conn.execute(
        "UPDATE rights_reviews SET due_at = %s WHERE review_id = %s", (row["due_at"], subject.partition(":")[2])
    )
    return True


async def decide(conn: Connection, verdict: Verdict) -> Row:
    """Confirm, change or revoke the rights of one account, in one transaction with the change itself.

    Raises NoSuchReview, DecidedAlready, SamePerson, and what store.accounts raises.
    """
    act = verdict.act
    if act.by.id == verdict.staff_id:
        raise SamePerson("nobody reviews their own rights: ask somebody else who may")
    # The accounts' chain is locked first everywhere, so that a review and a change never wait for each other in a ring.
    await audit.lock(conn, accounts.CHAIN)
    chain = await audit.lock(conn, CHAIN)
    item = await _item(conn, verdict.review_id, verdict.staff_id)
    if item["decided_by"] is not None:
        raise DecidedAlready(item["decided_by"])
    await conn.execute(_DECIDE, {
        "review_id": verdict.review_id, "staff_id": verdict.staff_id, "decision": verdict.decision,
        "role": verdict.role, "by": act.by.id, "at": act.at, "why": act.why,
    })  # fmt: skip
    await audit.append(conn, _decided(verdict), chain)
    if verdict.decision == "changed" and verdict.role is not None:
        await accounts.change_role(conn, verdict.staff_id, verdict.role, act)
    elif verdict.decision == "revoked":
        await accounts.disable(conn, verdict.staff_id, act)
    await close_if_done(conn, verdict.review_id, act.at)
    return await _item(conn, verdict.review_id, verdict.staff_id)


async def page(conn: Connection, *, before: str | None, limit: int) -> list[Row]:
    """Reviews with their counts, the newest first."""
    cursor = await conn.execute(_REVIEWS, {"before": before, "only": None, "limit": limit})
    return await cursor.fetchall()


async def read(conn: Connection, review_id: str) -> tuple[Row, list[Row]]:
    """One review and its accounts, those that nobody has reviewed first; raises NoSuchReview."""
    review = await _review(conn, review_id)
    if review is None:
        raise NoSuchReview
    cursor = await conn.execute(
        "SELECT * FROM rights_review_items WHERE review_id = %s ORDER BY decided_by IS NOT NULL, staff_id", (review_id,)
    )
    return review, await cursor.fetchall()


async def _review(conn: Connection, review_id: str) -> Row | None:
    cursor = await conn.execute(_REVIEWS, {"before": None, "only": review_id, "limit": 1})
    return await cursor.fetchone()


async def _item(conn: Connection, review_id: str, staff_id: str) -> Row:
    cursor = await conn.execute(
        "SELECT * FROM rights_review_items WHERE review_id = %s AND staff_id = %s FOR NO KEY UPDATE",
        (review_id, staff_id),
    )
    row = await cursor.fetchone()
    if row is None:
        raise NoSuchReview
    return row


async def close_if_done(conn: Connection, review_id: str, at: datetime) -> None:
    """Close the review, and stop T16, once every account and token in it is decided."""
    review = await _review(conn, review_id)
    if review is not None and not _open_in(review):
        await conn.execute("UPDATE rights_reviews SET closed_at = %s WHERE review_id = %s", (at, review_id))
        await conn.execute(_END_CLOCK, {"subject": _subject(review_id), "state": "met", "at": at})


def _open_in(review: Row) -> int:
    return int(review["accounts"] - review["decided"] + review["tokens"] - review["tokens_decided"])


def _subject(review_id: str) -> str:
    return f"rights-review:{review_id}"


def _entry(review_id: str, act: str, at: datetime, late: int | None = None) -> audit.Entry:
    return audit.Entry(
        subject=CHAIN,
        step_key=f"{_subject(review_id)}:{act}",
        at=at,
        by=clock_actor("T16") if late is not None else SYSTEM,
        act=act,
        details={"review": review_id} if late is None else {"review": review_id, "open": late, "told": list(_TOLD)},
        outcome={},
    )


def _deadline_changed(request: ChangeRightsDeadline, key: str) -> audit.Entry:
    command, review = request.command, request.review_id
    act = "rights_deadline_waived" if command.extend_by is None else "rights_deadline_extended"
    seconds = None if command.extend_by is None else int(command.extend_by.total_seconds())
    return audit.Entry(
        subject=CHAIN,
        step_key=key,
        at=request.at,
        by=command.by,
        act=act,
        why=command.reason,
        details={"review": review, "deadline": "T16", "seconds": seconds},
        outcome={},
        update_id=command.key or None,
    )


def _decided(verdict: Verdict) -> audit.Entry:
    return audit.Entry(
        subject=CHAIN,
        step_key=f"{_subject(verdict.review_id)}:{verdict.staff_id}",
        at=verdict.act.at,
        by=verdict.act.by,
        act="rights_reviewed",
        why=verdict.act.why,
        details={
            "review": verdict.review_id, "account": verdict.staff_id, "decision": verdict.decision,
            "role": verdict.role.value if verdict.role else None,
        },
        outcome={},
        request_id=verdict.act.request_id,
    )  # fmt: skip


_REVIEWS = """
SELECT r.*, i.accounts, i.decided, t.tokens, t.tokens_decided, coalesce(d.state, 'met') AS t16 FROM rights_reviews r
LEFT JOIN deadlines d ON d.subject = 'rights-review:' || r.review_id AND d.deadline = 'T16'
CROSS JOIN LATERAL (
    SELECT count(*)::integer AS accounts, count(decided_by)::integer AS decided
    FROM rights_review_items WHERE review_id = r.review_id
) i
CROSS JOIN LATERAL (
    SELECT count(*)::integer AS tokens, count(decided_by)::integer AS tokens_decided
    FROM rights_review_tokens WHERE review_id = r.review_id
) t
WHERE (%(only)s::text IS NULL OR r.review_id = %(only)s) AND (%(before)s::text IS NULL OR r.review_id < %(before)s)
ORDER BY r.review_id DESC LIMIT %(limit)s
"""
_DECIDE = """
UPDATE rights_review_items SET
    decision = %(decision)s, new_role = %(role)s, decided_by = %(by)s, decided_at = %(at)s, why = %(why)s
WHERE review_id = %(review_id)s AND staff_id = %(staff_id)s
"""
_CLOCK = """
INSERT INTO deadlines (subject, deadline, workflow_id, started_at, due_at, state, department)
VALUES (%(subject)s, 'T16', %(workflow_id)s, %(at)s, %(due)s, 'running', %(department)s)
"""
_END_CLOCK = """
UPDATE deadlines SET state = %(state)s, ended_at = %(at)s
WHERE subject = %(subject)s AND deadline = 'T16' AND state = 'running'
"""
_EXTEND_CLOCK = """
UPDATE deadlines SET due_at = due_at + %(by)s
WHERE subject = %(subject)s AND deadline = 'T16' AND state = 'running' RETURNING due_at
"""
_CLOCK_STANDS = "SELECT due_at FROM deadlines WHERE subject = %(subject)s AND deadline = 'T16' AND state = 'running'"
