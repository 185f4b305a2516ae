"""Taking a channel's message in, by whatever road it came: kept whole, once, before anything is done with it (R5).

The door and the reconciliation pull go the same way, so that an order is the same order
whoever brought it (accidents 7 and 8).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from models.inbox import Envelope
from models.order import Policy
from models.translation import Identity, Terms, Translation, Unreadable
from runtime.crypto import Vault
from store import contacts, idempotency, inbox, receiving, views
from store.gathering import Gathering
from store.pool import Connection, Pool


@dataclass(frozen=True)
class Message:
    """An authentic message: who sent it, which event it is, every byte of it, and when it came."""

    source: str
    identity: Identity
    body: bytes = field(repr=False)
    at: datetime


class Intake:
    """What taking in needs: where rows go, under which seal, and whom a message meets on its way."""

    def __init__(self, pool: Pool, vault: Vault) -> None:
        self.pool = pool
        self.vault = vault
        self.gathering = Gathering(pool, vault)


async def take_in(
    intake: Intake, message: Message, policy: Policy, translate: Callable[[Terms], Translation]
) -> inbox.Received:
    """Keep it, and the person it brings; raises :class:`Unreadable` after having kept it as refused."""
    try:
        translation = translate(Terms(contacts.new_contact_id(), policy))
        return await _receive(intake, message, translation)
    except Unreadable as unreadable:
        await _keep_refused(intake, message, unreadable)
        raise


async def _receive(intake: Intake, message: Message, translation: Translation) -> inbox.Received:
    incoming = inbox.Incoming(
        source=message.source,
        topic=message.identity.topic,
        dedupe_key=message.identity.dedupe_key,
        envelope=translation.envelope,
        at=message.at,
        delivery_id=message.identity.delivery_id,
        content=_content(intake.vault, translation.envelope),
        person=translation.person,
        body=message.body,
        version=translation.version,
    )
    if not translation.faults and (first := await intake.gathering.keep(incoming)) is not None:
        return first
    async with intake.pool.connection() as conn:
        if translation.faults and not await _is_known(conn, translation.envelope):
            raise Unreadable(translation.faults)
        return await receiving.receive(conn, intake.vault, incoming)


async def _keep_refused(intake: Intake, message: Message, unreadable: Unreadable) -> None:
    """Keep what was authentic, sealed and with its faults: money may be behind it."""
    async with intake.pool.connection() as conn:
        await receiving.refuse(
            conn,
            intake.vault,
            source=message.source,
            topic=message.identity.topic,
            dedupe_key=message.identity.dedupe_key,
            body=message.body,
            faults=unreadable.faults,
            at=message.at,
        )


async def _is_known(conn: Connection, envelope: Envelope) -> bool:
    """Whether the order is here already: then the message's news counts, whatever else is wrong with it."""
    if envelope.order_no is None:
        return False
    claimed = await idempotency.recall(conn, "order", envelope.order_no)
    return claimed is not None or await views.exists(conn, envelope.order_no)


def _content(vault: Vault, envelope: Envelope) -> bytes | None:
    """The fingerprint of the order in the message, apart from what is ours in it."""
    if envelope.start is None:
        return None
    order = envelope.start.model_dump(mode="json", exclude={"contact_id", "policy"})
    return idempotency.fingerprint(vault, json.dumps(order, sort_keys=True))
