"""A backup: a dated set without persons, and the one file of persons anew, all of one moment (R21, R29)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias
from zipfile import ZipFile

import psycopg
from psycopg.sql import Composed

from runtime.postgres_programs import Programs, Running
from store import backup_files as files
from store import migrate
from store.apart import APART, FLEETING, of_persons, of_set
from store.backup_files import BackupRefused, Manifest, Mark
from store.migrate import REVISION_TABLE

Progress: TypeAlias = Callable[[str, int], None]
"""Told what is being moved, and how many more bytes of it were."""
Session: TypeAlias = psycopg.Connection[tuple[object, ...]]


class AnotherDatabase(BackupRefused):
    """The file of persons is of a database that this one does not go on from."""


class PersonsMissing(BackupRefused):
    """There are sets, and not the file that opens the persons in them."""


class NotMigrated(BackupRefused):
    """The database is of another revision than this program, which may not know all that is secret in it."""


@dataclass(frozen=True)
class Taken:
    """What was written; ``name`` is None when it was the file of persons alone."""

    name: str | None
    taken_at: str
    persons: Path
    mark: Mark | None


def server_version(database_url: str) -> int:
    """The server's major version."""
    with psycopg.connect(database_url) as conn:
        return conn.info.server_version // 10_000


def take(database_url: str, folder: Path, programs: Programs | None, progress: Progress = lambda *_: None) -> Taken:
    """Write a set and replace the file of persons; without ``programs`` the file of persons alone.

    Raises :class:`BackupRefused`, ``ProgramFailed``. The file of persons takes its place first: should
    the machine stop between the two, every set still finds the keys of those who are in it.
    """
    with files.only_one(folder), _moment(database_url) as (conn, snapshot):
        manifest = _manifest(conn)
        _same_lineage(conn, folder, rescuing=programs is None)
        name = None
        if programs is not None:
            name = files.name_at(folder, datetime.fromisoformat(manifest.taken_at))
            _write_set(conn, files.unfinished(folder, name), manifest, (programs, database_url, snapshot), progress)
        _write_persons(conn, files.unfinished(folder, files.PERSONS), manifest, progress)
        files.complete(folder, files.PERSONS)
        if name is not None:
            files.complete(folder, name)
    return Taken(name, manifest.taken_at, folder / files.PERSONS, manifest.mark)


@contextmanager
def _moment(database_url: str) -> Iterator[tuple[Session, str]]:
    """A transaction that sees one moment, and its name for pg_dump; nothing limits how long it lasts."""
    unlimited = "-c timezone=UTC -c statement_timeout=0 -c idle_in_transaction_session_timeout=0"
    with psycopg.connect(database_url, options=unlimited) as conn:
        conn.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        conn.read_only = True
        (snapshot,) = conn.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
        yield conn, str(snapshot)


def _manifest(conn: Session) -> Manifest:
    (revision,) = conn.execute(f"SELECT version_num FROM {REVISION_TABLE}".encode()).fetchone() or ("",)
    if revision == migrate.UNFINISHED_RESTORE:
        raise NotMigrated(migrate.RESTORE_AGAIN)
    if revision != migrate.head():
        raise NotMigrated(
            f"the database is of revision {revision}, this program of {migrate.head()}: run orderflow migrate"
        )
    last = conn.execute("SELECT id, encode(hash, 'hex') FROM audit_entries ORDER BY id DESC LIMIT 1").fetchone()
    first = conn.execute("SELECT encode(hash, 'hex') FROM audit_entries ORDER BY id LIMIT 1").fetchone()
    return Manifest(
        taken_at=datetime.now(UTC).isoformat(timespec="seconds"),
        revision=str(revision),
        server=conn.info.server_version // 10_000,
        mark=Mark.model_validate({"id": last[0], "hash": last[1]}) if last else None,
        origin=str(first[0]) if first else None,
        columns={one.table: _columns(conn, one.table) for one in APART},
    )


def _columns(conn: Session, table: str) -> list[str]:
    rows = conn.execute(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = %s ORDER BY ordinal_position",
        (table,),
    )
    return [str(name) for (name,) in rows]


def _same_lineage(conn: Session, folder: Path, *, rescuing: bool) -> None:
    """Refuse to replace the keys of another database, or of one that was newer before a restore.

    Where the file of persons is gone, the sets say whose it was; it is written anew only by itself.
    """
    known = [folder / files.PERSONS]
    if not known[0].exists():
        known = [folder / name for name in files.sets(folder)]
        if known and not rescuing:
            raise PersonsMissing(
                f"{folder} holds {len(known)} sets but no {files.PERSONS}, without which nobody in them can be read: "
                "put it back; if it is lost, --persons-only writes it anew, from the database that the sets are of"
            )
    if not all(_has_come_by(conn, files.manifest_of(one).mark) for one in known):
        raise AnotherDatabase(
            f"{folder} holds backups of another database, or of this one before an older set was restored; "
            "a backup here would destroy the keys of persons whom this database does not know: name another folder"
        )


def _has_come_by(conn: Session, mark: Mark | None) -> bool:
    """Whether this database went on from there."""
    if mark is None:
        return True
    known = conn.execute("SELECT FROM audit_entries WHERE id = %s AND encode(hash, 'hex') = %s", (mark.id, mark.hash))
    return known.fetchone() is not None


def _write_set(
    conn: Session, place: Path, manifest: Manifest, dump: tuple[Programs, str, str], progress: Progress
) -> None:
    place.mkdir(mode=0o700)
    dumping = _dump(place / files.TRADE, *dump)
    try:
        with files.archive(place / files.SPLIT) as archive:
            for one in APART:
                _copy_out(conn, archive, one.table, of_set(one, manifest.columns[one.table]), progress)
        _watch(dumping, place / files.TRADE, progress)
    except BaseException:
        # What it says of being ended would hide why it was.
        dumping.stop()
        raise
    sums = {name: files.digest(place / name) for name in (files.TRADE, files.SPLIT)}
    (place / files.MANIFEST).write_text(manifest.model_copy(update={"sha256": sums}).model_dump_json(indent=2))


def _dump(file: Path, programs: Programs, database_url: str, snapshot: str) -> Running:
    without = (*(one.table for one in APART), *FLEETING, REVISION_TABLE)
    return programs.start(
        "pg_dump",
        [
            "--format=custom", "--schema=public", "--no-owner", "--no-acl", f"--snapshot={snapshot}",
            f"--file={file}", *(f"--exclude-table-data=public.{table}" for table in without),
        ],
        database_url,
    )  # fmt: skip


def _watch(dumping: Running, file: Path, progress: Progress) -> None:
    """Tell how far the dump is, until it ends; raises ``ProgramFailed``."""
    seen, runs = 0, True
    while runs:
        runs = dumping.runs_after(0.5)
        size = file.stat().st_size if file.exists() else 0
        progress("trade", size - seen)
        seen = size
    dumping.ended()


def _write_persons(conn: Session, place: Path, manifest: Manifest, progress: Progress) -> None:
    own = manifest.model_copy(update={"columns": {one.table: list(one.own) for one in APART}})
    with files.archive(place) as archive:
        for one in APART:
            _copy_out(conn, archive, one.table, of_persons(one), progress)
        archive.writestr(files.MANIFEST, own.model_dump_json(indent=2))


def _copy_out(conn: Session, archive: ZipFile, table: str, query: Composed, progress: Progress) -> None:
    with conn.cursor() as cursor, archive.open(table, "w", force_zip64=True) as member, cursor.copy(query) as copy:
        for part in copy:
            progress(table, member.write(part))
