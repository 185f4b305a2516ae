"""The deadline board: what runs, what falls next, what has passed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from store.pool import Connection, Row
from store.scopes import CASE_WITHIN, ORDER_WITHIN, Within


class Cursor(NamedTuple):
    """Where a page of the board ended."""

    due_at: datetime
    subject: str
    deadline: str


async def running(
    conn: Connection,
    *,
    department: str | None = None,
    after: Cursor | None = None,
    limit: int = 100,
    t13: timedelta | None = None,
    within: Within | None = None,
) -> list[Row]:
    """Deadlines that run, or stand still while their order is held; the most overdue first, in keyset pages.

    ``within`` leaves out those of orders, cases and channels that are not theirs who asks (R22).
    A channel that is behind has one T13, of its oldest change that nobody has told it yet; ``t13`` is
    how long it runs (R20).
    """
    asked = {"department": department, "limit": limit, "t13": t13, **_fields(after)}
    query = _BOARD.format(within=_WITHIN if within else "true")
    cursor = await conn.execute(query.encode(), {**asked, **(vars(within) if within else {})})
    return await cursor.fetchall()


async def of_order(conn: Connection, order_no: str) -> list[Row]:
    """Every deadline the order ever had, in the order in which they fall."""
    cursor = await conn.execute(
        "SELECT * FROM deadlines WHERE subject = %s ORDER BY due_at, deadline", (f"order:{order_no}",)
    )
    return await cursor.fetchall()


async def of_subject(conn: Connection, subject: str, deadline: str) -> Row | None:
    """One deadline of whatever has it (``order:…``, ``case:…``, ``rights-review:…``), running or not."""
    cursor = await conn.execute("SELECT * FROM deadlines WHERE subject = %s AND deadline = %s", (subject, deadline))
    return await cursor.fetchone()


def _fields(after: Cursor | None) -> dict[str, object]:
    return after._asdict() if after else {"due_at": None, "subject": None, "deadline": None}


_WITHIN = f"""
CASE split_part(subject, ':', 1)
    WHEN 'case' THEN EXISTS (SELECT FROM cases WHERE case_no = substr(board.subject, 6) AND {CASE_WITHIN})
    WHEN 'order' THEN {ORDER_WITHIN.format(row="board")}
    WHEN 'channel' THEN %(channels)s::text[] IS NULL OR substr(subject, 9) = ANY(%(channels)s)
    ELSE true
END
"""
_BOARD = """
SELECT * FROM (
    SELECT subject, deadline, order_no, workflow_id, started_at, due_at, state, left_seconds, department
    FROM deadlines WHERE state IN ('running', 'stopped')
    UNION ALL
    SELECT 'channel:' || channel, 'T13', NULL, 't13-' || channel, min(changed_at), min(changed_at) + %(t13)s::interval,
        'running', NULL, 'operations'
    FROM notices WHERE state = 'pending' AND breached_at IS NULL AND %(t13)s::interval IS NOT NULL GROUP BY channel
) board
WHERE {within} AND (%(department)s::text IS NULL OR department = %(department)s)
    AND (%(due_at)s::timestamptz IS NULL OR (due_at, subject, deadline) > (%(due_at)s, %(subject)s, %(deadline)s))
ORDER BY due_at, subject, deadline LIMIT %(limit)s
"""
