"""The inbox: every message from outside, sealed under its dedupe key, before anything is done with it.

A message is ``received`` until it reached its order (``forwarded``) or was tried in vain for too
long (``parked``, store.parking), or ``refused`` when it cannot be an order at all; nothing is lost
while Temporal is down (DESIGN, idea 3). Beside its translation stands the message as it came, under
the same seal: a dispute, or a field that nobody here knew yet, can be looked up, and erasing a
buyer takes both away at once (R29).
"""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from psycopg import AsyncCursor
from psycopg.types.json import Jsonb
from pydantic import Field, ValidationError

from domain.intake import Fault
from models.inbox import Envelope
from models.person import Person
from models.translation import Version
from runtime.crypto import CryptoError, Vault, place
from store import alerts, contacts, idempotency, versions
from store.errors import StoreError
from store.pool import Connection, Row

# The door forwards a new message itself at once; the schedule leaves it alone for so long.
_DOOR_GOES_FIRST = timedelta(seconds=5)
_LONGEST_WAIT = timedelta(minutes=10)


@dataclass(frozen=True)
class Incoming:
    """A verified message, translated. ``person`` goes into the vault with it, if the order is new.

    ``dedupe_key`` says which event it tells of; ``delivery_id`` is the sender's own id of this
    delivery, where it has one. ``content`` is the fingerprint of the order it carries, ``body``
    the message as it came; a message of our own making (a scan, an import) has none.
    """

    source: str
    topic: str
    dedupe_key: str
    envelope: Envelope
    at: datetime
    delivery_id: str | None = None
    content: bytes | None = None
    person: Person | None = field(default=None, repr=False)
    body: bytes | None = field(default=None, repr=False)
    version: Version | None = None
    """How new the order in it is, where the whole order came."""


class Kept(Envelope):
    """What is sealed: the translation, and beside it the message as it came.

    ``body`` is text where the message is UTF-8, else it stands in ``body_base64``. A row that was
    sealed without either reads as an envelope alone, and this one reads as an envelope too.
    """

    body: str | None = Field(default=None, repr=False)
    body_base64: str | None = Field(default=None, repr=False)

    @classmethod
    def of(cls, envelope: Envelope, body: bytes | None) -> Kept:
        """The translation and the message, every byte of it."""
        facts: dict[str, Any] = dict(envelope)
        if body is None:
            return cls(**facts)
        try:
            return cls(**facts, body=body.decode())
        except UnicodeDecodeError:
            return cls(**facts, body_base64=base64.b64encode(body).decode())

    def raw(self) -> bytes | None:
        """The message as it came, byte for byte; None where none was kept."""
        if self.body_base64 is not None:
            return base64.b64decode(self.body_base64)
        return None if self.body is None else self.body.encode()


@dataclass(frozen=True)
class Received:
    """``new`` is False for a repeat; ``content`` is the fingerprint under which the order stands.

    ``taken`` is a new message in the hand of the door that kept it.
    """

    new: bool
    message_id: str
    content: bytes | None = None
    taken: Taken | None = None


class HeardBefore(Exception):
    """Something of this message is known already."""


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
        return Received(False, "")
    first, envelope = await _claim_order(conn, incoming)
    message_id = new_message_id(incoming.at)
    cursor = await _inserting(conn, vault, incoming, envelope, message_id)
    if await cursor.fetchone() is None:
        return Received(False, "", first)
    if incoming.version is not None and envelope.order_no is not None:
        await _note_version(conn, incoming, envelope.order_no, incoming.version, first)
    if envelope.start is not None and incoming.person is not None:
        contact_id, channel = envelope.start.contact_id, envelope.start.channel
        await contacts.keep(conn, vault, contact_id, incoming.person, channel=channel, at=incoming.at)
    return Received(True, message_id, first, _in_hand(incoming, envelope, message_id))


