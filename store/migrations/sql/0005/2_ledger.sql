-- "compensated": given back by another road than the provider that took it, by a person who says which.
ALTER TABLE payment_entries DROP CONSTRAINT payment_entries_kind_check;
ALTER TABLE payment_entries ADD CONSTRAINT payment_entries_kind_check CHECK (
    kind IN ('authorised', 'captured', 'failed', 'refund_ordered', 'refunded', 'collected', 'compensated')
);

-- The one place that says what the sums in "payments" are.
CREATE OR REPLACE VIEW payment_sums AS
SELECT
    p.order_no,
    s.captured,
    least(s.refunding, s.captured) AS refunding,
    least(s.refunded, s.captured - least(s.refunding, s.captured)) AS refunded
FROM payments p
CROSS JOIN LATERAL (
    SELECT
        coalesce(sum(amount) FILTER (WHERE kind IN ('captured', 'collected')), 0)::bigint AS captured,
        coalesce(sum(amount) FILTER (WHERE kind = 'refund_ordered' AND refund_reference IS NULL), 0)::bigint
            AS refunding,
        coalesce(sum(amount) FILTER (WHERE kind IN ('refunded', 'compensated')), 0)::bigint AS refunded
    FROM payment_entries e WHERE e.order_no = p.order_no
) s;
