"""The shop's books, read past the API: do stock and money add up when all is over?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from dev.demo.outside import Outside
from domain.money import minor_units
from domain.order_status import OrderStatus
from store.pool import Pool, Row


class Books:
    """Reads only. Amounts are minor units."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def reserved(self, order_no: str) -> dict[str, int]:
        """What is set aside for the order now, by SKU."""
        rows = await self._rows(
            "SELECT sku, sum(quantity)::integer AS pieces FROM reservations"
            " WHERE order_no = %s AND state = 'held' GROUP BY sku",
            (order_no,),
        )
        return {row["sku"]: row["pieces"] for row in rows}

    async def packagings(self, order_no: str) -> set[str]:
        """How the order's parcels were packed."""
        rows = await self._rows("SELECT packaging FROM parcels WHERE order_no = %s", (order_no,))
        return {row["packaging"] for row in rows}

    async def orders_of(self, channel: str, channel_order_id: str) -> int:
        """How many orders were made of one order of a channel."""
        rows = await self._rows(
            "SELECT count(*) AS number FROM orders WHERE channel = %s AND channel_order_id = %s",
            (channel, channel_order_id),
        )
        return int(rows[0]["number"])

    async def stock_faults(self) -> list[str]:
        """Counters that are not the sum of the reservations held, or of the ledger (accident 1)."""
        return [
            f"{row['sku']} in {row['warehouse']}: {row['reserved']} reserved, {row['held']} held, "
            f"ledger {row['ledger_reserved']}; {row['on_hand']} on hand, ledger {row['ledger_on_hand']}"
            for row in await self._rows(_STOCK_FAULTS)
        ]

    async def money_faults(self, order_nos: Sequence[str], outside: Outside) -> list[str]:
        """Money of these ended orders that is neither rightly kept nor given back, here or at the provider (R3)."""
        rows = await self._rows(_MONEY, (list(order_nos),))
        given = await _kept_outside(rows, outside)
        return [fault for row in rows if (fault := _money_fault(row, given))]

    async def _rows(self, query: str, values: Sequence[Any] = ()) -> list[Row]:
        async with self._pool.connection() as conn:
            return await (await conn.execute(query, values)).fetchall()


_STOCK_FAULTS = """
WITH held AS (
    SELECT warehouse, sku, sum(quantity) AS pieces FROM reservations WHERE state = 'held' GROUP BY 1, 2
), ledger AS (
    SELECT warehouse, sku, sum(on_hand_delta) AS on_hand, sum(reserved_delta) AS reserved
    FROM stock_ledger GROUP BY 1, 2
)
SELECT s.warehouse, s.sku, s.on_hand, s.reserved, coalesce(h.pieces, 0) AS held,
    coalesce(l.on_hand, 0) AS ledger_on_hand, coalesce(l.reserved, 0) AS ledger_reserved
FROM stock_items s LEFT JOIN held h USING (warehouse, sku) LEFT JOIN ledger l USING (warehouse, sku)
WHERE s.reserved <> coalesce(h.pieces, 0) OR s.reserved <> coalesce(l.reserved, 0)
    OR s.on_hand <> coalesce(l.on_hand, 0)
ORDER BY 1, 2
"""

_MONEY = """
SELECT o.order_no, o.channel, o.channel_order_id, o.status, o.total, coalesce(p.captured, 0) AS captured,
    coalesce(p.refunded, 0) AS refunded, coalesce(p.refunding, 0) AS refunding,
    (
        SELECT coalesce(sum(amount), 0)::bigint FROM refunds WHERE order_no = o.order_no AND state = 'done'
    ) AS decided
FROM orders o LEFT JOIN payments p USING (order_no) WHERE o.order_no = ANY(%s) ORDER BY 1
"""


def _money_fault(row: Row, outside: Mapping[str, int]) -> str | None:
    """What is wrong with one order's money.

    Only an archived order may keep any: exactly its total, less what somebody decided to give back.
    """
    due = row["total"] - row["decided"] if row["status"] == OrderStatus.ARCHIVED else 0
    kept = row["captured"] - row["refunded"]
    if kept != due or row["refunding"]:
        return f"{row['order_no']} is {row['status']}: {kept} kept, {due} due, {row['refunding']} being refunded"
    there = outside.get(row["order_no"])
    if there is not None and there != kept:
        return f"{row['order_no']}: {kept} kept by our ledger, {there} by the provider's"
    return None


async def _kept_outside(rows: Sequence[Row], outside: Outside) -> dict[str, int]:
    """What the providers themselves say the shop has kept, by order; cash at the door is not theirs."""
    kept = {payment["metadata"]["order_no"]: _kept_at_stripe(payment) for payment in await outside.payments()}
    for row in rows:
        if row["channel"] == "shopify":
            kept[row["order_no"]] = _kept_at_shopify(await outside.shopify_order(row["channel_order_id"]))
    return kept


def _kept_at_stripe(payment: Mapping[str, Any]) -> int:
    return int(payment["amount_received"]) - sum(int(refund["amount"]) for refund in payment["refunds"])


def _kept_at_shopify(order: Mapping[str, Any]) -> int:
    signs = {"sale": 1, "capture": 1, "refund": -1}
    amounts = [signs.get(move["kind"], 0) * Decimal(move["amount"]) for move in order["transactions"]]
    return minor_units(str(sum(amounts, Decimal(0))), "CNY")
