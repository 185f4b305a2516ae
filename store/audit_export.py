"""The record of acts as an auditor takes it along: rows of plain values, hashes included (R23)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from store.audit import Wanted
from store.pool import Connection

COLUMNS = (
    "id", "subject", "chain_no", "order_no", "at", "wall_at", "actor", "role", "act", "before", "after", "why",
    "note_id", "details", "outcome", "step_key", "request_id", "update_id", "prev_hash", "hash",
)  # fmt: skip


async def entries(conn: Connection, wanted: Wanted) -> AsyncIterator[dict[str, Any]]:
    """The entries in order of writing, as a stream; must run inside a transaction.

    Instants are ISO 8601 in UTC with microseconds and hashes are hex, as the chain's hash is
    computed over them (docs/audit.md).
    """
    await conn.execute("SET LOCAL statement_timeout = 0")
    async with conn.cursor("audit_export") as rows:
        await rows.execute(
            f"SELECT {', '.join(COLUMNS)} FROM audit_entries WHERE {wanted.where} ORDER BY id".encode(), vars(wanted)
        )
        async for row in rows:
            yield {name: _plain(row[name]) for name in COLUMNS}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else value
