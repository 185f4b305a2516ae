-- A signed root over the heads of all chains (R23): an anchor holds the heads that are new since the
-- one before it, and that one's root; so the newest root stands for every head there ever was.
CREATE TABLE audit_anchors (
    anchor_no  integer PRIMARY KEY CHECK (anchor_no > 0),
    at         timestamptz NOT NULL,
    wall_at    timestamptz NOT NULL,
    chains     integer NOT NULL CHECK (chains >= 0),
    heads      bytea NOT NULL,
    previous   bytea NOT NULL,
    root       bytea NOT NULL,
    public_key bytea NOT NULL,
    signature  bytea NOT NULL
);

-- A chain only grows, so a head is known by its chain's length. The anchor is written after its heads.
CREATE TABLE audit_anchor_heads (
    subject   text NOT NULL,
    length    integer NOT NULL CHECK (length > 0),
    head      bytea NOT NULL,
    anchor_no integer NOT NULL REFERENCES audit_anchors DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (subject, length)
);
CREATE INDEX audit_anchor_heads_anchor ON audit_anchor_heads (anchor_no, subject COLLATE "C");

CREATE TRIGGER audit_anchors_append_only BEFORE UPDATE OR DELETE ON audit_anchors
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_anchors_no_truncate BEFORE TRUNCATE ON audit_anchors
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_anchor_heads_append_only BEFORE UPDATE OR DELETE ON audit_anchor_heads
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_anchor_heads_no_truncate BEFORE TRUNCATE ON audit_anchor_heads
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- ALWAYS: a session that calls itself a replica (session_replication_role) does not get past them either.
ALTER TABLE audit_entries ENABLE ALWAYS TRIGGER audit_entries_append_only;
ALTER TABLE audit_entries ENABLE ALWAYS TRIGGER audit_entries_no_truncate;
ALTER TABLE audit_anchors ENABLE ALWAYS TRIGGER audit_anchors_append_only;
ALTER TABLE audit_anchors ENABLE ALWAYS TRIGGER audit_anchors_no_truncate;
ALTER TABLE audit_anchor_heads ENABLE ALWAYS TRIGGER audit_anchor_heads_append_only;
ALTER TABLE audit_anchor_heads ENABLE ALWAYS TRIGGER audit_anchor_heads_no_truncate;
