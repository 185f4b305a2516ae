-- The newest version heard of each channel order, whether by webhook or by asking (accidents 7 and 8).
-- No reference to orders: it is noted with the message, before the order is recorded.
CREATE TABLE channel_versions (
    order_no   text PRIMARY KEY,
    channel    text NOT NULL,
    changed_at timestamptz NOT NULL,
    facts      text NOT NULL,
    heard_at   timestamptz NOT NULL
);

-- Up to which time of change each channel was asked for its orders.
CREATE TABLE channel_pulls (
    channel     text PRIMARY KEY,
    asked_until timestamptz NOT NULL
);

-- What an outside warehouse system last counted of a lot, by its own sequence: an older count changes nothing.
CREATE TABLE stock_counts (
    feed       text NOT NULL,
    warehouse  text NOT NULL,
    sku        text NOT NULL,
    lot        text NOT NULL,
    sequence   bigint NOT NULL,
    counted    integer NOT NULL CHECK (counted >= 0),
    message_id text NOT NULL,
    counted_at timestamptz NOT NULL,
    PRIMARY KEY (feed, warehouse, sku, lot)
);

-- Every message of a warehouse system, once; what could not be applied stays open until a later count heals it.
CREATE TABLE stock_messages (
    feed        text NOT NULL,
    message_id  text NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (feed, message_id)
);

-- Every movement, also one that was known before a count came: a count of sequence n holds all movements up to n.
CREATE TABLE stock_movements (
    feed       text NOT NULL,
    warehouse  text NOT NULL,
    sku        text NOT NULL,
    lot        text NOT NULL,
    sequence   bigint NOT NULL,
    pieces     integer NOT NULL,
    PRIMARY KEY (feed, warehouse, sku, lot, sequence)
);

-- The pieces that orders hold and the warehouse says are not there: open until a later message heals it.
CREATE TABLE stock_shortfalls (
    warehouse text NOT NULL,
    sku       text NOT NULL,
    lot       text NOT NULL,
    feed      text NOT NULL,
    missing   integer NOT NULL CHECK (missing > 0),
    since     timestamptz NOT NULL,
    PRIMARY KEY (warehouse, sku, lot)
);
