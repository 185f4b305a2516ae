"""The sweep's questions to the database: each row of an answer is one difference (accident 9).

Every question answers (subject, order_no, evidence, about). ``settled``: what moved after it
may be between two steps. ``late``: what waits since before it waits too long. Evidence and
ids hold numbers and codes only (R21).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from domain.order_status import OrderStatus
from domain.sweep import Difference

_ENDED_EARLY = ", ".join(f"'{one}'" for one in (OrderStatus.CANCELLED, OrderStatus.REJECTED, OrderStatus.INTERCEPTED))

# When somebody last did something with the order, by the wall clock: an order whose own
# clock was moved must not look busy for days.
_SETTLED = """coalesce(
    (SELECT wall_at FROM audit_entries a WHERE a.order_no = o.order_no ORDER BY id DESC LIMIT 1) <= %(settled)s, true
)"""

_ORDER = "'order:' || o.order_no AS subject, o.order_no"
_STOCK = "'stock:' || s.warehouse || ':' || s.sku AS subject, NULL::text AS order_no"
_SHELF = "jsonb_build_object('warehouse', s.warehouse, 'sku', s.sku)"
_NOTHING = "'{}'::jsonb AS about"
_HAS_LEFT = "EXISTS (SELECT FROM parcels l WHERE l.order_no = o.order_no AND l.handed_over_at IS NOT NULL)"

_MONEY_SUMS = f"""
SELECT {_ORDER},
    format('captured %%s, refunding %%s, refunded %%s; the entries say %%s, %%s, %%s',
        p.captured, p.refunding, p.refunded, e.captured, e.refunding, e.refunded) AS evidence, {_NOTHING}
FROM payments p JOIN orders o USING (order_no) JOIN payment_sums e USING (order_no)
WHERE (p.captured, p.refunding, p.refunded) <> (e.captured, e.refunding, e.refunded)
"""

_MONEY_KEPT = f"""
SELECT {_ORDER},
    format('the order is %%s; captured %%s, refunded %%s %%s minor units', o.status, p.captured, p.refunded, p.currency)
        AS evidence, {_NOTHING}
FROM orders o JOIN payments p USING (order_no)
WHERE o.status IN ({_ENDED_EARLY}) AND p.captured > p.refunded + p.refunding AND {_SETTLED}
"""

_REFUND_PENDING = f"""
SELECT 'refund:' || e.key AS subject, o.order_no,
    format('%%s %%s minor units by %%s under the key %%s', e.amount, e.currency, e.provider, e.key) AS evidence,
    {_NOTHING}
FROM payment_entries e JOIN orders o USING (order_no)
WHERE e.kind = 'refund_ordered' AND e.refund_reference IS NULL AND e.at < %(late)s
"""

_PAID_TOO_MUCH = f"""
SELECT {_ORDER},
    format('owed %%s, captured %%s, refunded %%s %%s minor units', o.total, p.captured, p.refunded, p.currency)
        AS evidence, {_NOTHING}
FROM orders o JOIN payments p USING (order_no)
WHERE o.status NOT IN ({_ENDED_EARLY}) AND p.captured - p.refunded - p.refunding > o.total AND {_SETTLED}
"""

# Cash on delivery is paid by what the carrier collected (R14), so there it is the signature that counts.
_SHIPPED_UNPAID = f"""
SELECT {_ORDER},
    format('the order is %%s; owed %%s, captured %%s %%s minor units, %%s', o.status, o.total, p.captured, p.currency,
        o.payment_method) AS evidence, {_NOTHING}
FROM orders o JOIN payments p USING (order_no)
WHERE p.captured < o.total AND {_HAS_LEFT} AND {_SETTLED}
    AND (o.payment_method <> 'cod' OR o.status IN ('signed', 'archived'))
"""

_RESERVED_DRIFT = f"""
SELECT {_STOCK}, format('the counter says %%s, orders hold %%s', s.reserved, h.held) AS evidence, {_SHELF} AS about
FROM stock_items s CROSS JOIN LATERAL (
    SELECT coalesce(sum(quantity), 0) AS held FROM reservations r
    WHERE (r.warehouse, r.sku, r.state) = (s.warehouse, s.sku, 'held')
) h
WHERE s.reserved <> h.held
"""

_LEDGER_DRIFT = f"""
SELECT {_STOCK},
    format('on hand %%s, reserved %%s; the ledger says %%s, %%s', s.on_hand, s.reserved, l.on_hand, l.reserved)
        AS evidence, {_SHELF} AS about
FROM stock_items s CROSS JOIN LATERAL (
    SELECT coalesce(sum(on_hand_delta), 0) AS on_hand, coalesce(sum(reserved_delta), 0) AS reserved
    FROM stock_ledger k WHERE (k.warehouse, k.sku) = (s.warehouse, s.sku)
) l
WHERE (s.on_hand, s.reserved) <> (l.on_hand, l.reserved)
"""

_LOTS_DRIFT = f"""
SELECT {_STOCK}, format('on hand %%s, the lots hold %%s', s.on_hand, l.on_hand) AS evidence, {_SHELF} AS about
FROM stock_items s CROSS JOIN LATERAL (
    SELECT coalesce(sum(on_hand), 0) AS on_hand FROM stock_lots k WHERE (k.warehouse, k.sku) = (s.warehouse, s.sku)
) l
WHERE s.on_hand <> l.on_hand
"""

_COUNTED_SHORT = f"""
SELECT 'stock:' || s.warehouse || ':' || s.sku || ':' || s.lot AS subject, NULL::text AS order_no,
    format('%%s finds %%s pieces fewer than orders hold', s.feed, s.missing) AS evidence, {_SHELF} AS about
