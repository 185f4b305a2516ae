-- Activities that needed a third attempt, noted by the worker and forgotten when they succeed. Temporal
-- knows how they stand; this only says where to ask, since it cannot be searched for them.
CREATE TABLE retrying (
    workflow_id text NOT NULL,
    activity    text NOT NULL,
    since       timestamptz NOT NULL,
    PRIMARY KEY (workflow_id, activity)
);
CREATE INDEX retrying_since ON retrying (since);

CREATE INDEX notices_failing ON notices (changed_at, order_no) WHERE state = 'pending' AND attempts > 1;
CREATE INDEX inbox_failing ON inbox (received_at, message_id) WHERE state = 'received' AND attempts > 1;

-- The record is written in order of time, nearly: ranges of pages suffice to find a period.
CREATE INDEX audit_entries_at ON audit_entries USING brin (at) WITH (autosummarize = on);
