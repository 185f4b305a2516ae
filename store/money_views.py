"""What readers see of money: an order's ledger, and refunds in keyset pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from store.pool import Connection, Row


@dataclass(frozen=True)
class MoneyRows:
    """The sums, every entry behind them, and the refunds."""

    sums: Row
    entries: Sequence[Row]
    refunds: Sequence[Row]


async def of_order(conn: Connection, order_no: str) -> MoneyRows | None:
    """The order's money; None if the order is not on record."""
    cursor = await conn.execute(
        "SELECT p.*, o.total FROM payments p JOIN orders o USING (order_no) WHERE order_no = %s", (order_no,)
    )
    sums = await cursor.fetchone()
    if sums is None:
        return None
    entries = await conn.execute("SELECT * FROM payment_entries WHERE order_no = %s ORDER BY id", (order_no,))
    rows = await entries.fetchall()
    asked = await conn.execute("SELECT * FROM refunds WHERE order_no = %s ORDER BY asked_at, refund_id", (order_no,))
    return MoneyRows(sums, rows, await asked.fetchall())


async def refunds(
    conn: Connection,
    *,
    state: str | None,
    after: tuple[datetime, str] | None,
    limit: int,
    channels: list[str] | None = None,
) -> list[Row]:
    """Refunds, the longest waiting first, after the key (asked_at, refund_id) of the last page's last row.

    ``channels`` are those the asker is confined to; None is no confinement.
    """
    asked_at, refund_id = after or (None, "")
    cursor = await conn.execute(
        "SELECT * FROM refunds WHERE (%(state)s::text IS NULL OR state = %(state)s)"
        " AND (%(channels)s::text[] IS NULL OR split_part(order_no, '-', 1) = ANY(%(channels)s))"
        " AND (%(asked_at)s::timestamptz IS NULL OR (asked_at, refund_id) > (%(asked_at)s, %(refund_id)s))"
        " ORDER BY asked_at, refund_id LIMIT %(limit)s",
        {"state": state, "asked_at": asked_at, "refund_id": refund_id, "channels": channels, "limit": limit},
    )
    return await cursor.fetchall()


@dataclass(frozen=True)
class Entries:
    """Which entries of all ledgers; None asks for all. ``since`` is inclusive, ``until`` is not.

    ``channels`` are those the asker is confined to.
    """

    kind: str | None = None
    provider: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    channels: list[str] | None = None


async def entries(conn: Connection, wanted: Entries, *, after: int | None, limit: int) -> list[Row]:
    """Movements of all orders, the newest first, after the id of the last page's last row."""
    cursor = await conn.execute(
        "SELECT * FROM payment_entries WHERE (%(kind)s::text IS NULL OR kind = %(kind)s)"
        " AND (%(provider)s::text IS NULL OR provider = %(provider)s)"
        " AND (%(channels)s::text[] IS NULL OR split_part(order_no, '-', 1) = ANY(%(channels)s))"
        " AND (%(since)s::timestamptz IS NULL OR at >= %(since)s)"
        " AND (%(until)s::timestamptz IS NULL OR at < %(until)s)"
        " AND (%(after)s::bigint IS NULL OR id < %(after)s) ORDER BY id DESC LIMIT %(limit)s",
        {**vars(wanted), "after": after, "limit": limit},
    )
    return await cursor.fetchall()


async def paid_by(conn: Connection, provider: str, reference: str) -> str | None:
    """The order that was paid under this reference; None if none was."""
    cursor = await conn.execute(
        "SELECT order_no FROM payment_entries WHERE provider = %s AND reference = %s AND kind = 'captured' LIMIT 1",
        (provider, reference),
    )
    row = await cursor.fetchone()
    return row["order_no"] if row else None
