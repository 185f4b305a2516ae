"""Finding an order: the service desk has a number, a phone or a tracking number, and a buyer who waits."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request

from api.auth import Staff, allowed, also_allowed
from api.house import House, InHouse
from api.once import Key
from api.order_views import row_view
from api.pages import Cursor, Limit, cursor_of, key_of
from api.problems import REFUSALS
from api.schemas.orders import OrderPage
from api.schemas.searching import PERSONAL, OrderSearch
from api.scope import within
from domain.permissions import Permission
from runtime.crypto import Indexed
from store import order_search
from store.pool import Row
from store.scopes import Within

router = APIRouter(prefix="/v1", tags=["orders"])


@router.post("/orders/search", responses=REFUSALS, summary="Find orders by number, phone, account or tracking number")
async def search_orders(
    request: Request,
    wanted: OrderSearch,
    key: Key,
    house: InHouse,
    by: Annotated[Staff, Depends(allowed(Permission.ORDER_READ))],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> OrderPage:
    """A keyset page, the newest first. A POST, for a phone number must not stand in an address (R21).

    Searching by phone or account needs `contact.masked` as well. It changes nothing, so the
    same key may ask for another page.
    """
    del key
    what, _ = wanted.sought
    if what in PERSONAL:
        await also_allowed(request, house, by, Permission.CONTACT_MASKED)
    before = cast("tuple[datetime, str] | None", key_of(cursor, datetime, str))
    rows = await _found(house, wanted, before, limit + 1, within(by))
    shown = rows[:limit]
    following = cursor_of(shown[-1]["recorded_at"], shown[-1]["order_no"]) if len(rows) > limit else None
    return OrderPage(items=[row_view(row) for row in shown], next_cursor=following)


async def _found(
    house: House, wanted: OrderSearch, before: tuple[datetime, str] | None, limit: int, own: Within | None
) -> list[Row]:
    what, value = wanted.sought
    async with house.pool.connection() as conn:
        if what not in PERSONAL:
            return await order_search.by_number(conn, what, value, before=before, limit=limit, within=own)
        kind = Indexed(what)
        indexes = order_search.indexes_of(house.vault, kind, value, wanted.country)
        return await order_search.by_person(conn, kind, indexes, before=before, limit=limit, within=own)
