"""A set and the file of persons become a database again; who is not in that file comes back erased (R29).

The revision of the database is written last, once it is on record who came back erased: until then a
mark stands in its place, and nothing takes a restore that was interrupted for a database.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic, sleep
from zipfile import ZipFile

import psycopg
from psycopg.sql import SQL, Identifier

from models.base import Actor
from runtime.postgres_programs import Programs
from store import apart, audit, erasure, migrate
from store import backup_files as files
from store.apart import APART, Apart
from store.backup import Progress, Session
from store.backup_files import BackupRefused, Manifest
from store.migrate import REVISION_TABLE, UNFINISHED_RESTORE
from store.pool import Connection, Pool

_PART = 1 << 20
_AT_ONCE = 100
_PATIENCE_S = 5.0


class NotEmpty(BackupRefused):
    """The database holds something already."""


class InUse(BackupRefused):
    """Somebody works in the database that was to be replaced."""


class MadeByNewer(BackupRefused):
    """The backup is of a revision that this program does not know."""


class PersonsTooOld(BackupRefused):
    """The file of persons was written before the set, and cannot know everybody in it."""


class OthersPersons(BackupRefused):
    """The file of persons is of another database than the set."""


@dataclass(frozen=True)
class Source:
    """What is restored: a set, and the file of persons beside it."""

    place: Path
    trade: Manifest
    persons: Manifest

    @property
    def persons_file(self) -> Path:
        """The one file of persons of the folder."""
        return self.place.parent / files.PERSONS


def source(folder: Path, name: str | None) -> Source:
    """The set of that name, or the newest, whole and of a revision that is known; raises :class:`BackupRefused`."""
    place = files.chosen(folder, name)
    found = Source(place, files.manifest_of(place), files.manifest_of(folder / files.PERSONS))
    for manifest in (found.trade, found.persons):
        if manifest.format != files.FORMAT or not migrate.knows(manifest.revision):
            raise MadeByNewer(
                f"the backup of {manifest.taken_at} is of revision {manifest.revision}, which is newer than this "
                f"program's {migrate.head()}: restore it with the version that made it"
            )
    if _differ(found.trade, found.persons):
        raise OthersPersons(
            f"{files.PERSONS} is of another database than the set {place.name}, or of this one after an older set was "
            "restored: put the one that was written with the set, or a later one of that database, into the folder"
        )
    if _last(found.persons) < _last(found.trade):
        raise PersonsTooOld(
            f"{files.PERSONS} is of {found.persons.taken_at}, older than the set: whoever came between would come "
            "back erased; put the one that was written with the set, or a later one, into the folder"
        )
    return found


def _differ(trade: Manifest, persons: Manifest) -> bool:
    """Whether the records of acts differ at their first entry, or at the last where both have the same."""
    if None not in (trade.origin, persons.origin) and trade.origin != persons.origin:
        return True
    return _last(trade) == _last(persons) and trade.mark != persons.mark


def _last(manifest: Manifest) -> int:
    """How far the record of acts had come; it only grows, whatever the clock did."""
    return manifest.mark.id if manifest.mark else 0


def load(database_url: str, found: Source, programs: Programs, *, replace: bool, progress: Progress) -> None:
    """Fill the empty database, and bring its tables to this program's revision; it is not finished until settled.

    Raises :class:`NotEmpty`, :class:`InUse`, ``ProgramFailed``.
    """
    with psycopg.connect(database_url, autocommit=True, options="-c statement_timeout=0") as conn:
        _make_empty(conn, replace=replace)
        # Roles belong to the whole server, and are in no dump; this server may be new.
        conn.execute(migrate.script("0003/2_role.sql"))
        _run(programs, found, "pre-data", database_url, progress)
        conn.execute(f"INSERT INTO {REVISION_TABLE} VALUES (%s)".encode(), (UNFINISHED_RESTORE,))
        _run(programs, found, "data", database_url, progress)
        with conn.transaction(), ZipFile(found.place / files.SPLIT) as split, ZipFile(found.persons_file) as persons:
            for one in APART:
                _join(conn, one, found, split, persons, progress)
        _run(programs, found, "post-data", database_url, progress)
        with conn.transaction():
            conn.execute("REVOKE ALL ON FUNCTION grant_to_application() FROM PUBLIC")
            conn.execute("SELECT grant_to_application()")
        conn.execute("ANALYZE")
    migrate.upgrade_restored(database_url, found.trade.revision)


async def settle(pool: Pool, found: Source, by: Actor, at: datetime) -> int:
    """Put on record who came back erased, and the restore itself (R23), and so finish it; returns how many."""
    erased = 0
    why = f"no key in the backup's file of persons: set {found.place.name}, restored"
    while True:
        async with pool.connection() as conn:
            gone = await erasure.without_key(conn, _AT_ONCE)
            for contact_id, since in gone:
                await erasure.erase_restored(conn, contact_id, at=since, by=by, why=why)
            if not gone:
                await _on_record(conn, found, erased, by, at)
                return erased
        erased += len(gone)


async def _on_record(conn: Connection, found: Source, erased: int, by: Actor, at: datetime) -> None:
    details = {"set": found.place.name, "persons_of": found.persons.taken_at, "erased": erased}
    await audit.append(conn, audit.Entry(subject="backup", at=at, by=by, act="restored", details=details))
    await conn.execute(f"UPDATE {REVISION_TABLE} SET version_num = %s".encode(), (migrate.head(),))


def _make_empty(conn: Session, *, replace: bool) -> None:
    there = conn.execute("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace").fetchone()
    if there == (0,):
        return
    if not replace:
        raise NotEmpty("the database is not empty: name another in ORDERFLOW_DATABASE_URL, or say --replace")
    if not _left_alone(conn):
        raise InUse(_STOP_FIRST)
    try:
        _drop(conn)
    except psycopg.errors.LockNotAvailable:
        raise InUse(_STOP_FIRST) from None


def _left_alone(conn: Session) -> bool:
    """Whether nobody else is connected; whoever has just hung up is still seen for a moment."""
    until = monotonic() + _PATIENCE_S
    while conn.execute(_AT_WORK).fetchone() != (0,):
        if monotonic() > until:
            return False
        sleep(0.1)
    return True


def _drop(conn: Session) -> None:
    with conn.transaction():
        conn.execute("SET LOCAL lock_timeout = '5s'")
        conn.execute("DROP SCHEMA public CASCADE")
        conn.execute("CREATE SCHEMA public")
        conn.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")


def _run(programs: Programs, found: Source, section: str, database_url: str, progress: Progress) -> None:
    file = found.place / files.TRADE
    progress(f"trade, {section}", 0)
    # The schema is named so that what is in it is restored, and not the schema itself, which every database has.
    how = ("--exit-on-error", "--no-owner", "--no-acl", "--schema=public", f"--section={section}")
    programs.start("pg_restore", [*how, str(file)], database_url).ended()


def _join(conn: Session, one: Apart, found: Source, split: ZipFile, persons: ZipFile, progress: Progress) -> None:
    """Fill one table from both files."""
    if (columns := found.trade.columns.get(one.table)) is None:
        # The set is older than the table, or than its being kept apart: then its rows are in the dump.
        return
    own = found.persons.columns[one.table]
    for of, names, archive in (("set", columns, split), ("persons", own, persons)):
        conn.execute(apart.staging(one, of, names, columns))
        _copy_in(conn, one, of, names, _members(archive, one.table, progress))
    conn.execute(apart.joined(one, columns, own))


def _copy_in(conn: Session, one: Apart, of: str, names: Sequence[str], parts: Iterator[bytes]) -> None:
    with conn.cursor() as cursor, cursor.copy(apart.into_staging(one, of, names)) as copy:
        for part in parts:
            copy.write(part)
    conn.execute(SQL("ANALYZE {}").format(Identifier(f"{of}_{one.table}")))


def _members(archive: ZipFile, table: str, progress: Progress) -> Iterator[bytes]:
    with archive.open(table) as member:
        while part := member.read(_PART):
            progress(table, len(part))
            yield part


_STOP_FIRST = "somebody still works in the database: stop API, console and workers first"
# An idle API or worker holds no lock, and would write into the half of a database.
_AT_WORK = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
