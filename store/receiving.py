"""Receiving: a message is stored whole, and once, with the person it brings, in the caller's transaction (R2, R5)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime, timedelta

from psycopg import AsyncCursor
from psycopg.types.json import Jsonb

from domain import sayings
from domain.intake import Fault
from models.inbox import Envelope
from models.translation import Version
from runtime.crypto import Vault, place
from store import alerts, contacts, idempotency, versions
from store.inbox import Incoming, Kept, Received, Taken
from store.pool import Connection, Row

# The door forwards a new message itself at once; the schedule leaves it alone for so long.
_DOOR_GOES_FIRST = timedelta(seconds=5)


def new_message_id(at: datetime) -> str:
    """A UUIDv7: ids sort by time of arrival."""
    millis = int(at.timestamp() * 1000)
    number = (millis << 80) | int.from_bytes(os.urandom(10))
    number = (number & ~(0xF << 76)) | (0x7 << 76)
    number = (number & ~(0x3 << 62)) | (0x2 << 62)
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


async def receive(conn: Connection, vault: Vault, incoming: Incoming) -> Received:
    """Store a message and the person it brings, or neither, in the caller's transaction (R2, R5).

    Only the first message of an order starts it and brings its contact; a later one only tells.
    """
    if incoming.delivery_id and await (await _claiming_delivery(conn, incoming)).fetchone() is None:
        return Received("")
    first, envelope = await _claim_order(conn, incoming)
    message_id = new_message_id(incoming.at)
    cursor = await _inserting(conn, vault, incoming, envelope, message_id)
    if await cursor.fetchone() is None:
        return Received("", first)
    if incoming.version is not None and envelope.order_no is not None:
        await _note_version(conn, incoming, envelope.order_no, incoming.version, first)
    if envelope.start is not None and incoming.person is not None:
        contact_id, channel = envelope.start.contact_id, envelope.start.channel
        await contacts.keep(conn, vault, contact_id, incoming.person, channel=channel, at=incoming.at)
    return Received(message_id, first, in_hand(incoming, envelope, message_id))


def can_be_first(incoming: Incoming) -> bool:
    """Whether it brings a whole order with its person; if nobody has heard of it, it starts that order."""
    return None not in (incoming.envelope.start, incoming.content, incoming.person)


async def refuse(
    conn: Connection, vault: Vault, *, source: str, topic: str, dedupe_key: str, body: bytes,
    faults: Sequence[Fault], at: datetime,
) -> None:  # fmt: skip
    """Keep an authentic message that cannot be an order, with its faults; a repeat is kept once."""
    message_id = new_message_id(at)
    whole = vault.seal_message(body, place("inbox", "sealed", message_id))
    listed = Jsonb([{"field": fault.field, "problem": fault.problem} for fault in faults])
    await conn.execute(
        """INSERT INTO inbox (message_id, source, topic, dedupe_key, sealed, state, faults, received_at)
           VALUES (%s, %s, %s, %s, %s, 'refused', %s, %s) ON CONFLICT (dedupe_key) DO NOTHING""",
        (message_id, source, topic, dedupe_key, whole, listed, at),
    )


async def _note_version(
    conn: Connection, incoming: Incoming, order_no: str, version: Version, first: bytes | None
) -> None:
    """Remember the newest version heard of; an order that became another one after it was taken in is told of.

    A running order keeps what it began with: what the channel changed of its goods or sums
    later is for people to see. An older version that comes late says nothing new.
    """
    newer = await versions.note(conn, incoming.source, order_no, version, incoming.at)
    if newer and incoming.content is not None and first is not None and incoming.content != first:
        await alerts.raise_alert(
            conn,
            sayings.order_changed_at_channel(order_no, incoming.source),
            at=incoming.at,
            department="customer_service",
            key=f"changed:{order_no}:{version.changed_at.isoformat()}:{version.facts}",
            order_no=order_no,
        )


async def _claiming_delivery(conn: Connection, incoming: Incoming) -> AsyncCursor[Row]:
    """A delivery id is remembered for ever: providers repeat for days (FIELD_NOTES, wire formats)."""
    assert incoming.delivery_id is not None
    return await idempotency.claiming(conn, f"delivery:{incoming.source}", incoming.delivery_id, b"", incoming.at)


async def _claim_order(conn: Connection, incoming: Incoming) -> tuple[bytes | None, Envelope]:
    """Whoever claims the order's number first starts it; the others' messages only tell."""
    envelope = incoming.envelope
    if envelope.start is None or incoming.content is None:
        return None, envelope
    order_no = envelope.start.order_no
    if await idempotency.claim(conn, "order", order_no, incoming.content, incoming.at):
        return incoming.content, envelope
    first = await idempotency.recall(conn, "order", order_no)
    return first, envelope.model_copy(update={"start": None})


async def _inserting(
    conn: Connection, vault: Vault, incoming: Incoming, envelope: Envelope, message_id: str
) -> AsyncCursor[Row]:
    """Seal and keep it; the answer to be fetched has a row unless the message is a repeat."""
    # A message that was refused is accepted when it comes again and we have learned to read it; a parked one
    # that its sender sends again has another two weeks.
    return await conn.execute(
        """INSERT INTO inbox (message_id, source, topic, dedupe_key, order_no, sealed, state, received_at,
                              next_attempt_at)
           VALUES (%s, %s, %s, %s, %s, %s, 'received', %s, %s)
           ON CONFLICT (dedupe_key) DO UPDATE
              SET message_id = EXCLUDED.message_id, order_no = EXCLUDED.order_no, sealed = EXCLUDED.sealed,
                  state = 'received', faults = NULL, received_at = EXCLUDED.received_at,
                  next_attempt_at = EXCLUDED.next_attempt_at, parked_at = NULL, attempts = 0, last_error = NULL
            WHERE inbox.state IN ('refused', 'parked')
           RETURNING message_id""",
        (
            message_id, incoming.source, incoming.topic, incoming.dedupe_key, envelope.order_no,
            sealed(vault, incoming, envelope, message_id), incoming.at, next_attempt(incoming.at),
        ),
    )  # fmt: skip


def sealed(vault: Vault, incoming: Incoming, envelope: Envelope, message_id: str) -> bytes:
    """The translation and the message as it came, sealed for the inbox's row of that id."""
    kept = Kept.of(envelope, incoming.body).model_dump_json()
    return vault.seal_message(kept.encode(), place("inbox", "sealed", message_id))


def next_attempt(at: datetime) -> datetime:
    """When a message of that instant is due, if its door has not forwarded it."""
    return at + _DOOR_GOES_FIRST


def in_hand(incoming: Incoming, envelope: Envelope, message_id: str) -> Taken:
    """The message in the hand of the door that has just kept it."""
    return Taken(message_id, incoming.source, incoming.topic, envelope.order_no, envelope, 0, incoming.at)
