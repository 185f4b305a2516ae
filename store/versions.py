"""The newest version of each channel's order that was heard of: what a pull need not bring again (accidents 7 and 8).

Written in the transaction that keeps the message, so that what is noted is also kept.
"""

from __future__ import annotations

from datetime import datetime

from models.translation import Version
from store.pool import Connection


async def note(conn: Connection, channel: str, order_no: str, version: Version, at: datetime) -> bool:
    """Note it, unless a newer one is known; True when it is newer than all before, or the first."""
    cursor = await conn.execute(
        """INSERT INTO channel_versions AS known (order_no, channel, changed_at, facts, heard_at)
           VALUES (%s, %s, %s, %s, %s)
           ON CONFLICT (order_no) DO UPDATE
              SET changed_at = excluded.changed_at, facts = excluded.facts, heard_at = excluded.heard_at
            WHERE excluded.changed_at >= known.changed_at AND excluded.facts <> known.facts
               OR excluded.changed_at > known.changed_at""",
        (order_no, channel, version.changed_at, version.facts, at),
    )
    return cursor.rowcount == 1


async def is_news(conn: Connection, order_no: str, version: Version) -> bool:
    """Whether this version is newer than what was heard, or another one of the same second."""
    cursor = await conn.execute(
        """SELECT FROM channel_versions WHERE order_no = %s
              AND (changed_at > %s OR changed_at = %s AND facts = %s)""",
        (order_no, version.changed_at, version.changed_at, version.facts),
    )
    return await cursor.fetchone() is None


async def asked_until(conn: Connection, channel: str) -> datetime | None:
    """Up to which time of change the channel was asked; None if it never was."""
    cursor = await conn.execute("SELECT asked_until FROM channel_pulls WHERE channel = %s", (channel,))
    row = await cursor.fetchone()
    return None if row is None else row["asked_until"]


async def asked(conn: Connection, channel: str, until: datetime) -> None:
    """The channel was asked up to then, and everything it said is kept; the mark never goes back."""
    await conn.execute(
        """INSERT INTO channel_pulls AS known (channel, asked_until) VALUES (%s, %s)
           ON CONFLICT (channel) DO UPDATE SET asked_until = greatest(known.asked_until, excluded.asked_until)""",
        (channel, until),
    )
