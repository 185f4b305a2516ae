-- What integrators' machines come in with; permissions NULL: all of the role's (R22).
CREATE TABLE machine_tokens (
    token_id     text PRIMARY KEY,
    token_hash   bytea NOT NULL UNIQUE,
    label        text NOT NULL,
    channels     text[] NOT NULL,
    permissions  text[],
    issued_by    text NOT NULL,
    issued_at    timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    revoked_at   timestamptz,
    revoked_by   text,
    last_used_at timestamptz
);
