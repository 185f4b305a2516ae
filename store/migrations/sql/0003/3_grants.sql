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
