"""Rotation of the master key: every data key is wrapped anew, every sealed message sealed anew (R21).

The data keys themselves stay, so no personal value is touched and readers never wait: a
row's key and its version change in one statement. Work goes in small batches by primary
key over the rows of another version than the active one; so it can be stopped at any time
and goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from models.base import Actor
from runtime.crypto import CryptoError, Vault, WrappedKey, place
from store import audit
from store.pool import Connection, Pool, Row

Progress: TypeAlias = Callable[[str, int], None]
"""Told the table, and how many more rows of it were looked at."""

_BATCH = 200


@dataclass(frozen=True)
class SealedTable:
    """Rows under a version of the master key.

    ``version`` is the SQL that says which one, NULL for an erased row; ``columns`` are what
    ``renew`` gives anew.
    """

    table: str
    row_id: str
    version: str
    columns: tuple[str, ...]
    renew: Callable[[Vault, str, Row], Mapping[str, object]]


def _rewrapped(vault: Vault, row_id: str, row: Row) -> Mapping[str, object]:
    renewed = vault.rewrap(row_id, WrappedKey(bytes(row["wrapped_key"]), row["key_version"]))
    return {"wrapped_key": renewed.wrapped, "key_version": renewed.version}


def _own_key(table: str, row_id: str) -> SealedTable:
    """A table whose rows carry a data key of their own."""
    version = "CASE WHEN wrapped_key IS NOT NULL THEN key_version END"
    return SealedTable(table, row_id, version, ("wrapped_key", "key_version"), _rewrapped)


def _message(table: str, row_id: str) -> SealedTable:
    """A table whose column ``sealed`` begins with the length and the name of its key's version."""

    def resealed(vault: Vault, row: str, values: Row) -> Mapping[str, object]:
        where = place(table, "sealed", row)
        return {"sealed": vault.seal_message(vault.open_message(bytes(values["sealed"]), where), where)}

    # Not convert_from: one row that was tampered with must not stop the rotation of all others.
    version = "CASE WHEN length(sealed) > 0 THEN encode(substring(sealed FROM 2 FOR get_byte(sealed, 0)), 'escape') END"
    return SealedTable(table, row_id, version, ("sealed",), resealed)


TABLES: Sequence[SealedTable] = (
    _own_key("contacts", "contact_id"),
    _own_key("notes", "note_id"),
    _message("inbox", "message_id"),
    _message("second_factors", "factor_id"),
)
"""Every table under the master key; a test walks the database for one that is missing here."""


@dataclass(frozen=True)
class Count:
    """How many rows of a table are under a version of the master key."""

    table: str
    version: str
    rows: int


@dataclass(frozen=True)
class Failed:
    """A row that could not be moved to the active version; ``error`` is the name of its type."""

    table: str
    row_id: str
    error: str


@dataclass
class Rotated:
    """What a rotation did: rows moved by table, and the rows that it could not move."""

    rows: dict[str, int] = field(default_factory=dict)
    failed: list[Failed] = field(default_factory=list)


async def status(conn: Connection) -> list[Count]:
    """How many rows are under which version; erased rows have no key and do not count."""
    await conn.execute("SET LOCAL statement_timeout = '10min'")
    parts = [
        f"SELECT '{one.table}' AS name, {one.version} AS version, count(*) AS rows FROM {one.table} GROUP BY 2"
        for one in TABLES
    ]
    counted = f"SELECT * FROM ({' UNION ALL '.join(parts)}) c WHERE version IS NOT NULL ORDER BY 1, 2"
    cursor = await conn.execute(counted.encode())
    return [Count(row["name"], row["version"], row["rows"]) for row in await cursor.fetchall()]


def removable(counts: Sequence[Count], configured: Collection[str], active: str) -> list[str]:
    """The versions of the settings that nothing in the database needs any more."""
    return sorted(set(configured) - {active} - {count.version for count in counts})


async def rotate(pool: Pool, vault: Vault, active: str, progress: Progress = lambda _table, _rows: None) -> Rotated:
    """Bring every row to the ``active`` version, batch by batch, each in a transaction of its own (R21)."""
    done = Rotated()
    for table in TABLES:
        after: str | None = ""
        while after is not None:
            async with pool.connection() as conn:
                after = await _batch(conn, vault, table, active, after, done, progress)
    return done


async def note_rotation(conn: Connection, done: Rotated, active: str, by: Actor, at: datetime) -> None:
    """Put the rotation on record (R23)."""
    details = {"active": active, "rows": done.rows, "failed": len(done.failed)}
    await audit.append(conn, audit.Entry(subject="vault", at=at, by=by, act="keys_rotated", details=details))


async def _batch(
    conn: Connection, vault: Vault, table: SealedTable, active: str, after: str, done: Rotated, progress: Progress
) -> str | None:
    """Move the next rows; returns the last one's id, None when there was none."""
    cursor = await conn.execute(
        f"""SELECT {table.row_id} AS row_id, {", ".join(table.columns)} FROM {table.table}
            WHERE {table.row_id} > %(after)s AND {table.version} <> %(active)s
            ORDER BY {table.row_id} LIMIT {_BATCH} FOR UPDATE""".encode(),
        {"after": after, "active": active},
    )
    rows = await cursor.fetchall()
    for row in rows:
        await _move(conn, vault, table, row, done)
    progress(table.table, len(rows))
    return rows[-1]["row_id"] if rows else None


async def _move(conn: Connection, vault: Vault, table: SealedTable, row: Row, done: Rotated) -> None:
    """Renew one row; one that does not open is named, and does not stop the others."""
    try:
        renewed = table.renew(vault, row["row_id"], row)
    except CryptoError as error:
        done.failed.append(Failed(table.table, row["row_id"], type(error).__name__))
        return
    assignments = ", ".join(f"{name} = %({name})s" for name in renewed)
    await conn.execute(
        f"UPDATE {table.table} SET {assignments} WHERE {table.row_id} = %(row_id)s".encode(),
        {**renewed, "row_id": row["row_id"]},
    )
    done.rows[table.table] = done.rows.get(table.table, 0) + 1
