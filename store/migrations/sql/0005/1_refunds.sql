-- What somebody asked to give back, and how far it has come (R16, R27). The money itself is in payment_entries.
CREATE TABLE refunds (
    refund_id   text PRIMARY KEY,
    order_no    text NOT NULL REFERENCES orders,
    state       text NOT NULL CHECK (state IN ('waiting', 'ordered', 'problem', 'done', 'declined')),
    amount      bigint NOT NULL CHECK (amount > 0),
    currency    char(3) NOT NULL,
    lines       jsonb NOT NULL,
    shipping    boolean NOT NULL,
    reason      text NOT NULL,
    cause       text NOT NULL,
    problem     text,
    asked_by    text NOT NULL,
    asked_role  text NOT NULL,
    asked_at    timestamptz NOT NULL,
    decided_by  text,
    decided_at  timestamptz,
    updated_at  timestamptz NOT NULL,
    -- Four eyes: nobody approves what they asked for themselves; they may take it back.
    CONSTRAINT another_person_approves CHECK (state = 'declined' OR decided_by <> asked_by)
);
CREATE INDEX refunds_order ON refunds (order_no, asked_at);
CREATE INDEX refunds_state ON refunds (state, asked_at, refund_id);

-- Never more pieces refunded than were bought, whatever the code above believes (accident 6).
ALTER TABLE order_lines ADD COLUMN refunded_quantity integer NOT NULL DEFAULT 0;
ALTER TABLE order_lines ADD CONSTRAINT refunded_within_bought CHECK (refunded_quantity BETWEEN 0 AND quantity);
