CREATE TABLE payments (
    order_no  text PRIMARY KEY REFERENCES orders,
    currency  char(3) NOT NULL,
    captured  bigint NOT NULL CHECK (captured >= 0),
    refunding bigint NOT NULL CHECK (refunding >= 0),
    refunded  bigint NOT NULL CHECK (refunded >= 0),
    -- Never give back more than was taken, whatever the code above believes (accident 6).
    CONSTRAINT refunds_within_captures CHECK (refunded + refunding <= captured)
);

CREATE TABLE payment_entries (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_no         text NOT NULL REFERENCES payments,
    kind             text NOT NULL CHECK (
        kind IN ('authorised', 'captured', 'failed', 'refund_ordered', 'refunded', 'collected')
    ),
    amount           bigint NOT NULL CHECK (amount >= 0),
    currency         char(3) NOT NULL,
    provider         text,
    reference        text,
    refund_reference text,
    key              text NOT NULL UNIQUE,
    at               timestamptz NOT NULL
);
CREATE INDEX payment_entries_order ON payment_entries (order_no, id);
CREATE INDEX payment_entries_reference ON payment_entries (provider, reference) WHERE reference IS NOT NULL;
