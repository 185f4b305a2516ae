"""What the automatic review looks up, and what it found (R6, R27)."""

from __future__ import annotations

from collections.abc import Sequence

from domain.order_status import ENDED
from models.steps import FindingMessage
from store.pool import Connection, Row

_ENDED = sorted(ENDED)


async def save_findings(conn: Connection, order_no: str, seq: int, findings: Sequence[FindingMessage]) -> None:
    """Keep what the rules found at step ``seq``, in the rules' order."""
    await conn.execute(
        "INSERT INTO review_findings (order_no, seq, ord, rule, severity, evidence)"
        " SELECT %s, %s, f.ord, f.rule, f.severity, f.evidence"
        " FROM unnest(%s::integer[], %s::text[], %s::text[], %s::text[]) AS f (ord, rule, severity, evidence)",
        (
            order_no,
            seq,
            list(range(1, len(findings) + 1)),
            [finding.rule for finding in findings],
            [finding.severity for finding in findings],
            [finding.evidence for finding in findings],
        ),
    )


async def findings(conn: Connection, order_no: str) -> list[Row]:
    """The findings of the order's newest review, in the rules' order."""
    cursor = await conn.execute(
        "SELECT * FROM review_findings WHERE order_no = %(order_no)s"
        " AND seq = (SELECT max(seq) FROM review_findings WHERE order_no = %(order_no)s) ORDER BY ord",
        {"order_no": order_no},
    )
    return await cursor.fetchall()


async def history(conn: Connection, order_no: str) -> tuple[int, int]:
    """(earlier orders, cancelled ones among them) of the same phone or account (R6)."""
    cursor = await conn.execute(_HISTORY, {"order_no": order_no})
    row = await cursor.fetchone()
    assert row is not None
    return row["orders"], row["cancelled"]


async def buyer_history(conn: Connection, order_no: str) -> Row:
    """Counts over every other order of the same phone or account: orders, cancelled, refunded, open (R7)."""
    cursor = await conn.execute(_BUYER, {"order_no": order_no, "ended": _ENDED})
    row = await cursor.fetchone()
    assert row is not None
    return row


async def below_safety_stock(conn: Connection, order_no: str) -> tuple[str, ...]:
    """SKUs of the order of which less is free, over all warehouses, than the shop wants to keep (R6)."""
    cursor = await conn.execute(
        "SELECT p.sku FROM products p JOIN stock_items s USING (sku)"
        " WHERE p.sku IN (SELECT sku FROM order_lines WHERE order_no = %s) AND p.safety_stock > 0"
        " GROUP BY p.sku, p.safety_stock HAVING sum(s.on_hand - s.reserved) < p.safety_stock ORDER BY p.sku",
        (order_no,),
    )
    return tuple(row["sku"] for row in await cursor.fetchall())


# Two look-ups by index instead of one OR, which would read the whole table of contacts.
_SAME_BUYER = """
WITH me AS (
    SELECT o.order_no, o.recorded_at, c.contact_id, c.phone_index, c.account_index
    FROM orders o LEFT JOIN contacts c USING (contact_id) WHERE o.order_no = %(order_no)s
), same AS (
    SELECT me.contact_id FROM me
    UNION SELECT c.contact_id FROM contacts c JOIN me ON c.phone_index = me.phone_index
    UNION SELECT c.contact_id FROM contacts c JOIN me ON c.account_index = me.account_index
)
"""
_HISTORY = f"""
{_SAME_BUYER}
SELECT count(*) AS orders, count(*) FILTER (WHERE o.status = 'cancelled') AS cancelled
FROM orders o JOIN same USING (contact_id) JOIN me ON true
WHERE o.order_no <> me.order_no AND o.recorded_at <= me.recorded_at
"""

_BUYER = f"""
{_SAME_BUYER}
SELECT count(*) AS orders,
    count(*) FILTER (WHERE o.status = 'cancelled') AS cancelled,
    count(*) FILTER (WHERE o.status IN ('rejected', 'intercepted')) AS refused,
    count(*) FILTER (WHERE p.refunded > 0) AS refunded,
    count(*) FILTER (WHERE o.status <> ALL(%(ended)s)) AS running,
    min(o.placed_at) AS first_placed_at
FROM orders o JOIN same USING (contact_id) LEFT JOIN payments p USING (order_no)
WHERE o.order_no <> %(order_no)s
"""
