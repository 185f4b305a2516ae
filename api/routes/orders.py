"""Orders: placing, looking, and the timeline."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api import placing
from api.auth import Staff, allowed
from api.house import House, InHouse
from api.masking import MaskedContact, masked
from api.once import Asking, Key, once
from api.order_views import act_view, order_view
from api.paths import OrderNo
from api.problems import REFUSALS, NotThere, Responses, among
from api.schemas.intake import ContactKept, NewContact, NewOrder
from api.schemas.orders import OrderAccepted, OrderView, Timeline
from domain.permissions import Permission, may
from store import contacts, views

router = APIRouter(prefix="/v1", tags=["orders"])

_MASKED_CONTACT_HINT = "The contact is masked, and shown only to posts that may see it (R21)."
_PLACED: Responses = {
    **among(401, 403, 409, 422),
    200: {"description": "the order existed already, with the same content", "model": OrderView},
    201: {"description": "the order is on record", "model": OrderView},
    202: {"description": "the order is safe and will be on record soon: see Location", "model": OrderAccepted},
}

_FOUND = among(401, 403, 404, 422)


@router.post("/orders", status_code=201, response_model=OrderView, responses=_PLACED, summary="Place an order")
async def place_order(
    request: Request,
    new: NewOrder,
    key: Key,
    house: InHouse,
    by: Annotated[Staff, Depends(allowed(Permission.ORDER_PLACE))],
) -> Response:
    """Take an order in, exactly once (R1, R2, R5).

    The same key with the same body gets the same answer. The same channel order id under
    another key gets the existing order (200), or 409 if its content differs.
    """
    asking, body = Asking.by(by.id, key, request, new), await request.body()
    return await once(house, asking, lambda: placing.place(house, new, body))


@router.post(
    "/contacts", status_code=201, response_model=ContactKept, responses=REFUSALS, summary="Vault the person of an order"
)
async def keep_contact(
    request: Request,
    new: NewContact,
    key: Key,
    house: InHouse,
    by: Annotated[Staff, Depends(allowed(Permission.CONTACT_KEEP))],
) -> Response:
    """For integrators who start `OrderWorkflow` with a Temporal client of their own.

    Gives the contact id and the order number that the workflow's input carries (R21).
    """
    asking = Asking.by(by.id, key, request, new)
    return await once(house, asking, lambda: placing.keep_contact(house, new))


@router.get("/orders/{order_no}", responses=_FOUND, summary="One order", description=_MASKED_CONTACT_HINT)
async def read_order(
    order_no: OrderNo, house: InHouse, by: Annotated[Staff, Depends(allowed(Permission.ORDER_READ))]
) -> OrderView:
    """One order as it stands."""
    async with house.pool.connection() as conn:
        gathered = await views.gather(conn, order_no)
        acts = await views.timeline(conn, order_no)
    if gathered is None:
        raise NotThere(f"there is no order {order_no}")
    contact = await _contact(house, gathered.order["contact_id"], by)
    return order_view(gathered, acts).model_copy(update={"contact": contact})


@router.get("/orders/{order_no}/timeline", responses=_FOUND, summary="Every act on an order")
async def read_timeline(
    order_no: OrderNo, house: InHouse, by: Annotated[Staff, Depends(allowed(Permission.ORDER_READ))]
) -> Timeline:
    """Who did what, when, and why, from the record that cannot be changed (R23)."""
    del by
    async with house.pool.connection() as conn:
        if not await views.exists(conn, order_no):
            raise NotThere(f"there is no order {order_no}")
        rows = await views.timeline(conn, order_no)
    return Timeline(order_no=order_no, items=[act_view(row) for row in rows])


async def _contact(house: House, contact_id: str, by: Staff) -> MaskedContact | None:
    """The masked contact, for posts that may see it; None for the others, and for an erased person."""
    if not may(by.role, Permission.CONTACT_MASKED):
        return None
    async with house.pool.connection() as conn:
        try:
            return masked(await contacts.reveal(conn, house.vault, contact_id))
        except contacts.UnknownContact:
            return None
