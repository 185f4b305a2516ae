"""Cases as rows: each step once, with its record, deadlines and alerts in one transaction (R23).

The exactly-once core is the order's: the audit entry carries the step's key, and a second
run of the same step finds it and changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.types.json import Jsonb

from domain.case_kinds import KINDS
from domain.cases import CaseState
from models.cases import CaseStep, case_workflow_id
from models.returns import Verdict
from store import alerts, audit, clocks, notices, returns, steps, views
from store.errors import UnknownOrder
from store.pool import Connection, Row
from store.scopes import CASE_WITHIN, Within


def subject_of(case_no: str) -> str:
    """The subject under which a case's acts and deadlines are recorded."""
    return f"case:{case_no}"


async def take(conn: Connection, step: CaseStep) -> Verdict | None:
    """Take one step of a case, once; raises UnknownOrder for a case of an order we do not know.

    Returns what the rules say of a return that it opens, also the second time.
    """
    async with conn.transaction():
        chain = await audit.lock(conn, subject_of(step.case_no))
        known = await steps.outcome(conn, step.step_key)
        # A worker that died took this step, and later ones that may not come in this life.
        verdict = await _take(conn, step) if known is None else Verdict.model_validate(known)
        await conn.execute(_MOVE, _moved(step))
        if step.goods is not None:
            await returns.change(conn, step, step.goods)
            await _tell_the_channel(conn, step)
        if known is None:
            await audit.append(conn, _entry(step, verdict), chain)
        return verdict


async def _take(conn: Connection, step: CaseStep) -> Verdict | None:
    if step.opening is None:
        return None
    await _open(conn, step)
    return None if step.opening.goods is None else await returns.open_return(conn, step)


async def _tell_the_channel(conn: Connection, step: CaseStep) -> None:
    """The buyer sees at the channel where the return stands: its ticket, its lapse (R16, R20)."""
    assert step.order_no is not None
    await audit.lock(conn, steps.subject_of(step.order_no))
    await notices.write(conn, step.order_no, step.at)


async def _open(conn: Connection, step: CaseStep) -> None:
    opening = step.opening
    assert opening is not None
    if opening.order_no is not None and not await views.exists(conn, opening.order_no):
        raise UnknownOrder(opening.order_no)
    await conn.execute(
        _OPEN,
        {
            "case_no": step.case_no,
            "kind": opening.kind,
            "order_no": opening.order_no,
            "subject": opening.subject,
            "department": KINDS[opening.kind].department,
            "participants": Jsonb(list(opening.participants)),
            "related": opening.related,
            "skus": list(opening.skus),
            "reason": opening.reason,
            "reason_code": opening.reason_code,
            "reason_facts": Jsonb(opening.reason_facts),
            "note_id": opening.note_id,
            "opened_by": opening.by.id,
            "at": step.at,
        },
    )


def _moved(step: CaseStep) -> dict[str, object]:
    return {
        "subject": subject_of(step.case_no),
        "case_no": step.case_no,
        "workflow_id": case_workflow_id(step.case_no),
        "order_no": step.order_no,
        "seq": step.seq,
        "at": step.at,
        "severity": step.severity,
        "state": step.after,
        "stage": step.stage,
        "assignee": step.assignee,
        "escalated_to": step.escalated_to,
        "due_at": min((clock.due for clock in step.clocks if clock.left is None), default=None),
        "unsettled": step.after in (CaseState.OPENED, CaseState.CLAIMED),
        "settlement": step.settlement,
        "settled_at": step.settled_at,
        "closed_at": step.at if step.after is CaseState.CLOSED else None,
        "cause": step.details.get("cause"),
        "prevention": step.details.get("prevention"),
        "evidence": Jsonb([piece.model_dump(mode="json") for piece in step.evidence]),
        "remedy": Jsonb(step.remedy),
        "running": [clock.id for clock in step.clocks],
        "passed": list(step.passed),
        "waived": list(step.waived),
        "clocks": Jsonb([clocks.row(clock) for clock in step.clocks]),
        "alerts": alerts.rows({f"{step.step_key}:{one.kind}:{one.department}": one for one in step.alerts}),
    }


def _entry(step: CaseStep, verdict: Verdict | None) -> audit.Entry:
    return audit.Entry(
        subject=subject_of(step.case_no),
        order_no=step.order_no,
        step_key=step.step_key,
        at=step.at,
        by=step.by,
        act=step.act,
        before=None if step.opening else step.before,
        after=step.after,
        why=step.why,
        note_id=step.note_id,
        details=alerts.with_told(
            step.details | {"case": step.case_no, "kind": step.kind.value}, [one.department for one in step.alerts]
        ),
        outcome=verdict.model_dump(mode="json") if verdict else {},
        update_id=step.key or None,
    )


# --- looking ----------------------------------------------------------------------------


@dataclass(frozen=True)
class CaseFilter:
    """None asks for all. ``department`` finds what it owns and what was escalated to it."""

    kind: str | None = None
    state: str | None = None
    department: str | None = None
    assignee: str | None = None
    order_no: str | None = None
    kinds: Sequence[str] | None = None
    """What the asking post sees at all."""
    within: Within | None = None
    """What the asking person is confined to."""


async def row_of(conn: Connection, case_no: str) -> Row | None:
    """The case's row; None if there is none."""
    cursor = await conn.execute("SELECT * FROM cases WHERE case_no = %s", (case_no,))
    return await cursor.fetchone()


