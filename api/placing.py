"""POST /v1/orders and /v1/contacts: an order comes in through the REST door (R1, R2, R5)."""

from __future__ import annotations

import asyncio
import json

from pydantic import ValidationError

from api.channels import known_channels
from api.house import House
from api.once import Answer
from api.order_views import order_view
from api.problems import Conflicting, Faulty
from api.schemas.intake import ContactKept, NewAddress, NewBuyer, NewContact, NewOrder
from api.schemas.orders import OrderAccepted
from domain.intake import Fault
from models.faults import faults_of
from models.inbox import Envelope
from models.order import Line, PlaceOrder, order_number, workflow_id
from models.person import Address, Person
from store import contacts, forwarding, idempotency, inbox, receiving, views

SOURCE = "api"
RECORDED_WITHIN_S = 2.0
"""How long a caller waits for the order to be on record; after that 202 and a Location."""
_FIRST_LOOK_S, _SLOWEST_LOOK_S = 0.02, 0.2


async def place(house: House, new: NewOrder, body: bytes) -> Answer:
    """Take the order in, once, and answer when it is on record, or that it will be.

    ``body`` is the request as it came; it is kept, sealed, beside the order.
    Raises :class:`Conflicting` where another content stands under the channel's order id,
    :class:`Faulty` for a channel that is not this shop's.
    """
    _check_channel(house, new.channel)
    order_no = order_number(new.channel, new.channel_order_id)
    received = await _receive(house, new, order_no, body)
    if received.taken is not None:
        house.errands.send(forwarding.forward_taken(house.client, house.pool, house.vault, received.taken))
    return await _recorded(house, order_no, 201 if received.new else 200) or _accepted(order_no)


async def keep_contact(house: House, new: NewContact) -> Answer:
    """Vault the person of an order that an integrator starts with a Temporal client of their own.

    Raises :class:`Faulty` for a channel that is not this shop's.
    """
    _check_channel(house, new.channel)
    order_no = order_number(new.channel, new.channel_order_id)
    contact_id = contacts.new_contact_id()
    async with house.pool.connection() as conn:
        await contacts.keep(conn, house.vault, contact_id, person_of(new), channel=new.channel, at=house.now())
    return Answer.of(ContactKept(contact_id=contact_id, order_no=order_no, workflow_id=workflow_id(order_no)), 201)


def _check_channel(house: House, channel: str) -> None:
    # Nobody would ever take the status notices of such an order: they would wait for ever (R20).
    known = known_channels(house.settings)
    if channel not in known:
        raise Faulty([Fault("channel", f"is none of this shop's channels: {', '.join(sorted(known))}")])


def person_of(new: NewOrder | NewContact) -> Person:
    """The person to be vaulted."""
    buyer: NewBuyer = new.buyer
    return Person(
        name=buyer.name,
        phone=buyer.phone,
        address=address_of(new.address),
        remark=new.remark or None,
        email=buyer.email or None,
        account=buyer.account or None,
    )


def address_of(new: NewAddress) -> Address:
    """The address to be vaulted."""
    return Address(**new.model_dump())


async def _receive(house: House, new: NewOrder, order_no: str, body: bytes) -> inbox.Received:
    """Store order and person in one transaction, or nothing."""
    content = idempotency.fingerprint(house.vault, json.dumps(new.model_dump(mode="json"), sort_keys=True))
    incoming = inbox.Incoming(
        source=SOURCE,
        topic="order",
        dedupe_key=f"{SOURCE}:order:{order_no}",
        envelope=Envelope(order_no=order_no, start=_order(house, new, order_no)),
        at=house.now(),
        content=content,
        person=person_of(new),
        body=body,
    )
    async with house.pool.connection() as conn:
        received = await receiving.receive(conn, house.vault, incoming)
        same = received.content == content
        # An order of this number may have come by a road that leaves no fingerprint (an integrator's own client).
        strange = received.new and await views.exists(conn, order_no)
        if not same or strange:
            await conn.rollback()
            raise Conflicting(
                f"the order {order_no} exists with other content; see /v1/orders/{order_no}", slug="order-differs"
            )
    return received


def _order(house: House, new: NewOrder, order_no: str) -> PlaceOrder:
    try:
        return PlaceOrder(
            order_no=order_no,
            channel=new.channel,
            channel_order_id=new.channel_order_id,
            contact_id=contacts.new_contact_id(),
            lines=tuple(Line(line_no=n, **line.model_dump()) for n, line in enumerate(new.lines, start=1)),
            currency=new.currency,
            shipping=new.shipping,
            tax=new.tax,
            discount=new.discount,
            total=new.total,
            payment_method=new.payment.method,
            payment_provider=new.payment.provider,
            payment_reference=new.payment.reference,
            promotion=new.promotion,
            promised_speed=new.promised_speed,
            carrier_wish=new.carrier_wish,
            placed_at=new.placed_at,
            policy=house.policy(),
        )
    except ValidationError as error:
        raise Faulty(faults_of(error.errors())) from None


async def _recorded(house: House, order_no: str, status: int) -> Answer | None:
    """The order as its first step recorded it; None when that takes longer than a caller waits."""
    clock = asyncio.get_running_loop().time
    patience, pause = clock() + RECORDED_WITHIN_S, _FIRST_LOOK_S
    while clock() < patience:
        async with house.pool.connection() as conn:
            gathered = await views.gather(conn, order_no)
        if gathered is not None:
            return Answer.of(order_view(gathered), status, Location=f"/v1/orders/{order_no}")
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, _SLOWEST_LOOK_S)
    return None


def _accepted(order_no: str) -> Answer:
    view = OrderAccepted(order_no=order_no, state="accepted")
    return Answer.of(view, 202, Location=f"/v1/orders/{order_no}")
