-- A second factor of a local account (R22): its secret is sealed, and each code of it is good once.
-- One may be begun beside the one that stands, until a code of the new one has been seen.
CREATE TABLE second_factors (
    factor_id    text PRIMARY KEY,
    staff_id     text NOT NULL REFERENCES accounts,
    sealed       bytea NOT NULL,
    begun_at     timestamptz NOT NULL,
    confirmed_at timestamptz,
    last_step    bigint NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX second_factors_standing ON second_factors (staff_id) WHERE confirmed_at IS NOT NULL;
CREATE UNIQUE INDEX second_factors_begun ON second_factors (staff_id) WHERE confirmed_at IS NULL;

-- For whoever has lost the second factor: 120 random bits each, kept as SHA-256, good once.
CREATE TABLE recovery_codes (
    code_hash bytea PRIMARY KEY,
    staff_id  text NOT NULL REFERENCES accounts,
    given_at  timestamptz NOT NULL,
    used_at   timestamptz
);
CREATE INDEX recovery_codes_staff ON recovery_codes (staff_id);

-- A password that somebody else chose opens nothing but the change of it, and that for some days only.
ALTER TABLE accounts ADD COLUMN password_by_another boolean NOT NULL DEFAULT false;
