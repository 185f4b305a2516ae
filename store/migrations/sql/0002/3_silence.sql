-- How many messages a sender sent in each hour (UTC): its habit, kept longer than the messages themselves.
CREATE TABLE inbox_hours (
    source   text NOT NULL,
    hour     timestamptz NOT NULL,
    messages integer NOT NULL CHECK (messages > 0),
    last_at  timestamptz NOT NULL,
    PRIMARY KEY (source, hour)
);