FROM stock_shortfalls s
"""

_HELD_BY_ENDED = f"""
SELECT {_ORDER},
    format('the order is %%s and holds %%s', o.status, string_agg(r.quantity || ' ' || r.sku || ' in ' || r.warehouse,
        ', ' ORDER BY r.sku, r.warehouse)) AS evidence, {_NOTHING}
FROM orders o JOIN reservations r ON r.order_no = o.order_no AND r.state = 'held'
WHERE o.status IN ({_ENDED_EARLY}) AND {_SETTLED}
GROUP BY o.order_no
"""

_SHIPPED_STILL_HELD = f"""
SELECT 'parcel:' || l.parcel_no AS subject, o.order_no,
    format('parcel %%s has left; held are %%s', l.parcel_no,
        string_agg(r.quantity || ' ' || r.sku, ', ' ORDER BY r.sku)) AS evidence,
    jsonb_build_object('parcel_no', l.parcel_no) AS about
FROM parcels l JOIN orders o USING (order_no)
JOIN reservations r ON (r.order_no, r.warehouse, r.state) = (l.order_no, l.warehouse, 'held')
    AND EXISTS (SELECT FROM parcel_lines i WHERE (i.parcel_no, i.sku) = (l.parcel_no, r.sku))
WHERE l.handed_over_at IS NOT NULL AND {_SETTLED}
    AND NOT EXISTS (SELECT FROM stock_ledger k WHERE k.key = 'ship:' || l.parcel_no || ':' || r.sku)
GROUP BY l.parcel_no, o.order_no
"""

_SHIPPED_UNBOOKED = f"""
SELECT 'parcel:' || l.parcel_no AS subject, o.order_no,
    format('parcel %%s has left; no ledger row for %%s', l.parcel_no, string_agg(DISTINCT i.sku, ', ')) AS evidence,
    jsonb_build_object('parcel_no', l.parcel_no) AS about
FROM parcels l JOIN orders o USING (order_no) JOIN parcel_lines i USING (parcel_no)
LEFT JOIN reservations r ON (r.order_no, r.warehouse, r.sku) = (l.order_no, l.warehouse, i.sku)
LEFT JOIN stock_ledger k ON (k.key, k.why) = ('ship:' || l.parcel_no || ':' || i.sku, 'shipped')
WHERE l.handed_over_at IS NOT NULL AND k.id IS NULL AND r.state IS DISTINCT FROM 'held' AND {_SETTLED}
GROUP BY l.parcel_no, o.order_no
"""

_MESSAGE_WAITING = """
SELECT 'inbox:' || m.message_id AS subject, m.order_no,
    format('%%s %%s, last error %%s', m.source, m.topic, coalesce(m.last_error, 'none')) AS evidence,
    jsonb_build_object('message_id', m.message_id) AS about
FROM inbox m WHERE m.state = 'received' AND m.received_at < %(late)s
"""

_MESSAGE_WITHOUT_ORDER = """
SELECT 'inbox:' || m.message_id AS subject, m.order_no,
    format('%%s %%s for an order nobody recorded', m.source, m.topic) AS evidence,
    jsonb_build_object('message_id', m.message_id) AS about
FROM inbox m WHERE m.state = 'forwarded' AND m.forwarded_at < %(settled)s AND m.order_no IS NOT NULL
    AND NOT EXISTS (SELECT FROM orders o WHERE o.order_no = m.order_no)
"""

_NOTICE_WAITING = f"""
SELECT {_ORDER},
    format('%%s has not heard of %%s changes, the oldest of %%s; last error %%s', o.channel, count(*),
        min(n.changed_at), coalesce(max(n.last_error), 'none')) AS evidence, {_NOTHING}
FROM notices n JOIN orders o USING (order_no)
WHERE n.state = 'pending' AND n.changed_at < %(late)s
GROUP BY o.order_no
"""

_D = Difference

CHECKS: Mapping[Difference, str] = MappingProxyType(
    {
        _D.MONEY_SUMS: _MONEY_SUMS,
        _D.MONEY_KEPT: _MONEY_KEPT,
        _D.REFUND_PENDING: _REFUND_PENDING,
        _D.PAID_TOO_MUCH: _PAID_TOO_MUCH,
        _D.SHIPPED_UNPAID: _SHIPPED_UNPAID,
        _D.RESERVED_DRIFT: _RESERVED_DRIFT,
        _D.LEDGER_DRIFT: _LEDGER_DRIFT,
        _D.LOTS_DRIFT: _LOTS_DRIFT,
        _D.COUNTED_SHORT: _COUNTED_SHORT,
        _D.HELD_BY_ENDED: _HELD_BY_ENDED,
        _D.SHIPPED_STILL_HELD: _SHIPPED_STILL_HELD,
        _D.SHIPPED_UNBOOKED: _SHIPPED_UNBOOKED,
        _D.MESSAGE_WAITING: _MESSAGE_WAITING,
        _D.MESSAGE_WITHOUT_ORDER: _MESSAGE_WITHOUT_ORDER,
        _D.NOTICE_WAITING: _NOTICE_WAITING,
    }
)
