"""Returns and exchanges: applied for, decided, received, inspected (R16, T8, T20)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from api import returning
from api.auth import Staff, allowed, within_warehouse
from api.house import InHouse
from api.once import Asking, Key, once
from api.paths import OrderNo
from api.problems import COMMAND_REFUSALS, NotThere, Responses
from api.return_views import return_view
from api.routes.cases import At
from api.schemas.cases import CaseAccepted, CaseView
from api.schemas.returns import Deciding, Inspecting, NewReturn, Receiving, ReturnList
from domain.permissions import Permission
from models import workflow_names as names
from models.returns import DecideReturn, InspectGoods, ReceiveGoods
from store import returns, views

router = APIRouter(prefix="/v1", tags=["returns"])

_OPENED: Responses = {
    **COMMAND_REFUSALS,
    201: {"description": "the return is on record", "model": CaseView},
    202: {"description": "the return is safe and will be on record soon: see Location", "model": CaseAccepted},
}
_ANSWERS: dict[str, Any] = {"response_model": CaseView, "responses": COMMAND_REFUSALS}
Inspector = Annotated[Staff, Depends(allowed(Permission.RETURN_INSPECT))]


@router.post(
    "/orders/{order_no}/returns",
    status_code=201,
    response_model=CaseView,
    responses=_OPENED,
    summary="Apply for a return or an exchange",
)
async def apply(
    request: Request,
    order_no: OrderNo,
    new: NewReturn,
    key: Key,
    house: InHouse,
    by: Annotated[Staff, Depends(allowed(Permission.RETURN_APPLY))],
) -> Response:
    """Per line and quantity; by the buyer's channel or by service, also for an archived order.

    What cannot be is refused here; what the rules speak against stands in `goods.findings`.
    """
    asking = Asking.by(by.id, key, request, new)
    return await once(house, asking, lambda: returning.apply(house, order_no, new, key=key, by=by))


@router.get("/orders/{order_no}/returns", responses=COMMAND_REFUSALS, summary="The returns of an order")
async def list_returns(
    order_no: OrderNo, house: InHouse, by: Annotated[Staff, Depends(allowed(Permission.ORDER_READ))]
) -> ReturnList:
    """Every return, also those that were declined or lapsed."""
    del by
    async with house.pool.connection() as conn:
        if not await views.exists(conn, order_no):
            raise NotThere(f"there is no order {order_no}")
        rows = await returns.of_order(conn, order_no)
    return ReturnList(order_no=order_no, items=[view for row in rows if (view := return_view(row))])


@router.post("/cases/{case_no}/decision", summary="Decide a return by the rules", **_ANSWERS)
async def decide(at: At, body: Deciding, by: Annotated[Staff, Depends(allowed(Permission.RETURN_DECIDE))]) -> Response:
    """Accepted: the buyer gets an RMA ticket and T20 runs."""
    said = {"accept": body.accept, "liable": body.liable, "postage": body.postage}
    return await at.command(body, by, names.DECIDE_RETURN, DecideReturn, **said)


@router.post("/cases/{case_no}/receipt", summary="The goods of a return are back", **_ANSWERS)
async def receive(at: At, body: Receiving, by: Inspector) -> Response:
    """At a warehouse; T20 is met."""
    await within_warehouse(at.request, at.house, by, body.warehouse)
    return await at.command(body, by, names.RECEIVE_GOODS, ReceiveGoods, warehouse=body.warehouse)


@router.post("/cases/{case_no}/inspection", summary="The goods of a return are graded", **_ANSWERS)
async def inspect(at: At, body: Inspecting, by: Inspector) -> Response:
    """Passed: the goods go to the shelf or into quarantine, T8 runs, and the refund or exchange is carried out."""
    lines = tuple(one.graded for one in body.lines)
    return await at.command(body, by, names.INSPECT_GOODS, InspectGoods, passed=body.passed, lines=lines)
