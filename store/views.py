"""What readers see of one order: rows gathered for one view. Lists are in store.order_lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from store import replacements
from store.pool import Connection, Row


@dataclass(frozen=True)
class Gathered:
    """Everything on record of one order, as rows."""

    order: Row
    lines: Sequence[Row]
    parcels: Sequence[Row]
    parcel_lines: Sequence[Row]
    deadlines: Sequence[Row]
    findings: Sequence[Row]
    replacements: Sequence[Row] = ()


async def gather(conn: Connection, order_no: str) -> Gathered | None:
    """One order with all that belongs to it; None if it is not on record."""
    order = await _one(conn, _ORDER, order_no)
    if order is None:
        return None
    return Gathered(
        order=order,
        lines=await _all(conn, "SELECT * FROM order_lines WHERE order_no = %s ORDER BY line_no", order_no),
        parcels=await _all(conn, "SELECT * FROM parcels WHERE order_no = %s ORDER BY parcel_no", order_no),
        parcel_lines=await _all(conn, _PARCEL_LINES, order_no),
        deadlines=await _all(conn, _RUNNING, order_no),
        findings=await _all(conn, _FINDINGS, order_no),
        replacements=await replacements.of_order(conn, order_no),
    )


async def exists(conn: Connection, order_no: str) -> bool:
    """Whether the order is on record."""
    return await _one(conn, "SELECT 1 FROM orders WHERE order_no = %s", order_no) is not None


async def replaces(conn: Connection, order_no: str) -> str | None:
    """The order that this one was sent for; empty if it is none of those, None if it is not on record."""
    row = await _one(conn, "SELECT coalesce(replaces, '') AS replaces FROM orders WHERE order_no = %s", order_no)
    return str(row["replaces"]) if row else None


async def contact_of(conn: Connection, order_no: str) -> str | None:
    """The contact id of an order; None if it is not on record."""
    row = await _one(conn, "SELECT contact_id FROM orders WHERE order_no = %s", order_no)
    return row["contact_id"] if row else None


async def timeline(conn: Connection, order_no: str) -> list[Row]:
    """Every act on the order, in order of writing (R23)."""
    return await _all(
        conn,
        """SELECT id, at, actor, role, act, before, after, why, note_id, details FROM audit_entries
           WHERE order_no = %s ORDER BY id""",
        order_no,
    )


async def stock(
    conn: Connection,
    *,
    warehouse: str | None,
    sku: str | None,
    within: Sequence[str] | None,
    after: tuple[str, str] | None,
    limit: int,
) -> list[Row]:
    """Stock per warehouse and SKU, with its product; ``within`` are the warehouses the asker is confined to."""
    conditions = ["(s.warehouse, s.sku) > (%(after_warehouse)s, %(after_sku)s)"]
    conditions += [f"s.{name} = %({name})s" for name, value in (("warehouse", warehouse), ("sku", sku)) if value]
    if within is not None:
        conditions.append("s.warehouse = ANY(%(within)s)")
    after_warehouse, after_sku = after or ("", "")
    cursor = await conn.execute(
        f"""SELECT s.warehouse, s.sku, s.on_hand, s.reserved, p.title, p.safety_stock
            FROM stock_items s JOIN products p USING (sku) WHERE {" AND ".join(conditions)}
            ORDER BY s.warehouse, s.sku LIMIT %(limit)s""".encode(),
        {
            "warehouse": warehouse, "sku": sku, "after_warehouse": after_warehouse, "after_sku": after_sku,
            "limit": limit, "within": None if within is None else list(within),
        },
    )  # fmt: skip
    return await cursor.fetchall()


async def _one(conn: Connection, query: str, order_no: str) -> Row | None:
    cursor = await conn.execute(query.encode(), (order_no,))
    return await cursor.fetchone()


async def _all(conn: Connection, query: str, order_no: str) -> list[Row]:
    cursor = await conn.execute(query.encode(), (order_no,))
    return await cursor.fetchall()


ORDERS = """
SELECT o.*, COALESCE(p.captured, 0) AS captured, COALESCE(p.refunded, 0) AS refunded
FROM orders o LEFT JOIN payments p USING (order_no)
"""
"""An order's row with its sums of money; a condition and an order follow."""
_ORDER = f"{ORDERS} WHERE o.order_no = %s"
_RUNNING = """
SELECT deadline, started_at, due_at, state, left_seconds FROM deadlines
WHERE subject = 'order:' || %s AND state IN ('running', 'stopped') ORDER BY due_at
"""
# The newest review is the one that counts; an earlier one was overtaken.
_FINDINGS = """
SELECT rule, severity, evidence FROM review_findings f
WHERE order_no = %s AND seq = (SELECT max(seq) FROM review_findings WHERE order_no = f.order_no) ORDER BY ord
"""
_PARCEL_LINES = """
SELECT l.parcel_no, l.line_no, l.sku, l.quantity FROM parcel_lines l JOIN parcels p USING (parcel_no)
WHERE p.order_no = %s ORDER BY l.parcel_no, l.line_no, l.sku
"""
