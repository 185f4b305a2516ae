"""Rows by the thousand: copies of one real row, made by the database itself."""

from __future__ import annotations

from datetime import UTC, datetime

from models.order import Line, PlaceOrder
from store import orders
from store.pool import Connection

_COPY = """
INSERT INTO {table} SELECT (jsonb_populate_record(pattern, {changes})).*
FROM {table} pattern, generate_series(1, %(count)s) AS copy (n) WHERE pattern.{key} = %(of)s
"""


async def an_order(conn: Connection, number: str, sku: str) -> None:
    """One order on record, for copies to be made of."""
    channel, own_number = number.split("-", 1)
    now = datetime.now(UTC)
    line = Line(line_no=1, sku=sku, title="Tea", quantity=1, unit_price=19_900)
    order = PlaceOrder(
        order_no=number, channel=channel, channel_order_id=own_number, contact_id=f"ct_{number}", lines=(line,),
        currency="CNY", total=19_900, payment_method="cod", placed_at=now,
    )  # fmt: skip
    await orders.record(conn, order, status="awaiting_payment", at=now)


async def copy(conn: Connection, table: str, key: str, of: str, count: int, changes: str) -> None:
    """So many copies of one row; ``changes`` is an SQL expression of JSON that may speak of ``n``."""
    statement = _COPY.format(table=table, key=key, changes=changes)
    await conn.execute(statement.encode(), {"count": count, "of": of})
