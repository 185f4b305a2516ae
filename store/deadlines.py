"""The deadline board: what runs, what falls next, what has passed."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from store.pool import Connection, Row


class Cursor(NamedTuple):
    """Where a page of the board ended."""

    due_at: datetime
    subject: str
    deadline: str


async def running(
    conn: Connection, *, department: str | None = None, after: Cursor | None = None, limit: int = 100
) -> list[Row]:
    """Deadlines that run, or stand still while their order is held; the most overdue first, in keyset pages."""
    cursor = await conn.execute(
        "SELECT * FROM deadlines WHERE state IN ('running', 'stopped')"
        " AND (%(department)s::text IS NULL OR department = %(department)s)"
        " AND (%(due_at)s::timestamptz IS NULL"
        "   OR (due_at, subject, deadline) > (%(due_at)s, %(subject)s, %(deadline)s))"
        " ORDER BY due_at, subject, deadline LIMIT %(limit)s",
        {"department": department, "limit": limit, **_fields(after)},
    )
    return await cursor.fetchall()


async def of_order(conn: Connection, order_no: str) -> list[Row]:
    """Every deadline the order ever had, in the order in which they fall."""
    cursor = await conn.execute(
        "SELECT * FROM deadlines WHERE subject = %s ORDER BY due_at, deadline", (f"order:{order_no}",)
    )
    return await cursor.fetchall()


def _fields(after: Cursor | None) -> dict[str, object]:
    return after._asdict() if after else {"due_at": None, "subject": None, "deadline": None}
