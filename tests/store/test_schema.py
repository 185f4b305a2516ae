"""The tables in Python and the tables in the database are the same."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import TEXT, create_engine, make_url
from sqlmodel.sql.sqltypes import AutoString

from models.tables import METADATA
from store import migrate
from store.pool import Connection


def test_every_column_of_the_migrations_is_in_the_tables_and_the_other_way_round(database_url: str) -> None:
    engine = create_engine(make_url(database_url).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": _other_type})
        differences = [found for found in compare_metadata(context, METADATA) if _matters(found)]
    engine.dispose()
    assert differences == []


def _other_type(context: Any, column: Any, metadata_column: Any, found: Any, wanted: Any) -> bool | None:
    # A Python str is text here; an unbounded varchar, as SQLModel says it, is the same thing.
    return False if isinstance(found, TEXT) and isinstance(wanted, AutoString) and not wanted.length else None


def _matters(difference: Any) -> bool:
    # Indexes and compound keys live in the migrations only: they are the database's business.
    kinds = {"remove_index", "add_constraint", "remove_constraint", "add_fk", "remove_fk"}
    return not (isinstance(difference, tuple) and difference[0] in kinds)


def test_a_migrated_database_stands_at_the_newest_revision(database_url: str) -> None:
    assert migrate.current(database_url) == migrate.head()


def test_migrating_again_changes_nothing(database_url: str) -> None:
    migrate.upgrade(database_url)
    assert migrate.current(database_url) == migrate.head()


@pytest.mark.parametrize("act", ["UPDATE audit_entries SET why = 'x'", "DELETE FROM audit_entries"])
async def test_the_audit_record_refuses_changes(conn: Connection, act: str) -> None:
    await conn.execute(
        "INSERT INTO audit_entries (subject, chain_no, at, wall_at, actor, role, act, why, details, prev_hash, hash)"
        " VALUES ('s', 1, now(), now(), 'a', 'r', 'act', '', '{}', '', '')"
    )
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await conn.execute(act)


async def test_the_audit_record_refuses_to_be_emptied(conn: Connection) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await conn.execute("TRUNCATE audit_entries")
