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


async def wanted(conn: Connection, order_no: str) -> list[tuple[str, int]]:
    """(SKU, pieces) of every line, in order of the lines; raises :class:`UnknownOrder`."""
    cursor = await conn.execute(
        "SELECT sku, quantity FROM order_lines WHERE order_no = %s ORDER BY line_no", (order_no,)
    )
    rows = await cursor.fetchall()
    if not rows:
        raise UnknownOrder(order_no)
    return [(row["sku"], row["quantity"]) for row in rows]


_RECORD = """
WITH recorded AS (
    INSERT INTO orders (
        order_no, channel, channel_order_id, contact_id, status, payment_method, payment_provider,
        payment_reference, currency, shipping, tax, discount, total, promotion, promised_speed, carrier_wish,
        placed_at, policy, terms_version, recorded_at, updated_at, step_seq, risk, waiting_for
    ) VALUES (
        %(order_no)s, %(channel)s, %(channel_order_id)s, %(contact_id)s, %(status)s, %(payment_method)s,
        %(payment_provider)s, %(payment_reference)s, %(currency)s, %(shipping)s, %(tax)s, %(discount)s,
        %(total)s, %(promotion)s, %(promised_speed)s, %(carrier_wish)s, %(placed_at)s, %(policy)s,
        %(terms_version)s, %(at)s, %(at)s, 0, 'none', ''
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
