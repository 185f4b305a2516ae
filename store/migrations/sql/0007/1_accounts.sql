-- Who signs in (R22). A staff id stands in the record of acts; the username is known here only.
CREATE TABLE accounts (
    staff_id        text PRIMARY KEY,
    username        text NOT NULL UNIQUE CHECK (username = lower(username)),
    role            text NOT NULL,
    password_hash   text,
    subject         text UNIQUE,
    warehouses      text[] NOT NULL DEFAULT '{}',
    channels        text[] NOT NULL DEFAULT '{}',
    created_at      timestamptz NOT NULL,
    created_by      text NOT NULL,
    disabled_at     timestamptz,
    password_set_at timestamptz,
    last_sign_in    timestamptz,
    known_address   bytea
);

-- Only the SHA-256 of a token is kept: whoever reads this table can sign in with nothing of it.
CREATE TABLE sessions (
    token_hash bytea PRIMARY KEY,
    staff_id   text NOT NULL REFERENCES accounts,
    started_at timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL,
    ends_at    timestamptz NOT NULL
);
CREATE INDEX sessions_staff ON sessions (staff_id);

-- The way back from the company's identity provider: good for a minute, once.
CREATE TABLE sign_in_codes (
    code_hash  bytea PRIMARY KEY,
    staff_id   text NOT NULL REFERENCES accounts,
    expires_at timestamptz NOT NULL
);

-- Failed tries by a keyed hash of the username that was tried, whether it exists or not.
CREATE TABLE sign_in_failures (
    tried     bytea PRIMARY KEY,
    failed    integer NOT NULL,
    failed_at timestamptz NOT NULL
);
CREATE INDEX sign_in_failures_age ON sign_in_failures (failed_at);
