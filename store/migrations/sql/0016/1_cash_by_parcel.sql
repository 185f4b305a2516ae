-- What each parcel collects at the door: an order paid there may come in several shipments (R9, R14).
ALTER TABLE parcels ADD COLUMN collect_minor bigint NOT NULL DEFAULT 0 CHECK (collect_minor >= 0);

-- Until now the first parcel collected all, and an order's collection was entered at its last signature.
UPDATE parcels p SET collect_minor = o.total FROM orders o
WHERE o.order_no = p.order_no AND o.payment_method = 'cod' AND p.booked_at IS NOT NULL
    AND p.parcel_no = (SELECT min(parcel_no) FROM parcels WHERE order_no = p.order_no AND state <> 'cancelled');
