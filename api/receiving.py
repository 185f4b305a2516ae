"""A webhook comes in: verify, store sealed, answer; bring it to the order afterwards (DESIGN, idea 3)."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial

from fastapi import Request
from fastapi.responses import JSONResponse

from api.adapters import Adapter, Delivery, Identity, Unreadable
from api.house import House
from api.problems import Faulty
from store import forwarding, taking_in


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
    message = taking_in.Message(adapter.source, identity, delivery.body, house.now())
    try:
        received = await taking_in.take_in(
            house.intake, message, house.policy(), lambda terms: adapter.translate(delivery, terms)
        )
    except Unreadable as unreadable:
        raise Faulty(unreadable.faults) from None
    if received.taken is not None:
        house.errands.send_later(
            partial(forwarding.forward_taken, house.client, house.pool, house.vault, received.taken)
        )
