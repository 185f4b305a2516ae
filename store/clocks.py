"""What a step does to the clocks of an order or a case, in the statement that moves its row (R25)."""

from __future__ import annotations

from domain.deadlines import DEADLINES
from models.steps import ClockRow


def row(clock: ClockRow) -> dict[str, str | int | None]:
    """A deadline as the board's row has it, running or stopped."""
    return {
        "state": "running" if clock.left is None else "stopped",
        "left_seconds": None if clock.left is None else int(clock.left.total_seconds()),
        "deadline": clock.id,
        "started_at": clock.started.isoformat(),
        "due_at": clock.due.isoformat(),
        "department": DEADLINES[clock.id].department,
    }


# Two parts of a statement whose part before them is "moved", the row that took the step. A clock that no longer
# runs, and neither passed nor was waived, was met: what it waited for came.
MOVED = """ended AS (
    UPDATE deadlines SET
        ended_at = %(at)s,
        left_seconds = NULL,
        state = CASE
            WHEN deadline = ANY(%(passed)s::text[]) THEN 'passed'
            WHEN deadline = ANY(%(waived)s::text[]) THEN 'waived'
            ELSE 'met'
        END
    FROM moved
    WHERE subject = %(subject)s AND state IN ('running', 'stopped') AND deadline <> ALL(%(running)s::text[])
), started AS (
    INSERT INTO deadlines
        (subject, deadline, order_no, workflow_id, started_at, due_at, state, left_seconds, department)
    SELECT %(subject)s, c.deadline, %(order_no)s, %(workflow_id)s, c.started_at, c.due_at, c.state, c.left_seconds,
        c.department
    FROM moved, jsonb_to_recordset(%(clocks)s) AS c (
        deadline text, started_at timestamptz, due_at timestamptz, state text, left_seconds integer, department text)
    ON CONFLICT (subject, deadline) DO UPDATE SET
        started_at = excluded.started_at, due_at = excluded.due_at, state = excluded.state,
        left_seconds = excluded.left_seconds, ended_at = NULL
    WHERE (deadlines.state, deadlines.started_at, deadlines.due_at, deadlines.left_seconds)
        IS DISTINCT FROM (excluded.state, excluded.started_at, excluded.due_at, excluded.left_seconds)
)"""
