"""A webhook comes in: verify, store sealed, answer; bring it to the order afterwards (DESIGN, idea 3)."""

from __future__ import annotations

import json
from dataclasses import asdict

from fastapi import Request
from fastapi.responses import JSONResponse

from api.adapters import Adapter, Delivery, Identity, Terms, Translation, Unreadable
from api.house import House
from api.problems import Faulty
from models.inbox import Envelope
from store import contacts, forwarding, idempotency, inbox, views
from store.pool import Connection


async def take_in(house: House, adapter: Adapter, request: Request) -> JSONResponse:
    """Take a message in once. Raises BadSignature (nothing is stored), or Faulty (it is kept as refused).

    A sender to whom a failure does harm is answered 200 for a refused message too, with the faults.
    """
    delivery = Delivery({name.lower(): value for name, value in request.headers.items()}, await request.body())
    adapter.verify(delivery, house.settings)
    identity = adapter.identify(delivery)
    try:
        if identity is not None:
            await _store(house, adapter, delivery, identity)
    except Faulty as refusal:
        if adapter.refused is None:
            raise
        return JSONResponse({**adapter.refused, "faults": [asdict(fault) for fault in refusal.faults]})
    return JSONResponse(dict(adapter.accepted))


async def _store(house: House, adapter: Adapter, delivery: Delivery, identity: Identity) -> None:
    try:
        translation = adapter.translate(delivery, Terms(contacts.new_contact_id(), house.policy()))
        received = await _receive(house, adapter, delivery, identity, translation)
    except Unreadable as unreadable:
        await _keep_refused(house, adapter, delivery, identity, unreadable)
        raise Faulty(unreadable.faults) from None
    if received.new:
        house.errands.send(forwarding.forward(house.client, house.pool, house.vault, received.message_id))


async def _receive(
    house: House, adapter: Adapter, delivery: Delivery, identity: Identity, translation: Translation
) -> inbox.Received:
    async with house.pool.connection() as conn:
        if translation.faults and not await _is_known(conn, translation.envelope):
            raise Unreadable(translation.faults)
        incoming = inbox.Incoming(
            source=adapter.source,
            topic=identity.topic,
            dedupe_key=identity.dedupe_key,
            envelope=translation.envelope,
            at=house.now(),
            delivery_id=identity.delivery_id,
            content=_content(house, translation.envelope),
            person=translation.person,
            body=delivery.body,
        )
        return await inbox.receive(conn, house.vault, incoming)


async def _keep_refused(
    house: House, adapter: Adapter, delivery: Delivery, identity: Identity, unreadable: Unreadable
) -> None:
    """Keep what was authentic, sealed and with its faults: money may be behind it."""
    async with house.pool.connection() as conn:
        await inbox.refuse(
            conn,
            house.vault,
            source=adapter.source,
            topic=identity.topic,
            dedupe_key=identity.dedupe_key,
            body=delivery.body,
            faults=unreadable.faults,
            at=house.now(),
        )


async def _is_known(conn: Connection, envelope: Envelope) -> bool:
    """Whether the order is here already: then the message's news counts, whatever else is wrong with it."""
    if envelope.order_no is None:
        return False
    claimed = await idempotency.recall(conn, "order", envelope.order_no)
    return claimed is not None or await views.exists(conn, envelope.order_no)


def _content(house: House, envelope: Envelope) -> bytes | None:
    """The fingerprint of the order in the message, apart from what is ours in it."""
    if envelope.start is None:
        return None
    order = envelope.start.model_dump(mode="json", exclude={"contact_id", "policy"})
    return idempotency.fingerprint(house.vault, json.dumps(order, sort_keys=True))
