"""The blacklist as people keep it: by account, phone and address, through the blind index only (R27).

What was put there cannot be read back; whoever wants to take a value off needs the value,
or the number of its entry.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from domain.risk import BuyerIndex
from models.base import Actor
from runtime.crypto import Vault
from runtime.postal import normal_phone
from store import audit
from store.errors import StoreError
from store.pool import Connection, Row


class NothingToMatch(StoreError):
    """Nothing of the value is left that could be matched: no digit, no letter."""

    def __init__(self, kind: BuyerIndex) -> None:
        super().__init__(f"this cannot be a buyer's {kind}: there is nothing to match")


class NotListed(StoreError):
    """There is no such entry on the blacklist."""

    def __init__(self) -> None:
        super().__init__("there is no such entry on the blacklist")


@dataclass(frozen=True)
class Value:
    """What to match; ``country`` (ISO 3166 alpha-2) completes a phone number that names none."""

    kind: BuyerIndex
    text: str = field(repr=False)
    country: str = "CN"

    def index(self, vault: Vault) -> bytes:
        """Its blind index, made as an order's contact's is; raises NothingToMatch."""
        text = self.text
        if self.kind is BuyerIndex.PHONE:
            text = normal_phone(text, self.country) or text
        index = vault.blind_index(self.kind.value, text)
        if index is None:
            raise NothingToMatch(self.kind)
        return index


async def add(
    conn: Connection, vault: Vault, value: Value, *, reason: str, by: Actor, at: datetime, expires_at: datetime | None
) -> int:
    """Put a value on the blacklist, or change its entry; returns the entry's number. On record (R23)."""
    cursor = await conn.execute(
        "INSERT INTO blacklist (kind, value_index, reason, added_by, added_at, expires_at, source)"
        " VALUES (%s, %s, %s, %s, %s, %s, 'hand') ON CONFLICT (kind, value_index) DO UPDATE SET"
        " reason = excluded.reason, added_by = excluded.added_by, added_at = excluded.added_at,"
        " expires_at = excluded.expires_at, source = 'hand' RETURNING entry_no",
        (value.kind, value.index(vault), reason, by.id, at, expires_at),
    )
    row = await cursor.fetchone()
    assert row is not None
    until = expires_at.isoformat() if expires_at else None
    details = {"entry": row["entry_no"], "kind": value.kind, "expires_at": until}
    await _record(conn, "blacklist_added", by, at, reason, details)
    return int(row["entry_no"])


async def remove(conn: Connection, entry_no: int, *, by: Actor, why: str, at: datetime) -> None:
    """Take an entry off, made by a person or a counter; raises NotListed. On record (R23)."""
    cursor = await conn.execute("DELETE FROM blacklist WHERE entry_no = %s RETURNING kind, source, reason", (entry_no,))
    row = await cursor.fetchone()
    if row is None:
        raise NotListed
    await _record(conn, "blacklist_removed", by, at, why, {"entry": entry_no, **row})


async def entry_of(conn: Connection, vault: Vault, value: Value) -> int:
    """The number of the entry that holds this value; raises NotListed."""
    cursor = await conn.execute(
        "SELECT entry_no FROM blacklist WHERE kind = %s AND value_index = %s", (value.kind, value.index(vault))
    )
    row = await cursor.fetchone()
    if row is None:
        raise NotListed
    return int(row["entry_no"])


async def entries(conn: Connection, *, at: datetime, expired: bool = False) -> list[Row]:
    """What is on the blacklist at that instant, the newest first; with ``expired`` also what was."""
    cursor = await conn.execute(
        "SELECT entry_no, kind, source, reason, added_by, added_at, expires_at FROM blacklist"
        " WHERE %(expired)s OR expires_at IS NULL OR expires_at > %(at)s ORDER BY entry_no DESC",
        {"expired": expired, "at": at},
    )
    return await cursor.fetchall()


async def _record(conn: Connection, act: str, by: Actor, at: datetime, why: str, details: dict[str, object]) -> None:
    entry = audit.Entry(subject="blacklist", at=at, by=by, act=act, why=why, details=details)
    await audit.append(conn, entry)
