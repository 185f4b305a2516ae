"""The board's door (R33)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from api import board
from api.auth import Staff, allowed
from api.house import InHouse
from api.problems import REFUSALS
from api.schemas.board import BoardView, Carriers
from api.schemas.texts import ChannelName
from domain.permissions import Permission

router = APIRouter(prefix="/v1", tags=["board"])

Since = Annotated[
    AwareDatetime | None, Query(description="whole hours; a day before until, if left out", examples=[None])
]
Until = Annotated[AwareDatetime | None, Query(description="exclusive; now, if left out", examples=[None])]


@router.get("/board", responses=REFUSALS, summary="How the shop does: orders, conversion, times, promises kept")
async def read_board(
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
    del by
    return await board.read(house, board.window_of(house, since, until, channel))


@router.get("/carriers/compared", responses=REFUSALS, summary="Carriers compared: on time, days, problems")
async def compare_carriers(
    house: InHouse,
    by: Annotated[Staff, Depends(allowed(Permission.PARCEL_READ))],
    since: Since = None,
    until: Until = None,
) -> Carriers:
    """The busiest first; on time is by the speed that each order promised."""
    del by
    window = board.window_of(house, since, until)
    return Carriers(since=window.since, until=window.until, items=await board.compare(house, window))