async def page(
    conn: Connection, wanted: CaseFilter, *, after: tuple[datetime, str] | None, limit: int
) -> Sequence[Row]:
    """Cases, the first due first and those without a clock last, after the key of the last page's last row.

    Closed ones come only when they are asked for by state or by order.
    """
    asked = {name: value for name, value in vars(wanted).items() if value is not None}
    confined = vars(asked["within"]) if "within" in asked else {}
    conditions = [_ASKED.get(name, f"{name} = %({name})s") for name in asked]
    if wanted.state is None and wanted.order_no is None:
        conditions.append("closed_at IS NULL")
    if after is not None:
        conditions.append(f"({_DUE}, case_no) > (%(after_due)s, %(after_case)s)")
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    after_due, after_case = after or (None, None)
    cursor = await conn.execute(
        f"SELECT * FROM cases {where} ORDER BY {_DUE}, case_no LIMIT %(limit)s".encode(),
        {**asked, **confined, "after_due": after_due, "after_case": after_case, "limit": limit},
    )
    return await cursor.fetchall()


async def has_parcel(conn: Connection, order_no: str, parcel_no: str) -> bool:
    """Whether the parcel is one of the order's."""
    cursor = await conn.execute("SELECT 1 FROM parcels WHERE parcel_no = %s AND order_no = %s", (parcel_no, order_no))
    return await cursor.fetchone() is not None


async def running_deadlines(conn: Connection, case_no: str) -> Sequence[Row]:
    """The clocks of a case that run, or stand still while its order is held (R25)."""
    cursor = await conn.execute(
        "SELECT deadline, started_at, due_at, state, left_seconds FROM deadlines"
        " WHERE subject = %s AND state IN ('running', 'stopped') ORDER BY due_at, deadline",
        (subject_of(case_no),),
    )
    return await cursor.fetchall()


async def stages_met(conn: Connection, case_no: str) -> frozenset[str]:
    """The stages that somebody said are reached."""
    cursor = await conn.execute(
        "SELECT details ->> 'stage' AS stage FROM audit_entries WHERE subject = %s AND act = 'case_stage_met'",
        (subject_of(case_no),),
    )
    return frozenset(row["stage"] for row in await cursor.fetchall())


async def of_order(
    conn: Connection, order_no: str, *, kinds: Sequence[str], within: Within | None = None
) -> Sequence[tuple[Row, Sequence[Row]]]:
    """The cases of an order that the asking person sees, with their running clocks, the newest first."""
    wanted = f"order_no = %(order_no)s AND kind = ANY(%(kinds)s) AND {CASE_WITHIN if within else 'true'}"
    cursor = await conn.execute(
        f"SELECT * FROM cases WHERE {wanted} ORDER BY opened_at DESC, case_no DESC".encode(),
        {**(vars(within) if within else {}), "order_no": order_no, "kinds": list(kinds)},
    )
    rows = await cursor.fetchall()
    return [(row, await running_deadlines(conn, row["case_no"])) for row in rows]


async def timeline(conn: Connection, case_no: str) -> Sequence[Row]:
    """Every act on the case, in order of writing (R23)."""
    cursor = await conn.execute(
        "SELECT id, at, actor, role, act, before, after, why, note_id, details FROM audit_entries"
        " WHERE subject = %s ORDER BY chain_no",
        (subject_of(case_no),),
    )
    return await cursor.fetchall()


# A year that no clock of ours reaches stands for "no clock"; it travels in cursors, where infinity cannot.
NO_CLOCK = datetime.fromisoformat("9999-01-01T00:00:00+00:00")
_DUE = "coalesce(due_at, '9999-01-01 00:00:00+00'::timestamptz)"

_ASKED = {
    "department": "%(department)s IN (department, escalated_to)",
    "kinds": "kind = ANY(%(kinds)s)",
    "within": CASE_WITHIN,
}

_OPEN = """
INSERT INTO cases (
    case_no, kind, order_no, subject, severity, state, stage, department, participants, related, reason,
    reason_code, reason_facts, note_id, opened_by, opened_at, evidence, updated_at, step_seq, skus
) VALUES (
    %(case_no)s, %(kind)s, %(order_no)s, %(subject)s, 'ordinary', 'opened', '', %(department)s, %(participants)s,
    %(related)s, %(reason)s, %(reason_code)s, %(reason_facts)s, %(note_id)s, %(opened_by)s, %(at)s, '[]', %(at)s, 0,
    %(skus)s
)
"""

# A case that nobody settled by its time, and that no other clock watches, stays due when it was: people look for what
# is overdue, and it would come last. It is overdue until it is settled, or what was owed is done (its stage moves on).
_DUE_ONCE = """
CASE WHEN %(unsettled)s THEN coalesce(
    (SELECT max(due_at) FROM deadlines WHERE subject = %(subject)s AND deadline = ANY(%(passed)s::text[])),
    CASE WHEN stage = %(stage)s AND due_at <= %(at)s THEN due_at END
) END
"""

_MOVE = f"""
WITH moved AS (
    UPDATE cases SET
        severity = %(severity)s, state = %(state)s, stage = %(stage)s, assignee = %(assignee)s,
        escalated_to = %(escalated_to)s, due_at = coalesce(%(due_at)s, {_DUE_ONCE}), settlement = %(settlement)s,
        settled_at = %(settled_at)s, closed_at = %(closed_at)s, evidence = %(evidence)s, remedy = %(remedy)s,
        cause_note_id = coalesce(%(cause)s, cause_note_id),
        prevention_note_id = coalesce(%(prevention)s, prevention_note_id),
        updated_at = %(at)s, step_seq = %(seq)s
    WHERE case_no = %(case_no)s AND step_seq <= %(seq)s
    RETURNING case_no
), {clocks.MOVED}, {alerts.RAISED}
{alerts.TOLD_OF}
"""
