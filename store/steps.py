"""The exactly-once core: one step of an order, one transaction (R23, STYLE 10).

A step's row, timeline, audit entry, deadlines, alerts and notice stand or fall together.
The audit entry carries the step's key and its result: a second run of the same step,
which Temporal does not rule out, finds it and returns that result without any effect.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

from psycopg.types.json import Jsonb

from domain import sayings
from domain.deadlines import DEADLINES, PLANNED
from domain.order_status import OrderStatus
from models.base import Message
from models.order import workflow_id
from models.steps import Alert, Step
from store import alerts, audit, clocks, notices
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
            await alerts.raise_beside(conn, _keyed(step, [step.alert]), at=step.at, order_no=step.order_no)
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
        details=alerts.with_told(step.details, [one.department for one in _alerts(step)]),
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
            "waived": [step.details["deadline"]] if step.act == "deadline_waived" else [],
            "clocks": Jsonb([clocks.row(clock) for clock in step.clocks]),
            "alerts": alerts.rows(_keyed(step, _alerts(step))),
        },
    )
    row = await cursor.fetchone()
    if row is None or not row["known"]:
        raise UnknownOrder(step.order_no)


def _alerts(step: Step) -> list[Alert]:
    """Who is told of the step: the departments of the clocks that passed, and whom the step names."""
    late = [deadline for deadline in step.passed if deadline not in PLANNED]
    passed = [Alert.to(DEADLINES[one].department, sayings.passed(one, step.order_no)) for one in late]
    return passed + ([step.alert] if step.alert else [])


def _keyed(step: Step, told: Iterable[Alert]) -> dict[str, Alert]:
    return {f"{step.step_key}:{alert.kind}": alert for alert in told}


_MOVE = f"""
WITH moved AS (
    UPDATE orders SET
        status = %(status)s, step_seq = %(seq)s, updated_at = %(at)s, risk = %(risk)s,
        waiting_for = %(waiting_for)s, due_at = %(due_at)s, held = %(held)s, claimed_by = %(claimed_by)s,
        archived_at = coalesce(archived_at, %(archived_at)s)
    WHERE order_no = %(order_no)s AND step_seq <= %(seq)s
    RETURNING order_no
), {clocks.MOVED}, {alerts.RAISED}
SELECT EXISTS (SELECT FROM orders WHERE order_no = %(order_no)s) AS known, ({alerts.TOLD_OF})
"""
