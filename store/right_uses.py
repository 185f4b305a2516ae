"""When each person last used each of their rights; what nobody uses is marked in the review (R22, T16)."""

from __future__ import annotations

from datetime import datetime

from store.pool import Connection


async def mark(conn: Connection, staff_id: str, permission: str, at: datetime) -> None:
    """It was used just now."""
    await conn.execute(
        "INSERT INTO right_uses (staff_id, permission, used_at) VALUES (%s, %s, %s)"
        " ON CONFLICT (staff_id, permission) DO UPDATE SET used_at = greatest(right_uses.used_at, excluded.used_at)",
        (staff_id, permission, at),
    )


async def of(conn: Connection, staff_id: str) -> dict[str, datetime]:
    """permission → when it was last used."""
    cursor = await conn.execute("SELECT permission, used_at FROM right_uses WHERE staff_id = %s", (staff_id,))
    return {row["permission"]: row["used_at"] for row in await cursor.fetchall()}
