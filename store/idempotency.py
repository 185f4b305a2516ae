"""Answered requests: the same key with the same body gets the same answer, with another body a refusal.

The row is written before the work and holds the answer after it. A row without an answer
belongs to a request under way, or to one whose process died: whoever waits long enough
carries on in its place, since everything behind this is idempotent by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import AsyncCursor
from psycopg.types.json import Jsonb

from runtime.crypto import Indexed, Vault
from store.pool import Connection, Row


def fingerprint(vault: Vault, text: str) -> bytes:
    """What tells two requests apart: keyed, since a plain hash of a phone number can be guessed (R21)."""
    index = vault.blind_index(Indexed.ACCOUNT, f"request\0{text}")
    assert index is not None, "a text with a prefix is never empty"
    return index


@dataclass(frozen=True)
class Asked:
    """What is known of a key. ``fresh``: it is ours to answer; ``same_request``: the body is the same."""

    fresh: bool
    same_request: bool
    status: int | None = None
    response: dict[str, Any] | None = None


async def begin(conn: Connection, principal: str, key: str, request_hash: bytes, at: datetime) -> Asked:
    """Take the key if it is free, else say how it stands. Call it in a transaction of its own."""
    cursor = await conn.execute(
        """INSERT INTO idempotency_keys (principal, key, request_hash, created_at)
           VALUES (%s, %s, %s, %s) ON CONFLICT (principal, key) DO NOTHING RETURNING key""",
        (principal, key, request_hash, at),
    )
    if await cursor.fetchone() is not None:
        return Asked(fresh=True, same_request=True)
    return await look(conn, principal, key, request_hash)


async def look(conn: Connection, principal: str, key: str, request_hash: bytes) -> Asked:
    """How a key stands; a key that is gone meanwhile (its request was refused) is fresh again."""
    cursor = await conn.execute(
        "SELECT request_hash, status, response FROM idempotency_keys WHERE principal = %s AND key = %s",
        (principal, key),
    )
    row = await cursor.fetchone()
    if row is None:
        return Asked(fresh=True, same_request=True)
    return Asked(
        fresh=False,
        same_request=bytes(row["request_hash"]) == request_hash,
        status=row["status"],
        response=row["response"],
    )


async def finish(
    conn: Connection, principal: str, key: str, *, status: int, response: dict[str, Any]
) -> tuple[int, dict[str, Any]]:
    """Store the answer, unless a final one is there; returns the one that stands.

    202 is not final: it says that the outcome is not known yet.
    """
    cursor = await conn.execute(
        """UPDATE idempotency_keys SET status = %s, response = %s
           WHERE principal = %s AND key = %s AND (status IS NULL OR status = 202)""",
        (status, Jsonb(response), principal, key),
    )
    if cursor.rowcount == 1:
        return status, response
    stands = await conn.execute(
        "SELECT status, response FROM idempotency_keys WHERE principal = %s AND key = %s", (principal, key)
    )
    row = await stands.fetchone()
    return (status, response) if row is None else (row["status"], row["response"])


async def abandon(conn: Connection, principal: str, key: str) -> None:
    """Give a key back whose request was refused or has no final answer yet."""
    await conn.execute(
        "DELETE FROM idempotency_keys WHERE principal = %s AND key = %s AND status IS NULL", (principal, key)
    )


async def claim(conn: Connection, principal: str, key: str, fingerprint: bytes, at: datetime) -> bool:
    """Claim a name for ever (a channel's order id, a delivery's id): True for the first who does."""
    cursor = await claiming(conn, principal, key, fingerprint, at)
    return await cursor.fetchone() is not None


async def claiming(conn: Connection, principal: str, key: str, fingerprint: bytes, at: datetime) -> AsyncCursor[Row]:
    """The same, with the answer still to be fetched (a row for the first): in a pipeline it need not be waited for."""
    return await conn.execute(
        """INSERT INTO idempotency_keys (principal, key, request_hash, created_at) VALUES (%s, %s, %s, %s)
           ON CONFLICT (principal, key) DO NOTHING RETURNING key""",
        (principal, key, fingerprint, at),
    )


async def recall(conn: Connection, principal: str, key: str) -> bytes | None:
    """The fingerprint with which a name was claimed, if it was."""
    cursor = await conn.execute(
        "SELECT request_hash FROM idempotency_keys WHERE principal = %s AND key = %s", (principal, key)
    )
    row = await cursor.fetchone()
    return None if row is None else bytes(row["request_hash"])
