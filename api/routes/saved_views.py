"""Saved views: each person's own lists, at each desk."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from api.auth import Staff, allowed
from api.house import InHouse
from api.problems import REFUSALS, Conflicting, NotThere, among
from api.schemas.saved_views import SavedView, SavedViews, ViewContent
from domain.permissions import Permission
from store import saved_views
from store.pool import Row
from store.saved_views import Place

router = APIRouter(prefix="/v1/views/{desk}", tags=["views"])

Desk = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,29}$", examples=["review"])]
Name = Annotated[str, Path(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f/]+$", examples=["大額待審"])]
Owner = Annotated[Staff, Depends(allowed(Permission.VIEW_KEEP))]
_FOUND = among(401, 403, 404, 422)


@router.get("", responses=REFUSALS, summary="My views at a desk")
async def list_views(desk: Desk, house: InHouse, by: Owner) -> SavedViews:
    """By name; everybody sees their own only."""
    async with house.pool.connection() as conn:
        rows = await saved_views.of_desk(conn, by.id, desk)
    return SavedViews(items=[_view(row) for row in rows])


@router.get("/{name}", responses=_FOUND, summary="One of my views")
async def read_view(desk: Desk, name: Name, house: InHouse, by: Owner) -> SavedView:
    """Its filters, order and columns."""
    return await _known(house, Place(by.id, desk, name))


@router.put("/{name}", responses=among(401, 403, 409, 422), summary="Keep a view under this name")
async def keep_view(desk: Desk, name: Name, new: ViewContent, house: InHouse, by: Owner) -> SavedView:
    """Over an older one of that name. It lies open in the database: nobody's phone or name may stand in it (R21)."""
    place = Place(by.id, desk, name)
    async with house.pool.connection() as conn:
        try:
            await saved_views.keep(conn, place, new.model_dump(mode="json"), house.now())
        except saved_views.TooManyViews as error:
            raise Conflicting(str(error), slug="too-many-views") from None
    return await _known(house, place)


@router.delete("/{name}", status_code=204, responses=_FOUND, summary="Delete one of my views")
async def forget_view(desk: Desk, name: Name, house: InHouse, by: Owner) -> None:
    """404 when there is none of that name."""
    async with house.pool.connection() as conn:
        if not await saved_views.forget(conn, Place(by.id, desk, name)):
            raise NotThere("you keep no view of that name at this desk")


async def _known(house: InHouse, place: Place) -> SavedView:
    async with house.pool.connection() as conn:
        row = await saved_views.read(conn, place)
    if row is None:
        raise NotThere("you keep no view of that name at this desk")
    return _view(row)


def _view(row: Row) -> SavedView:
    return SavedView(desk=row["desk"], name=row["name"], updated_at=row["updated_at"], **row["content"])
