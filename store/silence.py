"""Who has stopped sending: the habits of our senders, learned from the inbox (accident 7).

The counts by the hour outlive the messages, and are cheap to read every quarter of an hour.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from domain import sayings
from domain.silence import WEEKS, Hour, Silence, silence
from store import alerts, receiving
from store.pool import Connection

_KEPT = timedelta(weeks=WEEKS + 1)
# A message counted late (its transaction was slow) is still seen by the next look.
_COUNTED_AGAIN = timedelta(hours=2)


async def listen(conn: Connection, at: datetime, zone: ZoneInfo) -> list[str]:
    """Count what came lately, and raise an alert once for each new silence; returns who is silent."""
    await roll_up(conn, at)
    silent = []
    for source, hours in sorted((await _hours(conn, at)).items()):
        if (found := silence(hours, at, zone)) is not None:
            silent.append(source)
            await _tell(conn, source, found, at)
    return silent


async def roll_up(conn: Connection, at: datetime) -> None:
    """Bring the counts by the hour up to ``at``, and forget those that no habit needs any more."""
    cursor = await conn.execute("SELECT max(hour) AS hour FROM inbox_hours")
    row = await cursor.fetchone()
    known = row["hour"] - _COUNTED_AGAIN if row and row["hour"] else at - _KEPT
    since = known.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    # Message ids begin with their time, so the primary key finds what came since then.
    await conn.execute(_ROLL_UP, {"since": since, "until": at, "first_id": receiving.new_message_id(since)[:13]})
    await conn.execute("DELETE FROM inbox_hours WHERE hour < %s", (at - _KEPT,))


async def _hours(conn: Connection, at: datetime) -> dict[str, list[Hour]]:
    cursor = await conn.execute("SELECT source, hour, messages, last_at FROM inbox_hours WHERE hour <= %s", (at,))
    found = defaultdict(list)
    for row in await cursor.fetchall():
        found[row["source"]].append(Hour(row["hour"], row["messages"], row["last_at"]))
    return dict(found)


async def _tell(conn: Connection, source: str, found: Silence, at: datetime) -> None:
    await alerts.raise_alert(
        conn,
        sayings.silent_sender(source, found.since, found.expected),
        at=at,
        department="operations",
        key=f"silent:{source}:{found.since.isoformat()}",
    )


_ROLL_UP = """
INSERT INTO inbox_hours (source, hour, messages, last_at)
SELECT source, date_trunc('hour', received_at, 'UTC'), count(*), max(received_at)
FROM inbox WHERE message_id >= %(first_id)s AND received_at >= %(since)s AND received_at <= %(until)s
GROUP BY 1, 2
ON CONFLICT (source, hour) DO UPDATE SET messages = excluded.messages, last_at = excluded.last_at
"""
