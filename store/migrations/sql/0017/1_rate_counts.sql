-- How often each principal has asked, over all API processes (R22). Unlogged: it is written without
-- waiting for the disk, and a crash of the database only forgets the last minutes' counting.
CREATE UNLOGGED TABLE rate_counts (
    counted    bytea PRIMARY KEY,
    window_no  bigint NOT NULL,
    here       integer NOT NULL,
    before     integer NOT NULL,
    touched_at timestamptz NOT NULL
);
