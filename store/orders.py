"""The order's row and lines: written when it is recorded, then moved by store.steps only (R1, R2)."""

from __future__ import annotations

from datetime import datetime

from psycopg.types.json import Jsonb

from models.order import PlaceOrder
from store.errors import UnknownOrder
from store.pool import Connection, Row


async def record(conn: Connection, order: PlaceOrder, *, status: str, at: datetime) -> None:
    """Write the order, its lines and its empty ledger, in one statement. ``at`` is workflow time."""
    terms = order.model_dump(exclude={"lines", "policy"})
    lines = [line.model_dump() for line in order.lines]
    await conn.execute(
        _RECORD,
        terms
        | {
            "status": status,
            "policy": Jsonb(order.policy.model_dump(mode="json")),
            "terms_version": order.policy.terms_version,
            "at": at,
            "lines": Jsonb(lines),
        },
    )


async def row_of(conn: Connection, order_no: str) -> Row:
    """The order's row; raises :class:`UnknownOrder`."""
    cursor = await conn.execute("SELECT * FROM orders WHERE order_no = %s", (order_no,))
    row = await cursor.fetchone()
    if row is None:
        raise UnknownOrder(order_no)
    return row


async def lacking(conn: Connection, order_no: str) -> dict[str, int]:
    """Pieces by SKU that the order's lines ask for and that are neither held nor gone; raises UnknownOrder."""
    cursor = await conn.execute(_LACKING, {"order_no": order_no})
    rows = await cursor.fetchall()
    if not rows:
        raise UnknownOrder(order_no)
    return {row["sku"]: row["pieces"] for row in rows if row["pieces"] > 0}


async def amend(conn: Connection, order: PlaceOrder) -> None:
    """Write the order's lines and sums anew: lines left it, or others came in their place (R9)."""
    await conn.execute(
        _AMEND,
        {
            **order.model_dump(include={"order_no", "discount", "tax", "total"}),
            "lines": Jsonb([line.model_dump() for line in order.lines]),
        },
    )


# Since an act under the order's chain is the only one to change them, no lock is needed here.
_LACKING = """
SELECT l.sku, (sum(l.quantity) - coalesce(max(r.pieces), 0))::integer AS pieces
FROM order_lines l LEFT JOIN (
    SELECT sku, sum(shipped + CASE WHEN state = 'held' THEN quantity ELSE 0 END) AS pieces
    FROM reservations WHERE order_no = %(order_no)s GROUP BY sku
) r USING (sku)
WHERE l.order_no = %(order_no)s GROUP BY l.sku ORDER BY l.sku
"""

_AMEND = """
WITH lines AS (
    SELECT * FROM jsonb_to_recordset(%(lines)s) AS l (
        line_no integer, sku text, title text, quantity integer, unit_price bigint, discount bigint
    )
), gone AS (
    DELETE FROM order_lines WHERE order_no = %(order_no)s AND line_no NOT IN (SELECT line_no FROM lines)
), sums AS (
    UPDATE orders SET discount = %(discount)s, tax = %(tax)s, total = %(total)s WHERE order_no = %(order_no)s
)
INSERT INTO order_lines (order_no, line_no, sku, title, quantity, unit_price, discount)
SELECT %(order_no)s, line_no, sku, title, quantity, unit_price, discount FROM lines
ON CONFLICT (order_no, line_no) DO UPDATE SET quantity = excluded.quantity, discount = excluded.discount
"""

_RECORD = """
WITH recorded AS (
    INSERT INTO orders (
        order_no, channel, channel_order_id, contact_id, status, payment_method, payment_provider,
        payment_reference, currency, shipping, tax, discount, total, promotion, promised_speed, carrier_wish,
        placed_at, policy, terms_version, recorded_at, updated_at, step_seq, risk, waiting_for, replaces, for_case
    ) VALUES (
        %(order_no)s, %(channel)s, %(channel_order_id)s, %(contact_id)s, %(status)s, %(payment_method)s,
        %(payment_provider)s, %(payment_reference)s, %(currency)s, %(shipping)s, %(tax)s, %(discount)s,
        %(total)s, %(promotion)s, %(promised_speed)s, %(carrier_wish)s, %(placed_at)s, %(policy)s,
        %(terms_version)s, %(at)s, %(at)s, 0, 'none', '', %(replaces)s, %(for_case)s
    )
), ledger AS (
    INSERT INTO payments (order_no, currency, captured, refunding, refunded)
    VALUES (%(order_no)s, %(currency)s, 0, 0, 0)
)
INSERT INTO order_lines (order_no, line_no, sku, title, quantity, unit_price, discount)
SELECT %(order_no)s, l.line_no, l.sku, l.title, l.quantity, l.unit_price, l.discount
FROM jsonb_to_recordset(%(lines)s) AS l (
    line_no integer, sku text, title text, quantity integer, unit_price bigint, discount bigint
)
"""
