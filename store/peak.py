"""Peak mode as rows: the newest setting is in force (R7)."""

from __future__ import annotations

from models.emergencies import PeakInForce, RecordPeak
from store import audit
from store.pool import Connection, Row


async def record(conn: Connection, request: RecordPeak) -> int:
    """Put the setting on record, once; returns its number."""
    peak = request.peak
    cursor = await conn.execute(
        """INSERT INTO peak_modes (peak_id, factor, reason, set_by, set_at) VALUES (%s, %s, %s, %s, %s)
           ON CONFLICT (peak_id) DO NOTHING RETURNING peak_no""",
        (peak.peak_id, peak.factor, peak.reason, peak.by.id, request.at),
    )
    row = await cursor.fetchone()
    if row is None:
        return await _number(conn, peak.peak_id)
    entry = audit.Entry(
        "peak", request.at, peak.by, "peak_set", why=peak.reason,
        details={"factor": peak.factor, "peak_no": row["peak_no"]},
    )  # fmt: skip
    await audit.append(conn, entry)
    return int(row["peak_no"])


async def _number(conn: Connection, peak_id: str) -> int:
    cursor = await conn.execute("SELECT peak_no FROM peak_modes WHERE peak_id = %s", (peak_id,))
    row = await cursor.fetchone()
    assert row is not None, "it was recorded before"
    return int(row["peak_no"])


async def row_in_force(conn: Connection) -> Row | None:
    """The newest setting; None when nobody ever set one."""
    cursor = await conn.execute("SELECT * FROM peak_modes ORDER BY peak_no DESC LIMIT 1")
    return await cursor.fetchone()


async def of_id(conn: Connection, peak_id: str) -> Row | None:
    """A setting by its id."""
    cursor = await conn.execute("SELECT * FROM peak_modes WHERE peak_id = %s", (peak_id,))
    return await cursor.fetchone()


async def in_force(conn: Connection) -> PeakInForce | None:
    """What an order that enters review is stretched by."""
    row = await row_in_force(conn)
    return PeakInForce(peak_no=row["peak_no"], factor=row["factor"]) if row else None


async def waiting(conn: Connection, after: str, limit: int) -> list[str]:
    """The next orders that wait in review, in order of their numbers."""
    cursor = await conn.execute(
        "SELECT order_no FROM orders WHERE status = 'manual_review' AND order_no > %s ORDER BY order_no LIMIT %s",
        (after, limit),
    )
    return [row["order_no"] for row in await cursor.fetchall()]
