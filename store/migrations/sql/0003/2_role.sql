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
