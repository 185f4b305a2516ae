"""Orders that nobody has heard of, and that come at once, are kept at once: one statement for all of them (R1, R5).

Most messages at a busy door are the first of their order. While one batch is being written, the
next gathers: nobody waits for company, and the busier the door, the less each message costs.
Whatever is not plainly new, or whose batch fails, goes the long way by itself (store.receiving).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog

from runtime.crypto import Vault
from store import contacts, receiving
from store.inbox import Incoming, Received
from store.pool import Connection, Pool, by_itself

MOST_AT_ONCE, WRITERS = 50, 2
_HELD_UP_S = 0.05
"""A writer that waits for a lock this long must not keep the others waiting: a second one begins.

Not before: two that take turns halve the batches, and each batch has a price of its own.
"""

_Place = asyncio.Future[Received | None]

log = structlog.get_logger(__name__)


class Gathering:
    """Where the messages of one process meet on their way into the inbox."""

    def __init__(self, pool: Pool, vault: Vault) -> None:
        self._pool = pool
        self._vault = vault
        self._waiting: list[tuple[Incoming, _Place]] = []
        self._writers: set[asyncio.Task[None]] = set()
        self._held_up: set[asyncio.Task[None]] = set()

    async def keep(self, incoming: Incoming) -> Received | None:
        """Keep it, if it is an order's first message; None, and nothing kept, if it has to go by itself."""
        if not receiving.can_be_first(incoming):
            return None
        place: _Place = asyncio.get_running_loop().create_future()
        self._waiting.append((incoming, place))
        self._begin()
        return await place

    def _begin(self) -> None:
        """Write what waits, unless somebody does who gets on with it."""
        if self._waiting and self._writers == self._held_up and len(self._writers) < WRITERS:
            self._writers.add(asyncio.create_task(self._write()))

    async def _write(self) -> None:
        writer = asyncio.current_task()
        assert writer is not None
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
                answers = await self._watched(writer, [incoming for incoming, _ in batch])
                for (_, place), answer in zip(batch, answers, strict=True):
                    # Whoever hung up has kept its message all the same.
                    if not place.done():
                        place.set_result(answer)
        finally:
            # At once after the last look at who waits: whoever comes next must not count on this writer.
            self._writers.discard(writer)

    async def _watched(self, writer: asyncio.Task[None], batch: Sequence[Incoming]) -> Sequence[Received | None]:
        watch = asyncio.get_running_loop().call_later(_HELD_UP_S, self._relieve, writer)
        try:
            return await self._kept(batch)
        finally:
            watch.cancel()
            self._held_up.discard(writer)

    def _relieve(self, writer: asyncio.Task[None]) -> None:
        self._held_up.add(writer)
        self._begin()

    async def _kept(self, batch: Sequence[Incoming]) -> Sequence[Received | None]:
        try:
            async with by_itself(self._pool) as conn:
                return await keep_first(conn, self._vault, batch)
        except Exception as error:  # noqa: BLE001
            # Two that claim the same name at once, say. Whatever it was: by itself each learns which came first,
            # or what is wrong with it, and a fault of ours answers there.
            log.warning("batch_goes_singly", error=type(error).__name__, messages=len(batch))
            return [None] * len(batch)


async def keep_first(conn: Connection, vault: Vault, batch: Sequence[Incoming]) -> list[Received | None]:
    """Keep those of the batch of which nothing is known; raises psycopg's errors when others claim the same."""
    # All take their locks in the order of the orders' numbers, so that two processes cannot wait for each other.
    ordered = sorted(batch, key=lambda incoming: str(incoming.envelope.order_no))
    rows = [_row(vault, incoming) for incoming in ordered]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    cursor = await conn.execute(_KEEP_FIRST, columns)
    kept = {row["message_id"] async for row in cursor}
    made = {
        id(incoming): receiving.in_hand(incoming, incoming.envelope, row["message_id"])
        for incoming, row in zip(ordered, rows, strict=True)
        if row["message_id"] in kept
    }
    return [
        Received(made[id(incoming)].message_id, incoming.content, made[id(incoming)]) if id(incoming) in made else None
        for incoming in batch
    ]


def _row(vault: Vault, incoming: Incoming) -> dict[str, Any]:
    start, person, version = incoming.envelope.start, incoming.person, incoming.version
    assert start is not None, "receiving.can_be_first has seen to it"
    assert person is not None
    message_id = receiving.new_message_id(incoming.at)
    return {
        "message_id": message_id,
        "source": incoming.source,
        "topic": incoming.topic,
        "dedupe_key": incoming.dedupe_key,
        "order_no": start.order_no,
        "sealed": receiving.sealed(vault, incoming, incoming.envelope, message_id),
        "received_at": incoming.at,
        "next_attempt_at": receiving.next_attempt(incoming.at),
        "content": incoming.content,
        "delivery_id": incoming.delivery_id,
        "changed_at": version.changed_at if version else None,
        "facts": version.facts if version else None,
        **contacts.row_of(vault, start.contact_id, person, channel=start.channel, at=incoming.at),
    }


_TYPES = {
    "text": (
        *("message_id", "source", "topic", "dedupe_key", "order_no", "delivery_id", "facts"),
        *("contact_id", "channel", "key_version", "country"),
    ),
    "bytea": (
        *("sealed", "content", "wrapped_key", "name", "phone", "address", "remark", "email"),
        *("phone_index", "account_index", "address_index"),
    ),
    "timestamptz": ("received_at", "next_attempt_at", "changed_at", "created_at"),
}
_COLUMNS = [(name, kind) for kind, names in _TYPES.items() for name in names]

# Sub-selects that count, and not NOT EXISTS: those are answered by the keys, however young the statistics are,
# where an anti-join might read all claims there ever were.
_KEEP_FIRST = f"""
WITH came AS MATERIALIZED (
    SELECT * FROM unnest({", ".join(f"%({name})b::{kind}[]" for name, kind in _COLUMNS)})
        AS came ({", ".join(name for name, _ in _COLUMNS)})
), fresh AS MATERIALIZED (
    SELECT * FROM came
    WHERE (SELECT count(*) FROM idempotency_keys WHERE principal = 'order' AND key = came.order_no) = 0
      AND (SELECT count(*) FROM inbox WHERE dedupe_key = came.dedupe_key) = 0
      AND (SELECT count(*) FROM idempotency_keys
           WHERE principal = 'delivery:' || came.source AND key = came.delivery_id) = 0
), claimed AS (
    INSERT INTO idempotency_keys (principal, key, request_hash, created_at)
    SELECT 'order', order_no, content, received_at FROM fresh
    UNION ALL
    SELECT 'delivery:' || source, delivery_id, '', received_at FROM fresh WHERE delivery_id IS NOT NULL
), noted AS (
    INSERT INTO channel_versions (order_no, channel, changed_at, facts, heard_at)
    SELECT order_no, source, changed_at, facts, received_at FROM fresh WHERE changed_at IS NOT NULL
), people AS (
    INSERT INTO contacts (contact_id, channel, wrapped_key, key_version, name, phone, address, remark, email,
                          phone_index, account_index, address_index, country, created_at)
    SELECT contact_id, channel, wrapped_key, key_version, name, phone, address, remark, email,
           phone_index, account_index, address_index, country, created_at FROM fresh
)
INSERT INTO inbox (message_id, source, topic, dedupe_key, order_no, sealed, state, received_at, next_attempt_at)
SELECT message_id, source, topic, dedupe_key, order_no, sealed, 'received', received_at, next_attempt_at FROM fresh
RETURNING message_id
"""
