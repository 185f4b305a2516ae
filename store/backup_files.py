"""The folder of backups: dated sets, and the one file of persons (R29).

    20260104T031500Z/    a set: manifest.json, trade.dump (pg_dump), split.zip (tables without their secrets)
    persons.zip          what opens persons, of the latest backup alone

A name stands here only for what is complete: everything is written under another name, forced to
the disk, and renamed. What an interruption left is no backup, and the next backup sweeps it away.

    BackupRefused
    ├── Busy         another backup is being written into this folder
    ├── NoSuchSet    there is no set of that name, or none at all
    └── Damaged      a file is missing, or is not what was written
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import file_digest
from pathlib import Path
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from pydantic import BaseModel, ValidationError

PERSONS = "persons.zip"
MANIFEST, TRADE, SPLIT = "manifest.json", "trade.dump", "split.zip"
_NAME = re.compile(r"\d{8}T\d{6}Z(-\d)?")
_UNFINISHED = ".unfinished-"
FORMAT = 1


class BackupRefused(Exception):
    """Nothing was written or restored; the text says why."""


class Busy(BackupRefused):
    """Another backup is being written into this folder."""


class NoSuchSet(BackupRefused):
    """There is no set of that name, or none at all."""


class Damaged(BackupRefused):
    """A file is missing, or is not what was written."""


class Mark(BaseModel):
    """The last entry of the record of acts: only the database that went on from it has it (R23)."""

    id: int
    hash: str


class Manifest(BaseModel):
    """What a file of ours is: when it was read, of which revision of the database, with which columns."""

    format: int = FORMAT
    taken_at: str
    revision: str
    server: int
    mark: Mark | None = None
    origin: str | None = None
    """The hash of the first entry of the record of acts: of one database alone, however far it went."""
    columns: dict[str, list[str]]
    sha256: dict[str, str] = {}


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """One backup at a time: an older reading must never replace a newer one's file of persons. Raises Busy."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(f"another backup is being written into {folder}") from None
        for left in folder.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        yield


def unfinished(folder: Path, name: str) -> Path:
    """Where it is written before it is complete."""
    return folder / f"{_UNFINISHED}{name}"


def complete(folder: Path, name: str) -> None:
    """Force what was written to the disk and give it its name; what had the name is gone."""
    written = unfinished(folder, name)
    for part in (*(sorted(written.iterdir()) if written.is_dir() else ()), written):
        _forced(part)
    written.replace(folder / name)
    _forced(folder)


def name_at(folder: Path, at: datetime) -> str:
    """A name for a set of that moment; a second one of the same second has a number."""
    name = at.strftime("%Y%m%dT%H%M%SZ")
    names = (name, *(f"{name}-{number}" for number in range(2, 10)))
    return next(free for free in names if not (folder / free).exists())


def sets(folder: Path) -> list[str]:
    """The names of the complete sets, the oldest first."""
    return sorted(one.parent.name for one in folder.glob(f"*/{MANIFEST}") if _NAME.fullmatch(one.parent.name))


def chosen(folder: Path, name: str | None) -> Path:
    """The set of that name, or the newest; raises :class:`NoSuchSet`."""
    there = sets(folder)
    if not there or (name is not None and name not in there):
        raise NoSuchSet(f"there is no set {name or ''} in {folder}; there are: {', '.join(there) or 'none'}")
    return folder / (name or there[-1])


def manifest_of(place: Path) -> Manifest:
    """The manifest of a set, its files compared with it, or of the file of persons; raises :class:`Damaged`."""
    try:
        if place.suffix == ".zip":
            return _persons_manifest(place)
        manifest = Manifest.model_validate_json((place / MANIFEST).read_text())
        wrong = [name for name, known in manifest.sha256.items() if digest(place / name) != known]
    except (OSError, KeyError, BadZipFile, ValidationError) as error:
        raise Damaged(f"{place} cannot be read: {type(error).__name__}") from error
    if wrong:
        raise Damaged(f"{', '.join(wrong)} of {place} is not what was written")
    return manifest


def _persons_manifest(place: Path) -> Manifest:
    with ZipFile(place) as persons:
        if wrong := persons.testzip():
            raise Damaged(f"{wrong} of {place} is not what was written")
        return Manifest.model_validate_json(persons.read(MANIFEST))


def digest(file: Path) -> str:
    """SHA-256 of a file of any size."""
    with file.open("rb") as opened:
        return file_digest(opened, "sha256").hexdigest()


def archive(file: Path) -> ZipFile:
    """A new archive that nobody else may read. Sealed bytes do not shrink, their hexadecimal digits do."""
    file.touch(mode=0o600)
    return ZipFile(file, "w", ZIP_DEFLATED, compresslevel=1)


def _forced(place: Path) -> None:
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
