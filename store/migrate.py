"""Bring the database to the newest migration; safe to run by several processes at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, make_url
from sqlalchemy.pool import NullPool

# Any number will do, as long as every process that migrates takes the same.
_MIGRATION_LOCK = 0x0D0E7F10
REVISION_TABLE = "alembic_version"
UNFINISHED_RESTORE = "restore-unfinished"
"""Stands in the place of the revision until a restore is finished, so that nothing takes it for a database."""
RESTORE_AGAIN = "a restore into this database broke off: run orderflow restore again, with --replace"


class RestoreUnfinished(Exception):
    """The database is what a restore that broke off has left."""


def upgrade(database_url: str) -> None:
    """Apply every missing migration, all or none; a second process waits for the first.

    Raises :class:`RestoreUnfinished`.
    """
    with _upgrading(database_url) as (connection, config):
        if MigrationContext.configure(connection).get_current_revision() == UNFINISHED_RESTORE:
            raise RestoreUnfinished(RESTORE_AGAIN)
        command.upgrade(config, "head")


def upgrade_restored(database_url: str, revision: str) -> None:
    """Apply what is missing from that revision on, and leave the restore unfinished: it is not yet settled."""
    with _upgrading(database_url) as (connection, config):
        connection.exec_driver_sql(f"UPDATE {REVISION_TABLE} SET version_num = %s", (revision,))
        command.upgrade(config, "head")
        connection.exec_driver_sql(f"UPDATE {REVISION_TABLE} SET version_num = %s", (UNFINISHED_RESTORE,))


def current(database_url: str) -> str | None:
    """The revision the database stands at; None when it was never migrated."""
    with _connection(database_url) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """The newest revision this code knows."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    if revision is None:
        raise LookupError("no migrations were found beside store/migrate.py")
    return revision


def knows(revision: str) -> bool:
    """Whether this code has the migration of that revision."""
    return any(one.revision == revision for one in ScriptDirectory.from_config(_config()).walk_revisions())


@contextmanager
def _upgrading(database_url: str) -> Iterator[tuple[Connection, Config]]:
    with _connection(database_url) as connection, connection.begin():
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
        config = _config()
        config.attributes["connection"] = connection
        yield connection, config


def script(name: str) -> bytes:
    """The statements of a migration that are needed by themselves too, "0003/2_role.sql" say."""
    return (Path(__file__).parent / "migrations" / "sql" / name).read_bytes()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


@contextmanager
def _connection(database_url: str) -> Iterator[Connection]:
    url = make_url(database_url).set(drivername="postgresql+psycopg")
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        yield connection
