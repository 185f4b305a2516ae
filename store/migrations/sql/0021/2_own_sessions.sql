-- What their owner is shown of a session, and ends it by. Whoever is signed in signs in once more.
TRUNCATE sessions;
ALTER TABLE sessions
    ADD COLUMN session_id text NOT NULL UNIQUE,
    ADD COLUMN how text NOT NULL,
    ADD COLUMN address bytea;
