-- "refund_failed": a refund that a provider had accepted, and whose money came back to it days later.
ALTER TABLE payment_entries DROP CONSTRAINT payment_entries_kind_check;
ALTER TABLE payment_entries ADD CONSTRAINT payment_entries_kind_check CHECK (
    kind IN (
        'authorised', 'captured', 'failed', 'refund_ordered', 'refunded', 'refund_failed', 'collected', 'compensated'
    )
);

CREATE INDEX payment_entries_failed_refunds ON payment_entries (provider, refund_reference)
WHERE kind = 'refund_failed';

-- The entries that count. A refund that came back moved no money, whichever of its two notices was heard first.
CREATE VIEW payment_entries_standing AS
SELECT * FROM payment_entries e
WHERE NOT (
    e.kind = 'refunded' AND e.refund_reference IS NOT NULL AND EXISTS (
        SELECT FROM payment_entries f
        WHERE f.kind = 'refund_failed' AND f.provider = e.provider AND f.refund_reference = e.refund_reference
    )
);

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
    FROM payment_entries_standing e WHERE e.order_no = p.order_no
) s;
