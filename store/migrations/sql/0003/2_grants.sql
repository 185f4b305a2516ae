-- The role that API and worker act in: a login that is a member of it can work, and cannot touch the
-- record of acts (R23). Roles belong to the whole server, so another database may have made it already.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'orderflow_app') THEN
        CREATE ROLE orderflow_app NOLOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
    WHEN insufficient_privilege THEN
        RAISE WARNING 'the role orderflow_app is missing and this login may not create it: see docs/audit.md';
END
$$;

-- A function, so that the grants can be given later too, when somebody else had to create the role.
CREATE FUNCTION grant_to_application() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'orderflow_app') THEN
        RETURN false;
    END IF;
    GRANT USAGE ON SCHEMA public TO orderflow_app;
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO orderflow_app;
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO orderflow_app;
    -- What later migrations of this login create is covered as well.
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO orderflow_app;
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO orderflow_app;
    REVOKE ALL ON audit_entries, audit_chains, audit_anchors, audit_anchor_heads FROM orderflow_app;
    GRANT SELECT, INSERT ON audit_entries, audit_anchors, audit_anchor_heads TO orderflow_app;
    GRANT SELECT, INSERT, UPDATE ON audit_chains TO orderflow_app;
    IF to_regclass('alembic_version') IS NOT NULL THEN
        REVOKE ALL ON alembic_version FROM orderflow_app;
        GRANT SELECT ON alembic_version TO orderflow_app;
    END IF;
    RETURN true;
END
$$;
REVOKE ALL ON FUNCTION grant_to_application() FROM PUBLIC;
SELECT grant_to_application();
