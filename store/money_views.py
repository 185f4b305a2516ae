"""What readers see of money: an order's ledger, and refunds in keyset pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from store.pool import Connection, Row
from store.scopes import ORDER_WITHIN, Within


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
    within: Within | None = None,
) -> list[Row]:
    """Refunds, the longest waiting first, after the key (asked_at, refund_id) of the last page's last row.

    ``within`` leaves out those of orders that are not theirs who ask (R22).
    """
    asked_at, refund_id = after or (None, "")
    cursor = await conn.execute(
        f"SELECT * FROM refunds WHERE {_own('refunds', within)} AND (%(state)s::text IS NULL OR state = %(state)s)"
        " AND (%(asked_at)s::timestamptz IS NULL OR (asked_at, refund_id) > (%(asked_at)s, %(refund_id)s))"
        " ORDER BY asked_at, refund_id LIMIT %(limit)s".encode(),
        {"state": state, "asked_at": asked_at, "refund_id": refund_id, "limit": limit, **_names(within)},
    )
    return await cursor.fetchall()


@dataclass(frozen=True)
class Entries:
    """Which entries of all ledgers; None asks for all. ``since`` is inclusive, ``until`` is not.

    ``within`` is what the asker is confined to.
    """

    kind: str | None = None
    provider: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    within: Within | None = None


async def entries(conn: Connection, wanted: Entries, *, after: int | None, limit: int) -> list[Row]:
    """Movements of all orders, the newest first, after the id of the last page's last row."""
    cursor = await conn.execute(
        f"SELECT * FROM payment_entries WHERE {_own('payment_entries', wanted.within)}"
        " AND (%(kind)s::text IS NULL OR kind = %(kind)s)"
        " AND (%(provider)s::text IS NULL OR provider = %(provider)s)"
        " AND (%(since)s::timestamptz IS NULL OR at >= %(since)s)"
        " AND (%(until)s::timestamptz IS NULL OR at < %(until)s)"
        " AND (%(after)s::bigint IS NULL OR id < %(after)s) ORDER BY id DESC LIMIT %(limit)s".encode(),
        {**vars(wanted), "after": after, "limit": limit, **_names(wanted.within)},
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


def _own(table: str, within: Within | None) -> str:
    return "true" if within is None else ORDER_WITHIN.format(row=table)


def _names(within: Within | None) -> dict[str, object]:
    return {} if within is None else vars(within)
