"""The buyer's page: links that staff and channels hand out, and what they show (R12)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from api import tracking
from api.auth import BY_LINK, Staff, allowed
from api.house import InHouse
from api.once import Key
from api.paths import OrderNo
from api.problems import among
from api.schemas.tracking import NewTrackingLink, TrackingLink, TrackingPage
from domain.permissions import Permission

router = APIRouter(prefix="/v1", tags=["tracking"])

_FOUND = among(401, 403, 404, 422)
Giver = Annotated[Staff, Depends(allowed(Permission.TRACKING_LINK))]
Token = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{20,100}$")]


@router.post(
    "/orders/{order_no}/tracking-link", status_code=201, responses=_FOUND, summary="Make a link for the order's buyer"
)
async def make_link(order_no: OrderNo, new: NewTrackingLink, key: Key, house: InHouse, by: Giver) -> TrackingLink:
    """Unguessable, expiring, revocable. It is kept as a hash only; the same key gives the same link."""
    return await tracking.make_link(house, order_no, new.valid_days, key=key, by=by)


@router.delete(
    "/orders/{order_no}/tracking-link", status_code=204, responses=_FOUND, summary="Revoke the links of an order"
)
async def revoke_links(order_no: OrderNo, house: InHouse, by: Giver) -> None:
    """From now on none of them shows anything."""
    await tracking.revoke_links(house, order_no, by)


@router.get(
    "/tracking/{token}",
    dependencies=[Depends(BY_LINK)],
    responses=among(404, 422),
    summary="The buyer's page of an order",
)
async def read_page(token: Token, house: InHouse) -> TrackingPage:
    """Status, trace, what happens next and by when, and the terms it was placed under; no person, no address.

    A link that is unknown, expired or revoked, or whose buyer was erased, is answered in one way (404).
    """
    return await tracking.read_page(house, token)
