-- A deadline can stand still while its order is held; left_seconds is what is left of it then (R25).
ALTER TABLE deadlines ADD COLUMN left_seconds integer CHECK (left_seconds >= 0);
ALTER TABLE deadlines DROP CONSTRAINT deadlines_state_check;
ALTER TABLE deadlines ADD CONSTRAINT deadlines_state_check
    CHECK (state IN ('running', 'stopped', 'met', 'passed', 'waived') AND (state = 'stopped') = (left_seconds IS NOT NULL));
DROP INDEX deadlines_running;
CREATE INDEX deadlines_running ON deadlines (due_at, subject, deadline) WHERE state IN ('running', 'stopped');

-- An emergency: the orders of a warehouse, of a channel, or of a list, held and released together (R25).
CREATE TABLE bulk_holds (
    hold_id        text PRIMARY KEY,
    scope          text NOT NULL CHECK (scope IN ('warehouse', 'channel', 'orders')),
    names          text[] NOT NULL,
    reason         text NOT NULL,
    clocks         text NOT NULL CHECK (clocks IN ('run', 'stop')),
    state          text NOT NULL CHECK (state IN ('holding', 'standing', 'releasing', 'released')),
    opened_by      text NOT NULL,
    opened_at      timestamptz NOT NULL,
    release_reason text,
    released_by    text,
    released_at    timestamptz
);
CREATE INDEX bulk_holds_open ON bulk_holds (scope) WHERE state IN ('holding', 'standing');
CREATE INDEX bulk_holds_newest ON bulk_holds (opened_at DESC, hold_id DESC);
CREATE TABLE bulk_hold_orders (
    hold_id  text NOT NULL REFERENCES bulk_holds,
    order_no text NOT NULL,
    state    text NOT NULL CHECK (state IN ('unanswered', 'held', 'refused', 'released', 'release_refused')),
    detail   text NOT NULL,
    at       timestamptz NOT NULL,
    PRIMARY KEY (hold_id, order_no)
);

-- Who may come second: the newest row is in force, for orders that enter review and for those waiting there (R7).
CREATE TABLE peak_modes (
    peak_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    peak_id text NOT NULL UNIQUE,
    factor  integer NOT NULL CHECK (factor BETWEEN 1 AND 12),
    reason  text NOT NULL,
    set_by  text NOT NULL,
    set_at  timestamptz NOT NULL
);

CREATE TABLE broadcasts (
    broadcast_id text PRIMARY KEY,
    severity     text NOT NULL CHECK (severity IN ('notice', 'warning', 'emergency')),
    text         text NOT NULL,
    departments  text[] NOT NULL,
    sent_by      text NOT NULL,
    sent_at      timestamptz NOT NULL,
    posted_at    timestamptz,
    refused      text
);
CREATE INDEX broadcasts_newest ON broadcasts (sent_at DESC, broadcast_id DESC);

-- One digest for each day of the shop's own calendar (T17).
CREATE TABLE digests (
    day       date PRIMARY KEY,
    content   jsonb NOT NULL,
    made_at   timestamptz NOT NULL,
    posted_at timestamptz,
    refused   text
);
