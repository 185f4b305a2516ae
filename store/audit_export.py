"""The record of acts as an auditor takes it along: rows of plain values, hashes included (R23)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from store import audit
from store.audit import Wanted
from store.pool import Pool

COLUMNS = (
    "id", "subject", "chain_no", "order_no", "at", "wall_at", "actor", "role", "act", "before", "after", "why",
    "note_id", "details", "outcome", "step_key", "request_id", "update_id", "prev_hash", "hash",
)  # fmt: skip
_PAGE = 1000


async def every(pool: Pool, wanted: Wanted) -> AsyncIterator[list[dict[str, Any]]]:
    """The entries in order of writing, page by page; no connection is kept while the reader is slow.

    Instants are ISO 8601 in UTC with microseconds and hashes are hex, as the chain's hash is
    computed over them (docs/audit.md).
    """
    after: int | None = None
    while True:
        async with pool.connection() as conn:
            rows = await audit.page(conn, wanted, after=after, limit=_PAGE)
        if rows:
            yield [{name: _plain(row[name]) for name in COLUMNS} for row in rows]
        if len(rows) < _PAGE:
            return
        after = rows[-1]["id"]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else value
