"""The board's door (R33)."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime

from api import board
from api.auth import OUT_OF_SCOPE, WHOLE_HOUSE, Staff, allowed, denied
from api.house import House, InHouse
from api.problems import REFUSALS, Forbidden
from api.schemas.board import BoardView, Carriers
from api.schemas.texts import ChannelName
from domain.permissions import Permission
from store.board import Window

router = APIRouter(prefix="/v1", tags=["board"])

Since = Annotated[
    AwareDatetime | None, Query(description="whole hours; a day before until, if left out", examples=[None])
]
Until = Annotated[AwareDatetime | None, Query(description="exclusive; now, if left out", examples=[None])]


@router.get("/board", responses=REFUSALS, summary="How the shop does: orders, conversion, times, promises kept")
async def read_board(
    request: Request,
    house: InHouse,
    by: Annotated[Staff, Depends(allowed(Permission.BOARD_READ))],
    since: Since = None,
    until: Until = None,
    channel: Annotated[ChannelName | None, Query()] = None,
) -> BoardView:
    """Sums by hour and channel, up to 92 days at once; every change counts with the commit that made it.

    Steps of the way and early ends belong to the hour in which the order was placed, everything
    else to the hour in which it happened.
    """
    return await board.read(house, await _own(request, house, by, board.window_of(house, since, until, channel)))


@router.get("/carriers/compared", responses=REFUSALS, summary="Carriers compared: on time, days, problems")
async def compare_carriers(
    request: Request,
    house: InHouse,
    by: Annotated[Staff, Depends(allowed(Permission.PARCEL_READ))],
    since: Since = None,
    until: Until = None,
) -> Carriers:
    """The busiest first; on time is by the speed that each order promised."""
    window = await _own(request, house, by, board.window_of(house, since, until))
    return Carriers(since=window.since, until=window.until, items=await board.compare(house, window))


async def _own(request: Request, house: House, by: Staff, window: Window) -> Window:
    """The channels that somebody is confined to; raises Forbidden, on record: sums know no warehouses (R22)."""
    if by.scope.warehouses is not None:
        await denied(request, house, by, OUT_OF_SCOPE)
        raise Forbidden(WHOLE_HOUSE)
    return replace(window, channels=by.scope.listed_channels)
