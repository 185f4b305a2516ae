CREATE TABLE audit_chains (
    subject text PRIMARY KEY,
    length  integer NOT NULL,
    head    bytea NOT NULL
);

CREATE TABLE audit_entries (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject    text NOT NULL,
    order_no   text,
    chain_no   integer NOT NULL,
    step_key   text UNIQUE,
    at         timestamptz NOT NULL,
    wall_at    timestamptz NOT NULL,
    actor      text NOT NULL,
    role       text NOT NULL,
    act        text NOT NULL,
    before     text,
    after      text,
    why        text NOT NULL,
    note_id    text,
    details    jsonb NOT NULL,
    outcome    jsonb,
    request_id text,
    update_id  text,
    prev_hash  bytea NOT NULL,
    hash       bytea NOT NULL,
    UNIQUE (subject, chain_no)
);
CREATE INDEX audit_entries_order ON audit_entries (order_no, id) WHERE order_no IS NOT NULL;
CREATE INDEX audit_entries_act ON audit_entries (act, id);
CREATE INDEX audit_entries_actor ON audit_entries (actor, id);

-- The record cannot be changed (R23); whoever gets past this is shown by the hash chain.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit record is append-only (R23)' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_entries_no_truncate BEFORE TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
