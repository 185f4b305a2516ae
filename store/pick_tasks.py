"""The warehouse's work: tasks made from reservations, scans, recheck (R8 to R10).

A person's acts come from the API at ``at``, the clock on the wall. Each act locks its
task first, so two handhelds on one task follow each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from domain.errors import AlreadyClaimed, NotWaitingForThis
from domain.picking import PickLine, Scan, check_recheck, check_scan
from models.base import Actor
from store import audit, parcels
from store.errors import UnknownTask
from store.pool import Connection, Row

_AT_WORK = ("open", "picking")


@dataclass(frozen=True)
class ScanResult:
    """``expected`` {bin, sku, lot} is there after a wrong scan; ``remaining`` pieces are still to be picked."""

    verdict: str
    expected: Mapping[str, Any] | None
    remaining: int
    state: str


@dataclass(frozen=True)
class Packed:
    """A recheck that passed: what the order has to hear."""

    task_no: str
    order_no: str
    parcel_no: str
    picker: str
    weight_g: int


@dataclass(frozen=True)
class Task:
    """A locked pick task with its lines."""

    row: Row
    lines: Sequence[PickLine] = field(default_factory=tuple)
    fragile: bool = False

    @property
    def remaining(self) -> int:
        """Pieces still to be picked."""
        return sum(line.remaining for line in self.lines)


async def scan(
    conn: Connection, task_no: str, scanned: Scan, *, by: Actor, at: datetime, key: str | None = None
) -> ScanResult:
    """Check one scan and count it, right or wrong (R8). The first scan claims the task.

    The same ``key`` again is answered as the first time. Raises UnknownTask,
    NotWaitingForThis (nothing to pick) and AlreadyClaimed (another's task).
    """
    async with conn.transaction():
        task = await lock(conn, task_no)
        if (known := await _known_scan(conn, key)) is not None:
            return ScanResult(known["verdict"], known["expected"], task.remaining, task.row["state"])
        _at_work(task, by)
        verdict = check_scan(scanned, task.lines, at.date())
        expected = None if verdict.right else _expected(verdict.line, verdict.fault)
        await _save_scan(conn, task_no, scanned, by, at, "right" if verdict.right else "wrong", expected, key)
        remaining = task.remaining - verdict.right
        if verdict.right and verdict.line is not None:
            await _count_piece(conn, task_no, verdict.line.line_no)
        state = "picked" if remaining == 0 else "picking"
        await _set_state(conn, task, state, at, by, picker=by.id)
        if state == task.row["state"]:
            # A piece more is no act of the record, and yet others see what is left to pick.
            await audit.tell_again(conn, task.row["order_no"])
        return ScanResult("right" if verdict.right else "wrong", expected, remaining, state)


async def short(conn: Connection, task_no: str, sku: str, missing: int, *, by: Actor, at: datetime) -> str:
    """Less is there than the task asks for (R9): the task ends short. Returns the order number.

    Told again by the same picker it changes nothing. Raises UnknownTask, NotWaitingForThis, AlreadyClaimed.
    """
    async with conn.transaction():
        task = await lock(conn, task_no)
        order_no: str = task.row["order_no"]
        if task.row["state"] == "short" and task.row["picker"] == by.id:
            return order_no
        _at_work(task, by)
        lines = [line for line in task.lines if line.sku == sku]
        if not 1 <= missing <= sum(line.remaining for line in lines):
            raise NotWaitingForThis(f"the task does not wait for {missing} more of {sku}")
        for line in lines:
            here = min(line.remaining, missing)
            missing -= here
            await conn.execute(
                "UPDATE pick_lines SET short = short + %s WHERE task_no = %s AND line_no = %s",
                (here, task_no, line.line_no),
            )
        await _set_state(conn, task, "short", at, by, picker=by.id, details={"sku": sku})
        return order_no


async def recheck(
    conn: Connection,
    task_no: str,
    barcodes: Sequence[str],
    *,
    packaging: str,
    weight_g: int,
    by: Actor,
    at: datetime,
) -> Packed:
    """A second person confirms goods and packaging; the parcel is packed (R10).

    ``barcodes`` has one entry for each piece. Told again by the same person it changes
    nothing. Raises UnknownTask, NotWaitingForThis, NotAllowed, WrongContents, WrongPackaging.
    """
    async with conn.transaction():
        task = await lock(conn, task_no)
        row = task.row
        if row["state"] != "packed" or row["rechecker"] != by.id:
            if row["state"] != "picked":
                raise NotWaitingForThis(f"the task is {row['state']}, not picked")
            check_recheck(
                task.lines,
                barcodes,
                picker=row["picker"],
                rechecker=by.id,
                packaging=packaging,
                fragile=task.fragile,
            )
            await parcels.pack(conn, row["parcel_no"], packaging=packaging, weight_g=weight_g)
            await _set_state(conn, task, "packed", at, by, rechecker=by.id, details={"packaging": packaging})
        return Packed(task_no, row["order_no"], row["parcel_no"], row["picker"], weight_g)


async def cancel(conn: Connection, order_no: str, *, at: datetime) -> int:
    """Stop the order's picking, whatever was picked goes back; the number of tasks stopped."""
    cursor = await conn.execute(
        "UPDATE pick_tasks SET state = 'cancelled', updated_at = %s"
        " WHERE order_no = %s AND state IN ('open', 'picking', 'picked', 'packed')"
        " AND parcel_no IN (SELECT parcel_no FROM parcels WHERE order_no = %s AND handed_over_at IS NULL)",
        (at, order_no, order_no),
    )
    return cursor.rowcount


async def lock(conn: Connection, task_no: str) -> Task:
    """The task with its lines, locked until the transaction ends; raises UnknownTask."""
    cursor = await conn.execute("SELECT * FROM pick_tasks WHERE task_no = %s FOR UPDATE", (task_no,))
    row = await cursor.fetchone()
    if row is None:
        raise UnknownTask(task_no)
    cursor = await conn.execute(
        "SELECT l.*, p.barcode, p.fragile FROM pick_lines l JOIN products p USING (sku)"
        " WHERE task_no = %s ORDER BY line_no",
        (task_no,),
    )
    rows = await cursor.fetchall()
    return Task(row, tuple(_line(line) for line in rows), any(line["fragile"] for line in rows))


def _line(row: Row) -> PickLine:
    return PickLine(**{name: value for name, value in row.items() if name not in {"task_no", "fragile"}})


def _at_work(task: Task, by: Actor) -> None:
    if task.row["state"] not in _AT_WORK:
        raise NotWaitingForThis(f"the task is {task.row['state']}: there is nothing to pick")
    if task.row["picker"] not in (None, by.id):
        raise AlreadyClaimed(task.row["picker"])


def _expected(line: PickLine | None, fault: str) -> dict[str, Any]:
    """What the handheld shows after a wrong scan."""
    if line is None:
        return {"bin": None, "sku": None, "lot": None, "fault": fault}
    return {"bin": line.bin, "sku": line.sku, "lot": line.lot, "fault": fault}


async def _known_scan(conn: Connection, key: str | None) -> Row | None:
    if key is None:
        return None
    cursor = await conn.execute("SELECT verdict, expected FROM scans WHERE key = %s", (key,))
    return await cursor.fetchone()


async def _save_scan(
    conn: Connection,
    task_no: str,
    scanned: Scan,
    by: Actor,
    at: datetime,
    verdict: str,
    expected: Mapping[str, Any] | None,
    key: str | None,
) -> None:
    await conn.execute(
        "INSERT INTO scans (task_no, at, by, bin, barcode, lot, verdict, expected, key)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            task_no, at, by.id, scanned.bin, scanned.barcode, scanned.lot, verdict,
            None if expected is None else Jsonb(dict(expected)), key,
        ),
    )  # fmt: skip


async def _count_piece(conn: Connection, task_no: str, line_no: int) -> None:
    await conn.execute(
        "UPDATE pick_lines SET picked = picked + 1 WHERE task_no = %s AND line_no = %s", (task_no, line_no)
    )


async def _set_state(
    conn: Connection,
    task: Task,
    state: str,
    at: datetime,
    by: Actor,
    *,
    picker: str | None = None,
    rechecker: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Move the task and put the move on record; single scans are on record in ``scans`` (R23)."""
    before, number = task.row["state"], task.row["task_no"]
    if before == state:
        return
    await conn.execute(
        "UPDATE pick_tasks SET state = %s, updated_at = %s, picker = coalesce(picker, %s),"
        " rechecker = coalesce(%s, rechecker) WHERE task_no = %s",
        (state, at, picker, rechecker, number),
    )
    entry = audit.Entry(
        subject=f"task:{number}",
        order_no=task.row["order_no"],
        at=at,
        by=by,
        act=f"task_{state}",
        before=before,
        after=state,
        details=details or {},
    )
    await audit.append(conn, entry)
