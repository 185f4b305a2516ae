"""The exactly-once core: one step of an order, one transaction (R23, STYLE 10).

A step's row, timeline, audit entry, deadlines, alerts and notice stand or fall together.
The audit entry carries the step's key and its result: a second run of the same step,
which Temporal does not rule out, finds it and returns that result without any effect.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from psycopg.types.json import Jsonb

from domain.deadlines import DEADLINES, PLANNED, DeadlineId
from domain.order_status import OrderStatus
from models.base import Message
from models.order import workflow_id
from models.steps import Alert, ClockRow, Step
from store import alerts, audit, notices
from store.errors import UnknownOrder
from store.pool import Connection

Result = TypeVar("Result", bound=Message)


async def once(
    conn: Connection, step: Step, shape: type[Result], effect: Callable[[], Awaitable[Result]], *, tell: bool = False
) -> Result:
    """Run ``effect`` and record the step, or return what the first run of the step came to.

    A status that changed is told to the channel; with ``tell`` so is anything else the
    effect changed in what the channel shows (R20). A step that comes after a later one
    (a slow carrier) has its effect and its record, but does not turn the row back.
    """
    async with conn.transaction():
        chain = await audit.lock(conn, subject_of(step.order_no))
        if (known := await outcome(conn, step.step_key)) is not None:
            await _catch_up(conn, step)
            return shape.model_validate(known)
        result = await effect()
        if step.after is not None:
            await _move(conn, step)
        elif step.alert is not None:
            # A step beside the order has no row in whose statement its alert could go.
            await alerts.raise_alert(conn, at=step.at, order_no=step.order_no, **_named_alert(step, step.alert))
        if tell or step.before != step.after:
            await notices.write(conn, step.order_no, step.at)
        await audit.append(conn, _entry(step, result), chain)
        return result


async def _catch_up(conn: Connection, step: Step) -> None:
    """The step was taken by a worker that died; what it did after it may not have happened in this life.

    So the row is written again as it stands after this step. A late step (a slow carrier)
    is older than the row and leaves it alone.
    """
    if step.after is not None:
        await _move(conn, step)
        await notices.write(conn, step.order_no, step.at)


async def take(
    conn: Connection, step: Step, effect: Callable[[], Awaitable[object]] | None = None, *, tell: bool = False
) -> None:
    """The same for a step that has no result, or no effect beyond its record."""

    async def run() -> Message:
        if effect is not None:
            await effect()
        return Message()

    await once(conn, step, Message, run, tell=tell)


async def outcome(conn: Connection, step_key: str) -> dict[str, Any] | None:
    """What the step came to, if it was already taken."""
    cursor = await conn.execute("SELECT outcome FROM audit_entries WHERE step_key = %s", (step_key,))
    row = await cursor.fetchone()
    return None if row is None else row["outcome"] or {}


def subject_of(order_no: str) -> str:
    """The subject under which an order's acts and deadlines are recorded."""
    return f"order:{order_no}"


def _entry(step: Step, result: Message) -> audit.Entry:
    return audit.Entry(
        subject=subject_of(step.order_no),
        order_no=step.order_no,
        step_key=step.step_key,
        at=step.at,
        by=step.by,
        act=step.act,
        before=step.before,
        after=step.after,
        why=step.why,
        note_id=step.note_id,
        details=alerts.with_told(step.details, [one["department"] for one in _alerts(step)]),
        outcome=result.model_dump(mode="json"),
        update_id=step.key or None,
    )


async def _move(conn: Connection, step: Step) -> None:
    """Write the order's row, its deadlines and the alerts of those that passed, in one statement."""
    cursor = await conn.execute(
        _MOVE,
        {
            "subject": subject_of(step.order_no),
            "order_no": step.order_no,
            "workflow_id": workflow_id(step.order_no),
            "seq": step.seq,
            "at": step.at,
            "status": step.after,
            "risk": step.risk,
            "waiting_for": step.waiting_for,
            "due_at": min((clock.due for clock in step.clocks if clock.left is None), default=None),
            "held": step.held,
            "claimed_by": step.claimed_by,
            "archived_at": step.at if step.after is OrderStatus.ARCHIVED else None,
            "running": [clock.id for clock in step.clocks],
            "passed": list(step.passed),
            "waived": step.details.get("deadline") if step.act == "deadline_waived" else None,
            "clocks": Jsonb([clock_row(clock) for clock in step.clocks]),
            "alerts": Jsonb(_alerts(step)),
        },
    )
    row = await cursor.fetchone()
    if row is None or not row["known"]:
        raise UnknownOrder(step.order_no)


def clock_row(clock: ClockRow) -> dict[str, str | int | None]:
    """A deadline as the board's row has it, running or stopped."""
    return {
        "state": "running" if clock.left is None else "stopped",
        "left_seconds": None if clock.left is None else int(clock.left.total_seconds()),
        "deadline": clock.id,
        "started_at": clock.started.isoformat(),
        "due_at": clock.due.isoformat(),
        "department": DEADLINES[clock.id].department,
    }


def _alerts(step: Step) -> list[dict[str, str]]:
    """Who is told of the step: the departments of the clocks that passed, and whom the step names."""
    passed = [_alert(step, deadline) for deadline in step.passed if deadline not in PLANNED]
    return passed + ([_named_alert(step, step.alert)] if step.alert else [])


def _named_alert(step: Step, alert: Alert) -> dict[str, str]:
    return alert.model_dump() | {"key": f"{step.step_key}:{alert.kind}"}


def _alert(step: Step, deadline: DeadlineId) -> dict[str, str]:
    row = DEADLINES[deadline]
    return {
        "key": f"{step.step_key}:{deadline}",
        "department": row.department,
        "kind": deadline,
        "text": f"{deadline} {row.promise}: passed for {step.order_no}; {row.action}",
    }


# A clock that is no longer running without having passed was met: what it waited for came.
_MOVE = f"""
WITH moved AS (
    UPDATE orders SET
        status = %(status)s, step_seq = %(seq)s, updated_at = %(at)s, risk = %(risk)s,
        waiting_for = %(waiting_for)s, due_at = %(due_at)s, held = %(held)s, claimed_by = %(claimed_by)s,
        archived_at = coalesce(archived_at, %(archived_at)s)
    WHERE order_no = %(order_no)s AND step_seq <= %(seq)s
    RETURNING order_no
), ended AS (
    UPDATE deadlines SET
        ended_at = %(at)s,
        left_seconds = NULL,
        state = CASE
            WHEN deadline = ANY(%(passed)s::text[]) THEN 'passed'
            WHEN deadline = %(waived)s THEN 'waived'
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
), alerted AS (
    INSERT INTO alerts (at, department, kind, order_no, text, key)
    SELECT %(at)s, a.department, a.kind, %(order_no)s, a.text, a.key
    FROM jsonb_to_recordset(%(alerts)s) AS a (department text, kind text, text text, key text)
    ON CONFLICT (key) DO NOTHING RETURNING id
)
SELECT EXISTS (SELECT FROM orders WHERE order_no = %(order_no)s) AS known, ({alerts.TELL_OF} FROM alerted LIMIT 1)
"""
