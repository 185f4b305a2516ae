-- When each person last used each of their rights: what nobody uses, nobody needs (R22).
CREATE TABLE right_uses (
    staff_id   text NOT NULL,
    permission text NOT NULL,
    used_at    timestamptz NOT NULL,
    PRIMARY KEY (staff_id, permission)
);

CREATE TABLE rights_reviews (
    review_id text PRIMARY KEY,
    opened_at timestamptz NOT NULL,
    due_at    timestamptz NOT NULL,
    closed_at timestamptz
);

-- The rights as they were when the review began, with their last use; the answer is given once.
CREATE TABLE rights_review_items (
    review_id  text NOT NULL REFERENCES rights_reviews,
    staff_id   text NOT NULL REFERENCES accounts,
    role       text NOT NULL,
    warehouses text[] NOT NULL,
    channels   text[] NOT NULL,
    rights     jsonb NOT NULL,
    decision   text CHECK (decision IN ('confirmed', 'changed', 'revoked')),
    new_role   text,
    decided_by text,
    decided_at timestamptz,
    why        text,
    PRIMARY KEY (review_id, staff_id),
    CHECK ((decision IS NULL) = (decided_by IS NULL)),
    -- Nobody reviews their own rights (four eyes).
    CHECK (decided_by IS DISTINCT FROM staff_id)
);
