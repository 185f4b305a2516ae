-- Personal data is sealed before it comes here (R21); erasing wrapped_key erases the person (R29).
CREATE TABLE contacts (
    contact_id    text PRIMARY KEY,
    channel       text NOT NULL,
    wrapped_key   bytea,
    key_version   text NOT NULL,
    name          bytea,
    phone         bytea,
    address       bytea,
    remark        bytea,
    email         bytea,
    phone_index   bytea,
    account_index bytea,
    address_index bytea,
    country       char(2),
    created_at    timestamptz NOT NULL,
    erased_at     timestamptz
);
CREATE INDEX contacts_phone ON contacts (phone_index) WHERE phone_index IS NOT NULL;
CREATE INDEX contacts_account ON contacts (account_index) WHERE account_index IS NOT NULL;
CREATE INDEX contacts_address ON contacts (address_index) WHERE address_index IS NOT NULL;

CREATE TABLE notes (
    note_id     text PRIMARY KEY,
    contact_id  text,
    order_no    text,
    sealed      bytea NOT NULL,
    wrapped_key bytea,
    key_version text NOT NULL,
    created_at  timestamptz NOT NULL,
    created_by  text NOT NULL
);
CREATE INDEX notes_order ON notes (order_no) WHERE order_no IS NOT NULL;

CREATE TABLE blacklist (
    kind        text NOT NULL CHECK (kind IN ('account', 'phone', 'address')),
    value_index bytea NOT NULL,
    reason      text NOT NULL,
    added_by    text NOT NULL,
    added_at    timestamptz NOT NULL,
    expires_at  timestamptz,
    PRIMARY KEY (kind, value_index)
);

CREATE TABLE inbox (
    message_id      text PRIMARY KEY,
    source          text NOT NULL,
    topic           text NOT NULL,
    dedupe_key      text NOT NULL UNIQUE,
    order_no        text,
    sealed          bytea NOT NULL,
    state           text NOT NULL CHECK (state IN ('received', 'forwarded', 'refused')),
    faults          jsonb,
    attempts        integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    received_at     timestamptz NOT NULL,
    forwarded_at    timestamptz,
    last_error      text
);
CREATE INDEX inbox_due ON inbox (next_attempt_at, message_id) WHERE state = 'received';
CREATE INDEX inbox_order ON inbox (order_no) WHERE order_no IS NOT NULL;

CREATE TABLE notices (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    channel         text NOT NULL,
    order_no        text NOT NULL REFERENCES orders,
    sequence        integer NOT NULL,
    body            jsonb NOT NULL,
    changed_at      timestamptz NOT NULL,
    state           text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'superseded')),
    attempts        integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    delivered_at    timestamptz,
    breached_at     timestamptz,
    last_error      text,
    UNIQUE (order_no, sequence)
);
CREATE INDEX notices_pending ON notices (channel, order_no, sequence) WHERE state = 'pending';

CREATE TABLE idempotency_keys (
    principal    text NOT NULL,
    key          text NOT NULL,
    request_hash bytea NOT NULL,
    status       integer,
    response     jsonb,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (principal, key)
);
