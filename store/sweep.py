"""The list of differences: found by the sweep, open until gone, repaired or accepted (accident 9).

A difference is one open row for each (kind, subject), however often it is seen. What the
next sweep no longer sees is closed as gone; what a person accepted stays closed for as
long as its evidence is the same.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from domain import sayings
from domain.sweep import ABOUT_WORKFLOWS, LATE, MEANINGS, Difference
from models.base import Actor
from models.sweep import SweepSummary
from store import alerts, audit
from store.errors import StoreError
from store.pool import Connection, Pool, Row
from store.scopes import ORDER_WITHIN, Within
from store.sweep_checks import CHECKS

_LIST = "differences"
# A check reads whole tables; the house's limit for a statement is made for orders in a hurry.
_PATIENCE = "SET LOCAL statement_timeout = '15min'"


class UnknownDifference(StoreError):
    """There is no open difference of that number."""

    def __init__(self, number: int) -> None:
        super().__init__(f"there is no open difference {number}; it may be resolved already")


@dataclass(frozen=True)
class Found:
    """A difference as seen now; ``about`` holds the ids that a repair needs, never a person (R21)."""

    kind: Difference
    subject: str
    evidence: str
    order_no: str | None = None
    about: Mapping[str, Any] = field(default_factory=dict)


async def check_books(pool: Pool, at: datetime, settled: datetime) -> None:
    """Run every check that the database alone can answer, and keep what it finds.

    An order that moved after ``settled`` is left for the next sweep.
    """
    for kind in CHECKS:
        async with pool.connection() as conn:
            await conn.execute(_PATIENCE)
            await keep(conn, at, await look(conn, kind, at, settled))


async def look(
    conn: Connection, kind: Difference, at: datetime, settled: datetime, *, subject: str | None = None
) -> list[Found]:
    """What one check finds at ``at``; of one subject only, if given."""
    only = " WHERE subject = %(subject)s" if subject is not None else ""
    cursor = await conn.execute(
        f"SELECT subject, order_no, evidence, about FROM ({CHECKS[kind]}) found{only}".encode(),
        {"settled": settled, "late": at - LATE, "subject": subject},
    )
    return [Found(kind=kind, **row) for row in await cursor.fetchall()]


async def keep(conn: Connection, at: datetime, found: Sequence[Found]) -> None:
    """Put what was seen on the list: new rows for new differences, a later date for known ones."""
    if not found:
        return
    seen = [asdict(one) for one in found]
    await conn.execute(_KEEP, {"at": at, "seen": Jsonb(seen)})
    await audit.tell_of(conn, _LIST)


async def conclude(conn: Connection, at: datetime, *, without_temporal: bool = False) -> SweepSummary:
    """Close what this sweep did not see again, tell the departments what is new, and sum up.

    The same ``at`` again changes nothing. Without Temporal nothing is said about workflows.
    """
    looked = set(Difference) - (ABOUT_WORKFLOWS if without_temporal else set())
    await conn.execute(
        "UPDATE sweep_differences SET resolved_at = %(at)s, resolution = 'gone'"
        " WHERE resolved_at IS NULL AND last_seen < %(at)s AND kind = ANY(%(kinds)s)",
        {"at": at, "kinds": sorted(looked)},
    )
    await audit.tell_of(conn, _LIST)
    opened = await _count(conn, "first_seen = %(at)s", at)
    await _tell(conn, at, opened)
    return SweepSummary(
        opened=sum(opened.values()),
        resolved=sum((await _count(conn, "resolution = 'gone' AND resolved_at = %(at)s", at)).values()),
        open=await _count(conn, "resolved_at IS NULL", at),
    )


async def open_differences(conn: Connection, within: Within | None = None) -> list[Row]:
    """Everything open that lies within, the oldest first; None is no confinement."""
    own = f"AND {ORDER_WITHIN.format(row='d')}" if within is not None else ""
    query = f"SELECT * FROM sweep_differences d WHERE resolved_at IS NULL {own} ORDER BY first_seen, id"
    cursor = await conn.execute(query.encode(), vars(within) if within is not None else {})
    return await cursor.fetchall()


async def open_difference(conn: Connection, number: int) -> Row:
    """One open difference, locked; raises UnknownDifference."""
    cursor = await conn.execute(
        "SELECT * FROM sweep_differences WHERE id = %s AND resolved_at IS NULL FOR UPDATE", (number,)
    )
    row = await cursor.fetchone()
    if row is None:
        raise UnknownDifference(number)
    return row


async def accept(conn: Connection, number: int, *, by: Actor, why: str, at: datetime) -> None:
    """A person says that this difference may stand; on record, and closed while its evidence is the same (R23)."""
    row = await open_difference(conn, number)
    await record(conn, row, "difference_accepted", by=by, why=why, at=at)
    await resolve(conn, number, "accepted", by=by, why=why, at=at)


async def resolve(conn: Connection, number: int, resolution: str, *, by: Actor, why: str, at: datetime) -> None:
    """Close a difference by somebody's act."""
    await conn.execute(
        "UPDATE sweep_differences SET resolved_at = %s, resolution = %s, resolved_by = %s, why = %s WHERE id = %s",
        (at, resolution, by.id, why, number),
    )
    await audit.tell_of(conn, _LIST)


