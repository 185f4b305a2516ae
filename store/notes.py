"""Free text of people: sealed, each under a key of its own (R21). Only the note's id travels."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from runtime.crypto import Vault, WrappedKey, place
from store.pool import Connection, Row


@dataclass(frozen=True)
class Note:
    """A note in the clear, about an order; ``created_by`` is a staff id."""

    note_id: str
    order_no: str
    text: str = field(repr=False)
    created_by: str
    created_at: datetime


def note_id_for(order_no: str, key: str) -> str:
    """The id of the note that came with the request of this Idempotency-Key: a retry has the same one."""
    return f"nt_{uuid5(NAMESPACE_URL, f'orderflow:note:{order_no}:{key}').hex}"


async def write(conn: Connection, vault: Vault, note: Note) -> None:
    """Seal a note; writing the same id again changes nothing."""
    key, wrapped = vault.new_key(note.note_id)
    sealed = vault.seal(key, note.text, place("notes", "sealed", note.note_id))
    await conn.execute(
        """INSERT INTO notes (note_id, order_no, sealed, wrapped_key, key_version, created_at, created_by)
           VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (note_id) DO NOTHING""",
        (note.note_id, note.order_no, sealed, wrapped.wrapped, wrapped.version, note.created_at, note.created_by),
    )


async def read(conn: Connection, vault: Vault, note_id: str) -> str | None:
    """The text of a note; None if there is none, or its key was erased (R29)."""
    cursor = await conn.execute(
        "SELECT note_id, sealed, wrapped_key, key_version FROM notes WHERE note_id = %s", (note_id,)
    )
    row = await cursor.fetchone()
    return None if row is None or row["wrapped_key"] is None else _opened(vault, row)


async def of_order(conn: Connection, vault: Vault, order_no: str) -> list[Note]:
    """The notes on an order, the oldest first; those whose key was erased are gone (R29)."""
    cursor = await conn.execute(
        "SELECT note_id, sealed, wrapped_key, key_version, created_by, created_at FROM notes"
        " WHERE order_no = %s AND wrapped_key IS NOT NULL ORDER BY created_at, note_id",
        (order_no,),
    )
    return [
        Note(row["note_id"], order_no, _opened(vault, row), row["created_by"], row["created_at"])
        for row in await cursor.fetchall()
    ]


async def remove(conn: Connection, note_id: str) -> None:
    """Drop the note of a request that was refused: nothing is half-stored."""
    await conn.execute("DELETE FROM notes WHERE note_id = %s", (note_id,))


def _opened(vault: Vault, row: Row) -> str:
    key = vault.unwrap(row["note_id"], WrappedKey(bytes(row["wrapped_key"]), row["key_version"]))
    return vault.open(key, bytes(row["sealed"]), place("notes", "sealed", row["note_id"]))
