"""Allowances that all processes share: each takes its share in blocks, so that few requests touch a row (R22)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from runtime.rate import Allowance, Spent, window_at
from store.pool import Connection

FORGOTTEN_AFTER = timedelta(hours=3)
"""No window is longer than an hour, and the one after it counts too."""

# A process whose clock is behind counts in the newer window: it must not bring back what was spent.
_ROLL = """
INSERT INTO rate_counts AS c (counted, window_no, here, before, touched_at)
VALUES (%(counted)s, %(window)s, 0, 0, %(at)s)
ON CONFLICT (counted) DO UPDATE SET
    before = CASE WHEN c.window_no >= excluded.window_no THEN c.before
                  WHEN c.window_no = excluded.window_no - 1 THEN c.here ELSE 0 END,
    here = CASE WHEN c.window_no >= excluded.window_no THEN c.here ELSE 0 END,
    window_no = greatest(c.window_no, excluded.window_no),
    touched_at = greatest(c.touched_at, excluded.touched_at)
RETURNING here, before
"""


@dataclass(frozen=True)
class Block:
    """What a process may spend by itself, and how the allowance stood before it was taken."""

    size: int
    spent: Spent


async def take(conn: Connection, counted: bytes, allowance: Allowance, most: int, at: datetime) -> Block:
    """Take up to ``most`` of what is left; nothing when nothing is. The row is locked until the commit."""
    window = window_at(allowance, at)
    cursor = await conn.execute(_ROLL, {"counted": counted, "window": window.number, "at": at})
    row = await cursor.fetchone()
    assert row is not None
    spent = Spent(row["here"], row["before"])
    size = min(most, spent.left(allowance, window.gone))
    if size:
        await conn.execute("UPDATE rate_counts SET here = here + %s WHERE counted = %s", (size, counted))
    return Block(size, spent)


async def forget(conn: Connection, at: datetime) -> None:
    """Clear away what counts no more."""
    await conn.execute("DELETE FROM rate_counts WHERE touched_at < %s", (at - FORGOTTEN_AFTER,))
