"""The inbox: every message from outside, sealed under its dedupe key, before anything is done with it.

A message is ``received`` until it reached its order (``forwarded``) or was tried in vain for too
long (``parked``, store.parking), or ``refused`` when it cannot be an order at all; nothing is lost
while Temporal is down (DESIGN, idea 3). Beside its translation stands the message as it came, under
the same seal: a dispute, or a field that nobody here knew yet, can be looked up, and erasing a
buyer takes both away at once (R29).
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic import Field, ValidationError

from models.inbox import Envelope
from models.person import Person
from models.translation import Version
from runtime.crypto import CryptoError, Vault, place
from store.errors import StoreError
from store.pool import Connection, Row

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
    """What became of a delivery: ``taken`` is a new message in the hand of the door that kept it, None for a repeat.

    ``content`` is the fingerprint under which the order stands.
    """

    message_id: str
    content: bytes | None = None
    taken: Taken | None = None

    @property
    def new(self) -> bool:
        """Whether this delivery is the one that was kept."""
        return self.taken is not None


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
