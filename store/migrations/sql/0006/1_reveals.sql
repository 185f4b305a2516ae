-- The record is the counter of reveals: so many an hour for each person (R21).
CREATE INDEX audit_entries_reveals ON audit_entries (actor, wall_at) WHERE act = 'contact_revealed';
