"""Goods already picked for a parcel that will not be sent go back into their bins (R8, R9).

In the books they never left the shelf: picking takes nothing from a lot, only shipping does.
So it is people who must put them back, and they are told what goes where.
"""

from __future__ import annotations

from datetime import datetime

from domain import sayings
from store import alerts
from store.pool import Connection


async def tell(conn: Connection, order_no: str, at: datetime, *, task_no: str | None = None) -> None:
    """Tell the warehouse what was picked for the order's parcels that are still here; once for each task."""
    cursor = await conn.execute(_PICKED, {"order_no": order_no, "task_no": task_no})
    for row in await cursor.fetchall():
        await alerts.raise_alert(
            conn,
            sayings.put_back(row["task_no"], row["warehouse"], row["goods"]),
            at=at,
            department="warehouse",
            order_no=order_no,
            key=f"put_back:{row['task_no']}",
        )


_PICKED = """
SELECT t.task_no, t.warehouse, json_agg(
    json_build_array(l.picked, l.sku, coalesce(l.bin, '')) ORDER BY l.line_no
) AS goods
FROM pick_tasks t JOIN pick_lines l USING (task_no) JOIN parcels p USING (parcel_no)
WHERE t.order_no = %(order_no)s AND (%(task_no)s::text IS NULL OR t.task_no = %(task_no)s)
    AND t.state <> 'cancelled' AND p.state <> 'cancelled' AND p.handed_over_at IS NULL AND l.picked > 0
GROUP BY t.task_no, t.warehouse
"""
