"""Goods that leave the house, or turn out not to be there (R9, R12)."""

from __future__ import annotations

from datetime import datetime

from store.pool import Connection


async def ship(conn: Connection, parcel_no: str, at: datetime) -> None:
    """The parcel has left: its goods are neither on hand nor reserved any more (R12).

    Lots fall by what was picked from them. What the order's other parcels hold stays held.
    The second time for one parcel changes nothing.
    """
    parameters = {"parcel_no": parcel_no, "at": at}
    cursor = await conn.execute(_SHIP, parameters)
    if await cursor.fetchall():
        await conn.execute(_SHIP_LOTS, parameters)


async def let_go(conn: Connection, parcel_no: str, at: datetime) -> None:
    """The parcel will not be sent: its goods are free again, what other parcels hold stays held (R9).

    The second time for one parcel changes nothing.
    """
    await conn.execute(_LET_GO, {"parcel_no": parcel_no, "at": at})


async def write_off_shorts(conn: Connection, order_no: str, at: datetime) -> None:
    """Believe the picker: what was not in the bin is not on hand (R9).

    Otherwise the same phantom goods would be reserved again at once. What other orders
    hold is left: their pickers will find out, each for their own.
    """
    await conn.execute(_WRITE_OFF, {"order_no": order_no, "at": at})


_SHIP = """
WITH leaving AS (
    SELECT p.order_no, p.warehouse, l.sku, sum(l.quantity)::integer AS quantity
    FROM parcels p JOIN parcel_lines l USING (parcel_no)
    WHERE p.parcel_no = %(parcel_no)s
        AND NOT EXISTS (SELECT FROM stock_ledger k WHERE k.key = 'ship:' || p.parcel_no || ':' || l.sku)
    GROUP BY p.order_no, p.warehouse, l.sku
), shelf AS MATERIALIZED (
    SELECT s.warehouse, s.sku FROM stock_items s JOIN leaving USING (warehouse, sku)
    ORDER BY s.sku, s.warehouse FOR NO KEY UPDATE OF s
), gone AS (
    UPDATE reservations r SET
        quantity = r.quantity - leaving.quantity,
        shipped = r.shipped + leaving.quantity,
        state = CASE WHEN r.quantity > leaving.quantity THEN 'held' ELSE 'shipped' END
    FROM leaving, shelf
    WHERE (r.order_no, r.warehouse, r.sku) = (leaving.order_no, leaving.warehouse, leaving.sku)
        AND (shelf.warehouse, shelf.sku) = (leaving.warehouse, leaving.sku)
        AND r.state = 'held' AND r.quantity >= leaving.quantity
    RETURNING r.order_no, r.warehouse, r.sku, leaving.quantity
), fallen AS (
    UPDATE stock_items s SET on_hand = s.on_hand - gone.quantity, reserved = s.reserved - gone.quantity
    FROM gone WHERE s.warehouse = gone.warehouse AND s.sku = gone.sku
), noted AS (
    INSERT INTO stock_ledger (warehouse, sku, on_hand_delta, reserved_delta, order_no, key, at, why)
    SELECT warehouse, sku, -quantity, -quantity, order_no, 'ship:' || %(parcel_no)s || ':' || sku, %(at)s, 'shipped'
    FROM gone
)
SELECT sku FROM gone
"""

_LET_GO = """
WITH back AS (
    SELECT p.order_no, p.warehouse, l.sku, sum(l.quantity)::integer AS quantity
    FROM parcels p JOIN parcel_lines l USING (parcel_no)
    WHERE p.parcel_no = %(parcel_no)s
        AND NOT EXISTS (SELECT FROM stock_ledger k WHERE k.key = 'let_go:' || p.parcel_no || ':' || l.sku)
    GROUP BY p.order_no, p.warehouse, l.sku
), shelf AS MATERIALIZED (
    SELECT s.warehouse, s.sku FROM stock_items s JOIN back USING (warehouse, sku)
    ORDER BY s.sku, s.warehouse FOR NO KEY UPDATE OF s
), given AS (
    UPDATE reservations r SET
        quantity = CASE
            WHEN r.quantity > back.quantity THEN r.quantity - back.quantity
            WHEN r.shipped > 0 THEN 0
            ELSE r.quantity
        END,
        state = CASE WHEN r.quantity > back.quantity THEN 'held' WHEN r.shipped > 0 THEN 'shipped' ELSE 'released' END
    FROM back, shelf
    WHERE (r.order_no, r.warehouse, r.sku) = (back.order_no, back.warehouse, back.sku)
        AND (shelf.warehouse, shelf.sku) = (back.warehouse, back.sku)
        AND r.state = 'held' AND r.quantity >= back.quantity
    RETURNING r.order_no, r.warehouse, r.sku, back.quantity
), freed AS (
    UPDATE stock_items s SET reserved = s.reserved - given.quantity
    FROM given WHERE s.warehouse = given.warehouse AND s.sku = given.sku
)
INSERT INTO stock_ledger (warehouse, sku, on_hand_delta, reserved_delta, order_no, key, at, why)
SELECT warehouse, sku, 0, -quantity, order_no, 'let_go:' || %(parcel_no)s || ':' || sku, %(at)s, 'short pick'
FROM given
"""

_SHIP_LOTS = """
UPDATE stock_lots s SET on_hand = greatest(0, s.on_hand - picked.quantity)
FROM (
    SELECT t.warehouse, l.sku, coalesce(l.lot, '') AS lot, sum(l.picked)::integer AS quantity
    FROM pick_tasks t JOIN pick_lines l USING (task_no)
    WHERE t.parcel_no = %(parcel_no)s GROUP BY t.warehouse, l.sku, coalesce(l.lot, '')
) picked
WHERE (s.warehouse, s.sku, s.lot) = (picked.warehouse, picked.sku, picked.lot)
"""

_WRITE_OFF = """
WITH missing AS (
    SELECT t.task_no, t.warehouse, l.sku, sum(l.short)::integer AS quantity
    FROM pick_tasks t JOIN pick_lines l USING (task_no)
    WHERE t.order_no = %(order_no)s AND t.state = 'short' AND l.short > 0
        AND NOT EXISTS (SELECT FROM stock_ledger k WHERE k.key = 'short:' || t.task_no || ':' || l.sku)
    GROUP BY t.task_no, t.warehouse, l.sku
), shelf AS MATERIALIZED (
    SELECT s.warehouse, s.sku, s.on_hand - s.reserved AS free FROM stock_items s JOIN missing USING (warehouse, sku)
    ORDER BY s.sku, s.warehouse FOR NO KEY UPDATE OF s
), believed AS (
    SELECT m.task_no, m.warehouse, m.sku, least(m.quantity, shelf.free) AS quantity
    FROM missing m JOIN shelf USING (warehouse, sku)
), fallen AS (
    UPDATE stock_items s SET on_hand = s.on_hand - b.quantity FROM believed b
    WHERE s.warehouse = b.warehouse AND s.sku = b.sku
), lots AS (
    UPDATE stock_lots s SET on_hand = greatest(0, s.on_hand - l.short)
    FROM pick_lines l JOIN missing m USING (task_no, sku)
    WHERE (s.warehouse, s.sku, s.lot) = (m.warehouse, l.sku, coalesce(l.lot, ''))
)
INSERT INTO stock_ledger (warehouse, sku, on_hand_delta, reserved_delta, order_no, key, at, why)
SELECT warehouse, sku, -quantity, 0, %(order_no)s, 'short:' || task_no || ':' || sku, %(at)s, 'short pick'
FROM believed
"""