async def receive_first(conn: Connection, vault: Vault, incoming: Incoming) -> Received:
    """The same for an order nobody has heard of, in one journey to the database: the many that come at once.

    Raises :class:`HeardBefore` when any of it is known; the caller's transaction must then be given up.
    """
    start, content, person = incoming.envelope.start, incoming.content, incoming.person
    if start is None or content is None or person is None:
        raise HeardBefore
    message_id = new_message_id(incoming.at)
    async with conn.pipeline():
        news = [await _claiming_delivery(conn, incoming)] if incoming.delivery_id else []
        news.append(await idempotency.claiming(conn, "order", start.order_no, content, incoming.at))
        news.append(await _inserting(conn, vault, incoming, incoming.envelope, message_id))
        if incoming.version is not None:
            await versions.note(conn, incoming.source, start.order_no, incoming.version, incoming.at)
        await contacts.keep(conn, vault, start.contact_id, person, channel=start.channel, at=incoming.at)
    if any([await cursor.fetchone() is None for cursor in news]):
        raise HeardBefore
    return Received(True, message_id, content, _in_hand(incoming, incoming.envelope, message_id))


async def refuse(
    conn: Connection, vault: Vault, *, source: str, topic: str, dedupe_key: str, body: bytes,
    faults: Sequence[Fault], at: datetime,
) -> None:  # fmt: skip
    """Keep an authentic message that cannot be an order, with its faults; a repeat is kept once."""
    message_id = new_message_id(at)
    sealed = vault.seal_message(body, place("inbox", "sealed", message_id))
    listed = Jsonb([{"field": fault.field, "problem": fault.problem} for fault in faults])
    await conn.execute(
        """INSERT INTO inbox (message_id, source, topic, dedupe_key, sealed, state, faults, received_at)
           VALUES (%s, %s, %s, %s, %s, 'refused', %s, %s) ON CONFLICT (dedupe_key) DO NOTHING""",
        (message_id, source, topic, dedupe_key, sealed, listed, at),
    )


@dataclass(frozen=True)
class Taken:
    """A message in hand: opened, and not due again before the next attempt's time."""

    message_id: str
    source: str
    topic: str
    order_no: str | None
    envelope: Envelope
    attempts: int
    received_at: datetime

    @property
    def department(self) -> str:
        """Who is told when it finds no order: money may be waiting in it."""
        return "finance" if self.envelope.payment or self.envelope.refund_total else "operations"


class Unreadable(StoreError):
    """The message cannot be opened with the keys there are, or what is in it is none of ours."""

    def __init__(self, message_id: str) -> None:
        super().__init__(f"the message {message_id} cannot be opened or read")


async def take(conn: Connection, vault: Vault, message_id: str, at: datetime) -> Taken | None:
    """Take a message for an attempt to forward it, also out of its parking; None if there is nothing to forward.

    Raises :class:`Unreadable`.
    """
    row = await attempt(conn, message_id, at)
    if row is None:
        return None
    try:
        return _taken(vault, row)
    except (CryptoError, ValidationError):
        raise Unreadable(message_id) from None


async def attempt(conn: Connection, message_id: str, at: datetime) -> Row | None:
    """Count an attempt and put the next one off, each time for longer."""
    cursor = await conn.execute(
        """UPDATE inbox SET attempts = attempts + 1, state = 'received', parked_at = NULL,
                  next_attempt_at = %(at)s
                      + LEAST(%(longest)s, make_interval(secs => power(2, LEAST(attempts, 20) + 1)))
           WHERE message_id = %(id)s AND (state = 'received' OR (state = 'parked' AND length(sealed) > 0))
           RETURNING *""",
        {"id": message_id, "at": at, "longest": _LONGEST_WAIT},
    )
    return await cursor.fetchone()


