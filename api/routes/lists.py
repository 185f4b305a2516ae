"""Lists of orders: pages, counts and the export, all by the same filters."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse

from api import exporting
from api.auth import Staff, allowed
from api.house import InHouse
from api.listing import Asked, SortedBy, after, following
from api.once import Key
from api.order_views import row_view
from api.pages import Cursor, Limit
from api.problems import REFUSALS, Responses, TooMany, documented
from api.schemas.buyers import ExportRequest
from api.schemas.orders import OrderCount, OrderPage
from domain.permissions import Permission
from store import order_lists
from store.order_lists import COUNTED_TO

router = APIRouter(prefix="/v1", tags=["orders"])

Reader = Annotated[Staff, Depends(allowed(Permission.ORDER_READ))]
_CSV: Responses = {
    **REFUSALS,
    200: {
        "description": "the filtered list, UTF-8 with a byte order mark",
        "content": {"text/csv": {"example": ",".join(exporting.COLUMNS)}},
    },
}
_REVEALED = _CSV | documented(429, "too many reveals within an hour: Retry-After says when again", TooMany)


@router.get("/orders", responses=REFUSALS, summary="List orders, the newest first")
async def list_orders(
    house: InHouse,
    by: Reader,
    wanted: Asked,
    sort: SortedBy,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> OrderPage:
    """A keyset page: ask for the next with `next_cursor`, under the same filters and the same order."""
    del by
    async with house.pool.connection() as conn:
        rows = await order_lists.page(conn, wanted, sort, after=after(cursor, sort), limit=limit + 1)
    return OrderPage(items=[row_view(row) for row in rows[:limit]], next_cursor=following(rows, limit, sort))


@router.get("/orders/count", responses=REFUSALS, summary="Count the orders of a list")
async def count_orders(house: InHouse, by: Reader, wanted: Asked) -> OrderCount:
    """Exact up to 10,000; beyond that `exact` is false and the text says `10,000+`."""
    del by
    async with house.pool.connection() as conn:
        counted = await order_lists.count(conn, wanted)
    text = f"{counted.number:,}" + ("" if counted.exact else "+")
    return OrderCount(count=counted.number, exact=counted.exact, up_to=COUNTED_TO, text=text)


@router.get("/orders.csv", response_class=StreamingResponse, responses=_CSV, summary="Export a list of orders as CSV")
async def export_orders(house: InHouse, by: Reader, wanted: Asked, sort: SortedBy) -> StreamingResponse:
    """Exactly the filtered list, without the buyers."""
    del by
    return _file(exporting.lines(house, wanted, sort))


@router.post(
    "/orders.csv", response_class=StreamingResponse, responses=_REVEALED,
    summary="Export a list of orders with their buyers, for a purpose",
)  # fmt: skip
async def export_buyers(
    asked: ExportRequest,
    key: Key,
    house: InHouse,
    by: Annotated[Staff, Depends(allowed(Permission.CONTACT_REVEAL))],
    wanted: Asked,
    sort: SortedBy,
) -> StreamingResponse:
    """The same file with name, phone and address; it is a POST because a reason must not stand in an address.

    Each buyer shown counts as one of the person's reveals of the hour, and stands in the order's record (R21).
    """
    persons = await exporting.reveal_all(house, wanted, asked, key=key, by=by)
    return _file(exporting.lines(house, wanted, sort, persons))


def _file(lines: AsyncIterator[str]) -> StreamingResponse:
    headers = {"Content-Disposition": 'attachment; filename="orders.csv"'}
    return StreamingResponse(lines, 200, headers, "text/csv; charset=utf-8")
