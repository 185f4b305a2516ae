"""The buyer behind an order: reveal with a purpose, remark and notes masked (R7, R21)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api import revealing
from api.auth import Staff, allowed
from api.house import InHouse
from api.once import Answer, Asking, Key, once
from api.paths import OrderNo
from api.problems import Responses, TooMany, among, documented
from api.schemas.buyers import NewNote, NoteKept, Notes, RevealedBuyer, RevealRequest
from domain.permissions import Permission

router = APIRouter(prefix="/v1/orders/{order_no}", tags=["orders"])

_FOUND = among(401, 403, 404, 422)
_REVEALED: Responses = {
    **_FOUND,
    **documented(429, "too many reveals within an hour: Retry-After says when again", TooMany),
}
Colleague = Annotated[Staff, Depends(allowed(Permission.NOTE_KEEP))]


@router.post("/reveal", responses=_REVEALED, summary="Reveal the buyer, for a purpose")
async def reveal(
    order_no: OrderNo,
    asked: RevealRequest,
    key: Key,
    request: Request,
    house: InHouse,
    by: Annotated[Staff, Depends(allowed(Permission.CONTACT_REVEAL))],
) -> RevealedBuyer:
    """The fields in full: who looked, at which fields and what for stands in the order's record (R21, R23).

    So many an hour for each person (`ORDERFLOW_REVEALS_PER_HOUR`). The answer is kept nowhere: within five
    minutes the same key shows the same again, afterwards a new look takes a new key.
    """
    return await revealing.reveal(house, order_no, asked, key=key, by=by, request_id=request.state.request_id)


@router.get("/notes", responses=_FOUND, summary="The buyer's remark and the notes on an order, masked")
async def read_notes(order_no: OrderNo, house: InHouse, by: Colleague) -> Notes:
    """Numbers, mail addresses, the buyer's name and street are masked in what people wrote (R7, R21)."""
    return await revealing.read_notes(house, order_no, by)


@router.post("/notes", status_code=201, response_model=NoteKept, responses=_FOUND, summary="Write a note on an order")
async def write_note(
    order_no: OrderNo, new: NewNote, key: Key, request: Request, house: InHouse, by: Colleague
) -> Response:
    """The text is sealed; that a note was written, and by whom, stands in the order's record (R21, R23)."""
    asking = Asking.by(by.id, key, request, new)

    async def act() -> Answer:
        kept = await revealing.write_note(house, order_no, new, key=key, by=by, request_id=request.state.request_id)
        return Answer.of(kept, 201)

    return await once(house, asking, act)
