"""Who can get at the record: nobody past its triggers, the application not even without them (R23)."""

from __future__ import annotations

from collections.abc import AsyncIterator

import psycopg
import pytest
from psycopg.rows import dict_row

from store import anchors, audit
from store.chain_check import Fault
from store.pool import Connection, Pool
from tests.fixtures.orders import NOON, value
from tests.store.audit_tampering import CLERK, KEY, chain_rows, sign, verified, write

CHANGES = (
    "UPDATE audit_entries SET why = 'x'",
    "DELETE FROM audit_entries",
    "TRUNCATE audit_entries",
)
_SIMPLE_OWNER = "record_owner"


@pytest.fixture(autouse=True)
async def record(pool: Pool) -> None:
    """Something to tamper with."""
    await write(pool, 2)
    await sign(pool)


@pytest.fixture
async def application(database_url: str) -> AsyncIterator[Connection]:
    """A connection that acts as the application's role."""
    options = "-c role=orderflow_app"
    async with await Connection.connect(database_url, row_factory=dict_row, options=options) as connection:
        await connection.set_autocommit(True)
        yield connection


@pytest.mark.parametrize("change", CHANGES)
async def test_the_triggers_refuse_the_superuser_and_whoever_calls_himself_a_replica(
    conn: Connection, change: str
) -> None:
    for role in ("origin", "replica"):
        await conn.execute(f"SET session_replication_role = {role}".encode())
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            await conn.execute(change.encode())
    await conn.execute("RESET session_replication_role")
    assert len(await chain_rows(conn)) == 2


@pytest.mark.parametrize("change", CHANGES)
async def test_the_triggers_refuse_the_tables_owner(pool: Pool, change: str) -> None:
    async with pool.connection() as connection:
        await connection.execute(f"CREATE ROLE {_SIMPLE_OWNER}".encode())
        await connection.execute(f"ALTER TABLE audit_entries OWNER TO {_SIMPLE_OWNER}".encode())
        await connection.execute(f"SET LOCAL ROLE {_SIMPLE_OWNER}".encode())
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            await connection.execute(change.encode())
        await connection.rollback()


@pytest.mark.parametrize("change", CHANGES)
async def test_the_application_may_not_change_the_record_even_where_the_triggers_are_gone(
    conn: Connection, application: Connection, change: str
) -> None:
    for trigger in ("append_only", "no_truncate"):
        await conn.execute(f"DROP TRIGGER audit_entries_{trigger} ON audit_entries".encode())
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
        await application.execute(change.encode())


async def test_the_application_can_append_read_and_anchor(pool: Pool, conn: Connection) -> None:
    async with pool.connection() as connection:
        await connection.execute("SET LOCAL ROLE orderflow_app")
        await audit.append(connection, audit.Entry(subject="order:web-9", at=NOON, by=CLERK, act="placed"))
        await anchors.anchor(connection, KEY, NOON)
    assert (await verified(pool)).whole
    assert await value(conn, "SELECT count(*) FROM audit_entries WHERE subject = 'order:web-9'") == 1


async def test_the_application_can_work_in_every_other_table(conn: Connection) -> None:
    kept = {"audit_entries", "audit_chains", "audit_anchors", "audit_anchor_heads", "alembic_version"}
    cursor = await conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    tables = {row["tablename"] for row in await cursor.fetchall()} - kept
    assert len(tables) > 20
    for table in tables:
        for right in ("SELECT", "INSERT", "UPDATE", "DELETE"):
            assert await value(conn, "SELECT has_table_privilege('orderflow_app', %s, %s)", table, right), (
                table,
                right,
            )


async def test_tables_that_come_later_are_granted_too(conn: Connection) -> None:
    await conn.execute("CREATE TABLE later (id integer)")
    assert await value(conn, "SELECT has_table_privilege('orderflow_app', 'later', 'INSERT')")


# --- what verification says of missing locks -----------------------------------------


async def unlocked(pool: Pool) -> list[str]:
    """The details of what verification finds, all of it about locks."""
    report = await verified(pool)
    assert {one.fault for one in report.findings} <= {Fault.UNLOCKED}
    return [one.detail for one in report.findings]


async def test_a_missing_trigger_is_a_finding(pool: Pool, conn: Connection) -> None:
    await conn.execute("DROP TRIGGER audit_entries_append_only ON audit_entries")
    assert await unlocked(pool) == ["the trigger audit_entries_append_only is missing"]


@pytest.mark.parametrize("state", ["DISABLE TRIGGER", "ENABLE TRIGGER", "ENABLE REPLICA TRIGGER"])
async def test_a_weakened_trigger_is_a_finding(pool: Pool, conn: Connection, state: str) -> None:
    await conn.execute(f"ALTER TABLE audit_anchors {state} audit_anchors_no_truncate".encode())
    (detail,) = await unlocked(pool)
    assert detail.startswith("the trigger audit_anchors_no_truncate was switched off")


async def test_a_trigger_that_lets_everything_pass_is_a_finding(pool: Pool, conn: Connection) -> None:
    await conn.execute(
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RETURN coalesce(NEW, OLD); END $$"
    )
    assert len(await unlocked(pool)) == 6


async def test_a_right_to_change_the_record_is_a_finding(pool: Pool, conn: Connection) -> None:
    await conn.execute("GRANT DELETE ON audit_entries TO orderflow_app")
    assert await unlocked(pool) == ["orderflow_app was granted DELETE on audit_entries"]


async def test_a_right_given_to_everybody_is_a_finding(pool: Pool, conn: Connection) -> None:
    await conn.execute("GRANT UPDATE ON audit_anchors TO PUBLIC")
    assert await unlocked(pool) == ["everybody was granted UPDATE on audit_anchors"]


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("CREATE RULE quiet AS ON INSERT TO audit_entries DO INSTEAD NOTHING", "the rule quiet"),
        ("CREATE POLICY partly ON audit_entries USING (id <> 1)", "the policy partly"),
        (
            "CREATE TRIGGER a_quiet BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION refuse_change()",
            "the trigger a_quiet",
        ),
    ],
)
async def test_what_could_swallow_or_hide_entries_is_a_finding(
    pool: Pool, conn: Connection, statement: str, what: str
) -> None:
    await conn.execute(statement.encode())
    assert await unlocked(pool) == [f"{what} was put on audit_entries"]
