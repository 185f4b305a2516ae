CREATE TABLE orders (
    order_no          text PRIMARY KEY,
    channel           text NOT NULL,
    channel_order_id  text NOT NULL,
    contact_id        text NOT NULL,
    status            text NOT NULL,
    payment_method    text NOT NULL,
    payment_provider  text,
    payment_reference text,
    currency          char(3) NOT NULL,
    shipping          bigint NOT NULL CHECK (shipping >= 0),
    tax               bigint NOT NULL CHECK (tax >= 0),
    discount          bigint NOT NULL CHECK (discount >= 0),
    total             bigint NOT NULL CHECK (total >= 0),
    promotion         boolean NOT NULL,
    promised_speed    text NOT NULL,
    carrier_wish      text,
    placed_at         timestamptz NOT NULL,
    policy            jsonb NOT NULL,
    terms_version     text NOT NULL,
    recorded_at       timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL,
    step_seq          integer NOT NULL,
    risk              text NOT NULL,
    waiting_for       text NOT NULL,
    due_at            timestamptz,
    held              text,
    claimed_by        text,
    archived_at       timestamptz,
    UNIQUE (channel, channel_order_id)
);
-- Lists are keyset pages, newest first, with the filters people use (accident 10).
CREATE INDEX orders_recorded ON orders (recorded_at DESC, order_no DESC);
CREATE INDEX orders_status ON orders (status, recorded_at DESC, order_no DESC);
CREATE INDEX orders_channel ON orders (channel, recorded_at DESC, order_no DESC);
CREATE INDEX orders_waiting ON orders (waiting_for, recorded_at DESC, order_no DESC);
CREATE INDEX orders_contact ON orders (contact_id);
CREATE INDEX orders_payment ON orders (payment_provider, payment_reference) WHERE payment_reference IS NOT NULL;

CREATE TABLE order_lines (
    order_no   text NOT NULL REFERENCES orders,
    line_no    integer NOT NULL,
    sku        text NOT NULL,
    title      text NOT NULL,
    quantity   integer NOT NULL CHECK (quantity > 0),
    unit_price bigint NOT NULL CHECK (unit_price >= 0),
    discount   bigint NOT NULL CHECK (discount >= 0),
    PRIMARY KEY (order_no, line_no)
);

CREATE TABLE review_findings (
    order_no text NOT NULL REFERENCES orders,
    seq      integer NOT NULL,
    ord      integer NOT NULL,
    rule     text NOT NULL,
    severity text NOT NULL,
    evidence text NOT NULL,
    PRIMARY KEY (order_no, seq, ord)
);

CREATE TABLE deadlines (
    subject     text NOT NULL,
    deadline    text NOT NULL,
    order_no    text,
    workflow_id text NOT NULL,
    started_at  timestamptz NOT NULL,
    due_at      timestamptz NOT NULL,
    state       text NOT NULL CHECK (state IN ('running', 'met', 'passed', 'waived')),
    ended_at    timestamptz,
    department  text NOT NULL,
    PRIMARY KEY (subject, deadline)
);
CREATE INDEX deadlines_running ON deadlines (due_at, subject, deadline) WHERE state = 'running';

CREATE TABLE alerts (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL,
    department text NOT NULL,
    kind       text NOT NULL,
    order_no   text,
    text       text NOT NULL,
    key        text NOT NULL UNIQUE,
    seen_at    timestamptz,
    seen_by    text
);
CREATE INDEX alerts_unseen ON alerts (department, id) WHERE seen_at IS NULL;
