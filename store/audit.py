"""The record of every act: appended under the lock of its chain, listed, and verified (R23).

Each subject ("order:<no>", "task:<no>", "contact:<id>") has a chain: an entry's hash is
SHA-256 over the hash before it and the entry in canonical JSON. Changing, removing,
inserting or reordering rows breaks the chain where it was done.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from psycopg import sql
from psycopg.types.json import Jsonb

from models.base import Actor
from store.pool import Connection, Row
from store.scopes import ORDER_WITHIN

LISTEN = "acts"
"""The name under which the database tells listeners the id of each entry, once it is committed.

What is shown and is no entry is told by the name of its list in place of an id: :func:`tell_of`.
"""
GENESIS = bytes(32)
"""What the first entry of a chain follows."""

_COVERED = (
    "subject", "order_no", "chain_no", "step_key", "at", "wall_at", "actor", "role", "act", "before", "after",
    "why", "note_id", "details", "outcome", "request_id", "update_id",
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One act. ``at`` is workflow time; ``outcome`` is what a second run of ``step_key`` is answered."""

    subject: str
    at: datetime
    by: Actor
    act: str
    order_no: str | None = None
    step_key: str | None = None
    before: str | None = None
    after: str | None = None
    why: str = ""
    note_id: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    outcome: Mapping[str, Any] | None = None
    request_id: str | None = None
    update_id: str | None = None


@dataclass(frozen=True)
class Chain:
    """The locked end of a subject's chain."""

    subject: str
    length: int
    head: bytes


@dataclass(frozen=True)
class Broken:
    """The first row at which a chain does not hold, and how it shows."""

    subject: str
    chain_no: int
    fault: str


async def lock(conn: Connection, subject: str) -> Chain:
    """Lock the chain of a subject until the transaction ends; whoever is second waits."""
    # The no-op update is what makes an existing row locked and read in its newest version.
    cursor = await conn.execute(
        "INSERT INTO audit_chains (subject, length, head) VALUES (%s, 0, %s)"
        " ON CONFLICT (subject) DO UPDATE SET length = audit_chains.length RETURNING length, head",
        (subject, GENESIS),
    )
    row = await cursor.fetchone()
    assert row is not None
    return Chain(subject, row["length"], bytes(row["head"]))


async def append(conn: Connection, entry: Entry, chain: Chain | None = None) -> int:
    """Append the entry to its subject's chain and return its id; ``chain`` if the caller locked it."""
    chain = chain or await lock(conn, entry.subject)
    row = _row(entry, chain)
    row |= {"prev_hash": chain.head, "hash": chain_hash(chain.head, row)}
    cursor = await conn.execute(_APPEND, row | {"details": Jsonb(row["details"]), "outcome": _json(row["outcome"])})
    written = await cursor.fetchone()
    assert written is not None
    return int(written["id"])


async def tell_of(conn: Connection, part: str) -> None:
    """Wake the watchers of a list that is no part of the record (``alerts``), or of a part of it that grew."""
    await conn.execute("SELECT pg_notify(%s, %s)", (LISTEN, part))


async def tell_again(conn: Connection, order_no: str) -> None:
    """Wake the watchers of an order of which something is shown that is no act, and so no entry (R33)."""
    await conn.execute(
        "SELECT pg_notify(%s, max(id)::text) FROM audit_entries WHERE order_no = %s HAVING max(id) IS NOT NULL",
        (LISTEN, order_no),
    )


_COLUMNS = (*_COVERED, "prev_hash", "hash")
_APPEND = f"""
WITH entry AS (
    INSERT INTO audit_entries ({", ".join(_COLUMNS)})
    VALUES ({", ".join(f"%({name})s" for name in _COLUMNS)})
    RETURNING id
), chain AS (
    UPDATE audit_chains SET length = %(chain_no)s, head = %(hash)s WHERE subject = %(subject)s
)
SELECT id, pg_notify('{LISTEN}', id::text) FROM entry
"""


def chain_hash(previous: bytes, row: Mapping[str, Any]) -> bytes:
    """The hash of a row that follows ``previous``: 32 bytes over all that the row says."""
    said = {name: _plain(row[name]) for name in _COVERED}
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(previous + text.encode()).digest()


@dataclass(frozen=True)
class Wanted:
    """Which entries; None asks for all. ``since`` is inclusive, ``until`` is not; both are workflow time.

    ``channels`` and ``warehouses`` are those that whoever asks is confined to.
    """

    order_no: str | None = None
    act: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    subject: str | None = None
    actor: str | None = None
    channels: Sequence[str] | None = None
    warehouses: Sequence[str] | None = None

    @property
    def where(self) -> str:
        """As a condition of SQL that takes this object's fields by name."""
        named = [_CONDITIONS[name] for name in _CONDITIONS if getattr(self, name) is not None]
        confined = self.channels is not None or self.warehouses is not None
        return " AND ".join([*named, *([_OWN] if confined else [])] or ["true"])


