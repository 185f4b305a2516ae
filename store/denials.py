"""Attempts that were refused, on record (R22, R23): who wanted what, without the right to it.

One entry a minute for each person, right and door says how it was tried; so whoever tries all day
fills nobody's disk.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from models.base import Actor
from store import audit, steps
from store.pool import Connection

CHAIN = "denied"


@dataclass(frozen=True)
class Denial:
    """``door`` is the route's template, never the path itself; ``right`` what was missing."""

    by: Actor
    right: str
    door: str
    order_no: str | None
    at: datetime
    request_id: str | None = None

    @property
    def key(self) -> str:
        """The same attempt within the same minute is one entry."""
        return f"denied:{self.by.id}:{self.right}:{self.door}:{self.at:%Y%m%d%H%M}"


async def record(conn: Connection, denial: Denial) -> None:
    """Put it on record, once a minute."""
    chain = await audit.lock(conn, CHAIN)
    if await steps.outcome(conn, denial.key) is None:
        await audit.append(conn, _entry(denial), chain)


def _entry(denial: Denial) -> audit.Entry:
    return audit.Entry(
        subject=CHAIN,
        order_no=denial.order_no,
        step_key=denial.key,
        at=denial.at,
        by=denial.by,
        act="denied",
        why=f"{denial.right} is not theirs",
        details={"right": denial.right, "door": denial.door},
        outcome={},
        request_id=denial.request_id,
    )
