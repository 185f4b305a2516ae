-- Machine tokens in a review of rights: their scope and last use when it began; answered once, as accounts are (T16).
CREATE TABLE rights_review_tokens (
    review_id    text NOT NULL REFERENCES rights_reviews,
    token_id     text NOT NULL REFERENCES machine_tokens,
    label        text NOT NULL,
    channels     text[] NOT NULL,
    rights       jsonb NOT NULL,
    issued_by    text NOT NULL,
    issued_at    timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    last_used_at timestamptz,
    decision     text CHECK (decision IN ('confirmed', 'revoked')),
    decided_by   text,
    decided_at   timestamptz,
    why          text,
    PRIMARY KEY (review_id, token_id),
    CHECK ((decision IS NULL) = (decided_by IS NULL)),
    -- Whoever issued a token does not confirm it (four eyes); revoking is always a help.
    CHECK (decision IS DISTINCT FROM 'confirmed' OR decided_by <> issued_by)
);
