-- The rules of the review, one row for each version ever in force (R6); version 0 is built in.
CREATE TABLE rule_sets (
    version integer PRIMARY KEY CHECK (version > 0),
    changes jsonb NOT NULL,
    set_at  timestamptz NOT NULL,
    set_by  text NOT NULL,
    why     text NOT NULL
);

-- What a review looked at, so that changed rules can be tried on past orders; no personal data (R21).
CREATE TABLE review_facts (
    order_no    text PRIMARY KEY REFERENCES orders,
    reviewed_at timestamptz NOT NULL,
    rules       integer NOT NULL,
    verdict     text NOT NULL CHECK (verdict IN ('none', 'review', 'block')),
    facts       jsonb NOT NULL
);
CREATE INDEX review_facts_reviewed ON review_facts (reviewed_at DESC, order_no);

-- Entries made by a counter expire by themselves; those made by hand when a person says so (R27).
ALTER TABLE blacklist
    ADD COLUMN entry_no bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    ADD COLUMN source text NOT NULL DEFAULT 'hand' CHECK (source IN ('hand', 'counter'));

-- What counts against a buyer, by blind index: one order counts once for each kind (R27).
CREATE TABLE risk_events (
    event       text NOT NULL CHECK (event IN ('cancellation', 'refund', 'fake_address')),
    order_no    text NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('account', 'phone', 'address')),
    value_index bytea NOT NULL,
    at          timestamptz NOT NULL,
    PRIMARY KEY (order_no, event, kind)
);
CREATE INDEX risk_events_window ON risk_events (kind, value_index, event, at);
CREATE INDEX risk_events_at ON risk_events (at);
