"""Where things belong, for whoever is confined to a warehouse (R22)."""

from __future__ import annotations

from collections.abc import Mapping

from store.pool import Connection

_WAREHOUSE: Mapping[str, str] = {
    "task_no": "SELECT warehouse FROM pick_tasks WHERE task_no = %s",
    "parcel_no": "SELECT warehouse FROM parcels WHERE parcel_no = %s",
}


async def warehouse_of(conn: Connection, kind: str, number: str) -> str | None:
    """The warehouse of a pick task (``task_no``) or a parcel (``parcel_no``); None if there is none of that number."""
    cursor = await conn.execute(_WAREHOUSE[kind].encode(), (number,))
    row = await cursor.fetchone()
    return None if row is None else str(row["warehouse"])
