-- What the sweep found to disagree (accident 9). Open until it is gone, repaired, or accepted by a person.
CREATE TABLE sweep_differences (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind        text NOT NULL,
    subject     text NOT NULL,
    order_no    text,
    evidence    text NOT NULL,
    about       jsonb NOT NULL,
    first_seen  timestamptz NOT NULL,
    last_seen   timestamptz NOT NULL,
    resolved_at timestamptz,
    resolution  text CHECK (resolution IN ('gone', 'repaired', 'accepted')),
    resolved_by text,
    why         text,
    CHECK ((resolved_at IS NULL) = (resolution IS NULL))
);
-- One open row for each thing that disagrees, however often it is seen.
CREATE UNIQUE INDEX sweep_differences_open ON sweep_differences (kind, subject) WHERE resolved_at IS NULL;
CREATE INDEX sweep_differences_subject ON sweep_differences (subject, kind);
CREATE INDEX sweep_differences_first_seen ON sweep_differences (first_seen);

-- What the sums in "payments" must be, from the entries behind them (see store/payments.py).
CREATE VIEW payment_sums AS
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
        coalesce(sum(amount) FILTER (WHERE kind = 'refunded'), 0)::bigint AS refunded
    FROM payment_entries e WHERE e.order_no = p.order_no
) s;
