"""Orders: placing, looking, and the timeline."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api import placing, story
from api.auth import Staff, allowed, within_channel
from api.house import InHouse
from api.once import Asking, Key, once
from api.order_views import act_view
from api.paths import OrderNo
from api.problems import REFUSALS, NotThere, Responses, among
from api.schemas.intake import ContactKept, NewContact, NewOrder
from api.schemas.orders import OrderAccepted, OrderView, Timeline
from api.schemas.story import OrderStory
from domain.permissions import Permission
from store import views

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
    await within_channel(request, house, by, new.channel)
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
    await within_channel(request, house, by, new.channel)
    asking = Asking.by(by.id, key, request, new)
    return await once(house, asking, lambda: placing.keep_contact(house, new))


@router.get("/orders/{order_no}", responses=_FOUND, summary="One order", description=_MASKED_CONTACT_HINT)
async def read_order(
    order_no: OrderNo, house: InHouse, by: Annotated[Staff, Depends(allowed(Permission.ORDER_READ))]
) -> OrderStory:
    """One order as it stands, with all that a desk needs to answer its buyer.

    The trace of its parcels, its cases with their clocks (`case.read`), and what is known of the buyer's other
    orders (`contact.masked`). The texts of the trace are masked, and there for posts with `contact.masked` only.
    """
    return await story.tell(house, order_no, by)


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