async def record(
    conn: Connection, row: Row, act: str, *, by: Actor, why: str, at: datetime, details: Mapping[str, Any] | None = None
) -> None:
    """The act on a difference, in the record of what it is about (R23); the same act is recorded once."""
    entry = audit.Entry(
        subject=subject_of(row),
        order_no=row["order_no"],
        step_key=f"sweep:{row['id']}:{act}",
        at=at,
        by=by,
        act=act,
        why=why,
        details={"difference": row["id"], "kind": row["kind"], "evidence": row["evidence"], **(details or {})},
    )
    await audit.append(conn, entry)


def subject_of(row: Row) -> str:
    """Under whose name the act is recorded: the order's, where there is one."""
    return f"order:{row['order_no']}" if row["order_no"] else str(row["subject"])


async def _tell(conn: Connection, at: datetime, opened: Mapping[str, int]) -> None:
    """One alert to each department that has something new to look at."""
    for department in _departments(opened):
        theirs = {kind: opened[kind] for kind in opened if MEANINGS[Difference(kind)].department == department}
        await alerts.raise_alert(
            conn,
            sayings.sweep(theirs),
            at=at,
            department=department,
            key=f"sweep:{at.isoformat()}:{department}",
        )


def _departments(kinds: Collection[str]) -> list[str]:
    return sorted({MEANINGS[Difference(kind)].department for kind in kinds})


async def _count(conn: Connection, condition: str, at: datetime) -> dict[str, int]:
    cursor = await conn.execute(
        f"SELECT kind, count(*) AS number FROM sweep_differences WHERE {condition} GROUP BY 1 ORDER BY 1".encode(),
        {"at": at},
    )
    return {row["kind"]: row["number"] for row in await cursor.fetchall()}


_KEEP = """
INSERT INTO sweep_differences (kind, subject, order_no, evidence, about, first_seen, last_seen)
SELECT f.kind, f.subject, f.order_no, f.evidence, f.about, %(at)s, %(at)s
FROM jsonb_to_recordset(%(seen)s) AS f (kind text, subject text, order_no text, evidence text, about jsonb)
WHERE NOT EXISTS (
    SELECT FROM sweep_differences d
    WHERE (d.subject, d.kind, d.evidence, d.resolution) = (f.subject, f.kind, f.evidence, 'accepted')
)
ON CONFLICT (kind, subject) WHERE resolved_at IS NULL DO UPDATE SET
    last_seen = greatest(sweep_differences.last_seen, excluded.last_seen),
    evidence = excluded.evidence, about = excluded.about
"""
