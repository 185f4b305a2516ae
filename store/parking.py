"""An end for messages that nobody can forward: parked with a reason, shown to people, emptied at last (R29).

Parked is not lost: it is forwarded after all when a person asks for it, when its order comes, or
when the sender sends it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain import sayings
from domain.alert_kinds import GIVEN_UP
from domain.alert_kinds import GivenUp as Why
from domain.retention import TRIED_FOR, parked_until
from models.base import SYSTEM
from store import alerts, audit
from store.inbox import Taken
from store.pool import Connection, Row

_WHY = {"NobodyYet": Why.NO_ORDER, "Unreadable": Why.UNREADABLE}


@dataclass(frozen=True)
class GivenUp:
    """A message whose attempts fail by its own fault; ``error`` is the type of the last failure."""

    message_id: str
    error: str
    department: str


def why(error: str | None) -> str:
    """The reason in words."""
    return GIVEN_UP[_code(error)]


def _code(error: str | None) -> Why:
    return _WHY.get(str(error), Why.NOT_TAKEN)


async def warn(conn: Connection, taken: Taken, at: datetime) -> None:
    """Tell people, once, that a message finds no order: money may be waiting in it."""
    await alerts.raise_alert(
        conn, sayings.message_without_order(taken.source, taken.topic), at=at, department=taken.department,
        order_no=taken.order_no, key=f"inbox:{taken.message_id}",
    )  # fmt: skip


async def park(conn: Connection, given_up: GivenUp, at: datetime) -> bool:
    """Park it if it was tried for long enough, on record and before people; False when it is still tried."""
    cursor = await conn.execute(
        """UPDATE inbox SET state = 'parked', parked_at = %(at)s, next_attempt_at = NULL
           WHERE message_id = %(id)s AND state = 'received' AND received_at <= %(since)s
           RETURNING source, topic, order_no, attempts""",
        {"id": given_up.message_id, "at": at, "since": at - TRIED_FOR},
    )
    row = await cursor.fetchone()
    if row is None:
        return False
    await audit.append(conn, _entry(row, given_up, at))
    await alerts.raise_alert(
        conn, sayings.message_parked(row["source"], row["topic"], _code(given_up.error)), at=at,
        department=given_up.department, order_no=row["order_no"], key=f"inbox:{given_up.message_id}:parked",
    )  # fmt: skip
    return True


async def parked(conn: Connection, limit: int) -> Sequence[Row]:
    """What is parked and not emptied yet, the oldest first."""
    cursor = await conn.execute(
        "SELECT message_id, source, topic, order_no, attempts, received_at AS since, parked_at, last_error"
        " FROM inbox WHERE state = 'parked' AND length(sealed) > 0 ORDER BY parked_at, message_id LIMIT %s",
        (limit,),
    )
    return [{**row, "kept_until": parked_until(row["parked_at"])} for row in await cursor.fetchall()]


def _entry(row: Row, given_up: GivenUp, at: datetime) -> audit.Entry:
    order_no = row["order_no"]
    return audit.Entry(
        subject=f"order:{order_no}" if order_no else "stuck",
        order_no=order_no,
        at=at,
        by=SYSTEM,
        act="message_parked",
        why=why(given_up.error),
        details={"message": given_up.message_id, "source": row["source"], "attempts": row["attempts"]},
    )