_CONDITIONS = {
    "order_no": "order_no = %(order_no)s",
    "act": "act = %(act)s",
    "since": "at >= %(since)s",
    "until": "at < %(until)s",
    "subject": "subject = %(subject)s",
    "actor": "actor = %(actor)s",
}
# Whoever is confined sees what was done to orders of theirs (R22).
_OWN = ORDER_WITHIN.format(row="audit_entries")


async def page(
    conn: Connection, wanted: Wanted, *, after: int | None = None, newest: bool = False, limit: int = 100
) -> list[Row]:
    """A keyset page in order of writing, or the newest first; ``after`` is the id of the last page's last entry."""
    beyond, direction = ("<", "DESC") if newest else (">", "ASC")
    statement = (
        f"SELECT * FROM audit_entries WHERE {wanted.where} AND (%(after)s::bigint IS NULL OR id {beyond} %(after)s)"
        f" ORDER BY id {direction} LIMIT %(limit)s"
    )
    cursor = await conn.execute(statement.encode(), {**vars(wanted), "after": after, "limit": limit})
    return await cursor.fetchall()


async def verify(conn: Connection, *, subject: str | None = None) -> Broken | None:
    """The first row at which a chain is broken; None when the whole record holds (R23).

    Reads the record as a stream in one snapshot, so that writers do not disturb it. Must
    run inside a transaction.
    """
    one_chain = sql.SQL("WHERE coalesce(e.subject, c.subject) = %(subject)s")
    async with conn.cursor("audit_verify") as rows:
        await rows.execute(_CHAINS.format(one_chain if subject else sql.SQL("")), {"subject": subject})
        follower = _Follower()
        async for row in rows:
            if broken := follower.next(row):
                return broken
        return follower.end()


_CHAINS = sql.SQL(
    "SELECT e.*, c.subject AS chain, c.length, c.head FROM audit_entries e"
    " FULL JOIN audit_chains c ON c.subject = e.subject {}"
    " ORDER BY coalesce(e.subject, c.subject), e.chain_no, e.id"
)


class _Follower:
    """Walks the rows of all chains, one after the other."""

    def __init__(self) -> None:
        self.last: Row | None = None
        self.number, self.head = 0, GENESIS

    def next(self, row: Row) -> Broken | None:
        subject = row["subject"] or row["chain"]
        if self.last is None or subject != (self.last["subject"] or self.last["chain"]):
            if broken := self.end():
                return broken
            self.number, self.head = 0, GENESIS
        self.last = row
        return self._link(row) if row["subject"] is not None else None

    def _link(self, row: Row) -> Broken | None:
        expected = self.number + 1
        if row["chain_no"] != expected:
            return Broken(row["subject"], expected, "an entry is missing")
        if bytes(row["prev_hash"]) != self.head:
            return Broken(row["subject"], expected, "the entry does not follow the one before it")
        if bytes(row["hash"]) != chain_hash(self.head, row):
            return Broken(row["subject"], expected, "the entry was changed")
        self.number, self.head = expected, bytes(row["hash"])
        return None

    def end(self) -> Broken | None:
        """Is the chain that was just walked as long as its anchor says?"""
        if self.last is None:
            return None
        subject = self.last["subject"] or self.last["chain"]
        if self.last["chain"] is None:
            return Broken(subject, self.number, "the chain has no anchor")
        if self.number != self.last["length"]:
            return Broken(subject, self.number + 1, "the end of the chain was cut off, or something was added to it")
        if self.head != bytes(self.last["head"]):
            return Broken(subject, self.number, "the chain ends in another entry than its anchor says")
        return None


def _row(entry: Entry, chain: Chain) -> dict[str, Any]:
    return {
        "subject": entry.subject,
        "order_no": entry.order_no,
        "chain_no": chain.length + 1,
        "step_key": entry.step_key,
        "at": entry.at,
        "wall_at": datetime.now(UTC),
        "actor": entry.by.id,
        "role": entry.by.role,
        "act": entry.act,
        "before": entry.before,
        "after": entry.after,
        "why": entry.why,
        "note_id": entry.note_id,
        "details": dict(entry.details),
        "outcome": None if entry.outcome is None else dict(entry.outcome),
        "request_id": entry.request_id,
        "update_id": entry.update_id,
    }


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(value, datetime) else value


def _json(value: Mapping[str, Any] | None) -> Jsonb | None:
    return None if value is None else Jsonb(value)
