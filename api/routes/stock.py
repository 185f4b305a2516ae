"""Stock, products, warehouses: looking, and feeding (R28). Feeds are idempotent by their keys."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Query, Request, Response

from api.auth import Staff, allowed
from api.house import House, InHouse
from api.once import Answer, Asking, Key, once
from api.pages import Cursor, Limit, cursor_of, key_of
from api.problems import REFUSALS, Conflicting, Faulty, among
from api.schemas.warehouse import Listed, NewProduct, NewStock, NewWarehouse, StockPage, StockRowView, StockView
from domain.intake import Fault
from domain.permissions import Permission
from store import catalogue, views
from store import stock as counters
from store.errors import StockIsReserved, UnknownStock

router = APIRouter(prefix="/v1", tags=["stock"])

Feeder = Annotated[Staff, Depends(allowed(Permission.STOCK_WRITE))]
_REFUSED = among(401, 403, 409, 422)


@router.get("/stock", responses=REFUSALS, summary="List stock by warehouse and SKU")
async def list_stock(
    house: InHouse,
    by: Annotated[Staff, Depends(allowed(Permission.STOCK_READ))],
    warehouse: Annotated[str | None, Query(max_length=40, pattern=r"^[^\x00]*$")] = None,
    sku: Annotated[str | None, Query(max_length=100, pattern=r"^[^\x00]*$")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> StockPage:
    """A keyset page of counters."""
    after = cast("tuple[str, str] | None", key_of(cursor, str, str))
    async with house.pool.connection() as conn:
        rows = await views.stock(
            conn, warehouse=warehouse, sku=sku, within=by.scope.listed_warehouses, after=after, limit=limit + 1
        )
    shown = [
        StockRowView(**StockView.of(row).model_dump(), title=row["title"], safety_stock=row["safety_stock"])
        for row in rows[:limit]
    ]
    following = cursor_of(shown[-1].warehouse, shown[-1].sku) if len(rows) > limit else None
    return StockPage(items=shown, next_cursor=following)


@router.post("/stock", response_model=StockView, responses=_REFUSED, summary="Feed stock")
async def feed_stock(request: Request, new: NewStock, key: Key, house: InHouse, by: Feeder) -> Response:
    """Say how many pieces stand in a lot, or by how many that changed; never below what orders hold (R5)."""
    asking = Asking.by(by.id, key, request, new)
    return await once(house, asking, lambda: _feed(house, new, f"feed:{by.id}:{key}"))


@router.post("/products", response_model=Listed, responses=_REFUSED, summary="List a product")
async def list_product(request: Request, new: NewProduct, key: Key, house: InHouse, by: Feeder) -> Response:
    """List a product, or correct what is known of it."""

    async def act() -> Answer:
        async with house.pool.connection() as conn:
            await catalogue.put_product(conn, new.sku, **new.model_dump(exclude={"sku"}))
        return Answer.of(Listed(listed=new.sku))

    return await once(house, Asking.by(by.id, key, request, new), act)


@router.post("/warehouses", response_model=Listed, responses=_REFUSED, summary="List a warehouse")
async def list_warehouse(request: Request, new: NewWarehouse, key: Key, house: InHouse, by: Feeder) -> Response:
    """List a warehouse, or correct what is known of it."""

    async def act() -> Answer:
        async with house.pool.connection() as conn:
            await catalogue.put_warehouse(conn, new.code, **new.model_dump(exclude={"code"}))
        return Answer.of(Listed(listed=new.code))

    return await once(house, Asking.by(by.id, key, request, new), act)


async def _feed(house: House, new: NewStock, key: str) -> Answer:
    try:
        async with house.pool.connection() as conn:
            rest = new.model_dump(exclude={"warehouse", "sku"})
            row = await counters.put_stock(conn, new.warehouse, new.sku, at=house.now(), key=key, **rest)
    except UnknownStock as error:
        raise Faulty([Fault("sku", "is not listed, or the warehouse is not")], str(error)) from None
    except StockIsReserved as error:
        raise Conflicting(str(error), slug="stock-is-reserved") from None
    return Answer.of(StockView.of(row))