async def due(conn: Connection, at: datetime, limit: int) -> list[str]:
    """The messages whose next attempt is due, the oldest first."""
    cursor = await conn.execute(
        """SELECT message_id FROM inbox WHERE state = 'received' AND next_attempt_at <= %s
           ORDER BY message_id LIMIT %s""",
        (at, limit),
    )
    return [row["message_id"] async for row in cursor]


async def forwarded(conn: Connection, message_id: str, at: datetime, order_no: str | None) -> None:
    """The message reached its order. Of an order whose buyer was erased its body is not kept (R29)."""
    await conn.execute(
        """UPDATE inbox SET state = 'forwarded', forwarded_at = %(at)s, next_attempt_at = NULL, last_error = NULL,
                  order_no = COALESCE(inbox.order_no, %(order_no)s),
                  sealed = CASE WHEN EXISTS (
                      SELECT FROM orders o JOIN contacts c USING (contact_id)
                      WHERE o.order_no = COALESCE(inbox.order_no, %(order_no)s) AND c.erased_at IS NOT NULL
                  ) THEN ''::bytea ELSE sealed END
           WHERE message_id = %(id)s AND state = 'received'""",
        {"at": at, "order_no": order_no, "id": message_id},
    )


async def failed(conn: Connection, message_id: str, error: str) -> None:
    """An attempt failed; ``error`` is the name of its type, since a text may hold anything (R21)."""
    await conn.execute("UPDATE inbox SET last_error = %s WHERE message_id = %s", (error, message_id))


async def waiting(conn: Connection) -> tuple[int, datetime | None]:
    """How many messages have not reached their order yet, and since when the oldest waits."""
    cursor = await conn.execute(
        "SELECT count(*) AS number, min(received_at) AS oldest FROM inbox WHERE state = 'received'"
    )
    row = await cursor.fetchone()
    return (0, None) if row is None else (row["number"], row["oldest"])


async def of_order(conn: Connection, order_no: str) -> list[str]:
    """The messages of this order that have not reached it yet, parked ones too, the oldest first."""
    cursor = await conn.execute(
        "SELECT message_id FROM inbox WHERE order_no = %s AND state IN ('received', 'parked') ORDER BY message_id",
        (order_no,),
    )
    return [row["message_id"] async for row in cursor]


async def raw_body(conn: Connection, vault: Vault, message_id: str) -> bytes | None:
    """The message as it came; None if none was kept, the id is unknown, or its buyer was erased (R29)."""
    cursor = await conn.execute("SELECT sealed, state FROM inbox WHERE message_id = %s", (message_id,))
    row = await cursor.fetchone()
    if row is None or not row["sealed"]:
        return None
    opened = vault.open_message(bytes(row["sealed"]), place("inbox", "sealed", message_id))
    return opened if row["state"] == "refused" else Kept.model_validate_json(opened).raw()


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
            at=incoming.at,
            department="customer_service",
            kind="order_changed_at_channel",
            text=f"{order_no}: {incoming.source} changed its goods or sums after it was taken in",
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
    kept = Kept.of(envelope, incoming.body).model_dump_json()
    sealed = vault.seal_message(kept.encode(), place("inbox", "sealed", message_id))
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
            message_id, incoming.source, incoming.topic, incoming.dedupe_key, envelope.order_no, sealed,
            incoming.at, incoming.at + _DOOR_GOES_FIRST,
        ),
    )  # fmt: skip


def _in_hand(incoming: Incoming, envelope: Envelope, message_id: str) -> Taken:
    return Taken(message_id, incoming.source, incoming.topic, envelope.order_no, envelope, 0, incoming.at)


def _taken(vault: Vault, row: Row) -> Taken:
    opened = vault.open_message(bytes(row["sealed"]), place("inbox", "sealed", row["message_id"]))
    return Taken(
        message_id=row["message_id"],
        source=row["source"],
        topic=row["topic"],
        order_no=row["order_no"],
        envelope=Envelope.model_validate_json(opened),
        attempts=row["attempts"],
        received_at=row["received_at"],
    )
