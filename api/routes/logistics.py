"""Parcels as logistics sees them: by state, the longest silent first (R11 to R13)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Query

from api.auth import Staff, allowed
from api.house import InHouse
from api.pages import Cursor, Limit, cursor_of, key_of
from api.problems import REFUSALS
from api.schemas.logistics import ParcelCounts, ParcelPage, ParcelRowView
from domain.permissions import Permission
from models.state import ParcelState
from store import parcel_lists
from store.parcel_lists import ParcelFilter

router = APIRouter(prefix="/v1/parcels", tags=["logistics"])

Reader = Annotated[Staff, Depends(allowed(Permission.PARCEL_READ))]
Code = Query(max_length=40, pattern=r"^[^\x00]*$")


@router.get("", responses=REFUSALS, summary="Parcels, the longest silent first")
async def list_parcels(
    house: InHouse,
    by: Reader,
    state: ParcelState | None = None,
    carrier: Annotated[str | None, Code] = None,
    warehouse: Annotated[str | None, Code] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ParcelPage:
    """A keyset page, with the parcel's next clock (T5, T6) and the exception that is open for it.

    Whoever is confined to channels or warehouses sees the parcels of theirs (R22).
    """
    wanted = ParcelFilter(state, carrier, warehouse, by.scope.listed_channels, by.scope.listed_warehouses)
    after = cast("tuple[datetime, str] | None", key_of(cursor, datetime, str))
    async with house.pool.connection() as conn:
        rows = await parcel_lists.page(conn, wanted, after=after, limit=limit + 1)
    shown = rows[:limit]
    following = cursor_of(shown[-1]["silence"], shown[-1]["parcel_no"]) if len(rows) > limit else None
    fields = ParcelRowView.model_fields
    return ParcelPage(
        items=[ParcelRowView(**{name: row[name] for name in fields}) for row in shown], next_cursor=following
    )


@router.get("/count", responses=REFUSALS, summary="How many parcels stand in each state before the signature")
async def count_parcels(house: InHouse, by: Reader) -> ParcelCounts:
    """What is work for somebody, within the channels and warehouses of whoever asks."""
    own = {"channels": by.scope.listed_channels, "warehouses": by.scope.listed_warehouses}
    async with house.pool.connection() as conn:
        return ParcelCounts(states=await parcel_lists.counts(conn, **own))
