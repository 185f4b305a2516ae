-- A buyer's link: whoever reads this table cannot make one out of it.
CREATE TABLE tracking_links (
    token_hash bytea PRIMARY KEY,
    order_no   text NOT NULL REFERENCES orders,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX tracking_links_order ON tracking_links (order_no);

-- Filters and columns of a person's list; never what was searched for (store/saved_views.py).
CREATE TABLE saved_views (
    owner      text NOT NULL,
    desk       text NOT NULL,
    name       text NOT NULL,
    content    jsonb NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (owner, desk, name)
);
