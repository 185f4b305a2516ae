"""The board's sums (R33): folded into cells, and read together with what is not folded yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from store.pool import Connection, Row


@dataclass(frozen=True)
class Window:
    """Which part of the board: ``until`` is exclusive; ``channel`` None is all of them. Whole hours are counted."""

    since: datetime
    until: datetime
    channel: str | None = None
    channels: Sequence[str] | None = None
    """Those that its reader is confined to; None is no confinement (R22)."""


async def fold(conn: Connection) -> int:
    """Move what was appended into the cells; returns how many shares that were. Folding twice counts once."""
    cursor = await conn.execute(_FOLD)
    row = await cursor.fetchone()
    return 0 if row is None else int(row["number"])


async def sums(conn: Connection, window: Window) -> Sequence[Row]:
    """``measure``, ``key``, ``number``, ``seconds`` over the whole window."""
    cursor = await conn.execute(_SUMS.encode(), vars(window))
    return await cursor.fetchall()


async def placed(conn: Connection, window: Window, bucket: str, zone: str) -> Sequence[Row]:
    """Orders placed, by ``hour`` or ``day`` of the shop's zone and by channel: ``at``, ``channel``, ``number``."""
    cursor = await conn.execute(_PLACED.encode(), {**vars(window), "bucket": bucket, "zone": zone})
    return await cursor.fetchall()


_FOLD = """
WITH gone AS (
    DELETE FROM board_deltas RETURNING *
), folded AS (
    INSERT INTO board_cells
    SELECT hour, channel, measure, key, sum(number), sum(seconds) FROM gone GROUP BY 1, 2, 3, 4
    ON CONFLICT (hour, channel, measure, key) DO UPDATE SET
        number = board_cells.number + excluded.number, seconds = board_cells.seconds + excluded.seconds
)
SELECT count(*) AS number FROM gone
"""
_WITHIN = """
hour >= date_trunc('hour', %(since)s::timestamptz) AND hour < %(until)s
AND (%(channel)s::text IS NULL OR channel = %(channel)s)
AND (%(channels)s::text[] IS NULL OR channel = ANY(%(channels)s))
"""
_SUMS = f"""
SELECT measure, key, sum(number)::bigint AS number, sum(seconds)::bigint AS seconds FROM (
    SELECT measure, key, number, seconds FROM board_cells WHERE {_WITHIN}
    UNION ALL
    SELECT measure, key, number, seconds FROM board_deltas WHERE {_WITHIN}
) AS shares GROUP BY measure, key
"""
_PLACED = f"""
SELECT date_trunc(%(bucket)s, hour, %(zone)s) AS at, channel, sum(number)::bigint AS number FROM (
    SELECT hour, channel, number FROM board_cells WHERE measure = 'reached' AND key = '1' AND {_WITHIN}
    UNION ALL
    SELECT hour, channel, number FROM board_deltas WHERE measure = 'reached' AND key = '1' AND {_WITHIN}
) AS shares GROUP BY 1, 2 ORDER BY 1, 2
"""
