"""The simulated Shopify: ``/shopify/admin/api/2025-01/…`` as the provider has it, and ``/control/shopify``."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, HTTPException, Query, Request, Response

from dev.simulators.shopify_shop import ShopifyShop
from dev.simulators.world import World, world_of


def shop_of(world: Annotated[World, Depends(world_of)]) -> ShopifyShop:
    """The shop's books in this world."""
    return ShopifyShop(world.config, world.shelf, world.postman)


def _authorised(request: Request, world: Annotated[World, Depends(world_of)]) -> None:
    if request.headers.get("X-Shopify-Access-Token") != world.config.shopify_access_token:
        raise HTTPException(401, "[API] Invalid API key or access token")


Shop = Annotated[ShopifyShop, Depends(shop_of)]
Times = Annotated[int, Query(ge=0, le=50, description="How often the webhook is sent; 0 loses it.")]
Root = Annotated[dict[str, Any], Body()]

api = APIRouter(prefix="/shopify/admin/api/2025-01", dependencies=[Depends(_authorised)])
control = APIRouter(prefix="/control/shopify", tags=["shopify"])


@api.get("/orders.json")
async def list_orders(request: Request, response: Response, shop: Shop) -> dict[str, Any]:
    """By time of change, a page at a time; the next page's cursor stands in the Link header."""
    asked = dict(request.query_params)
    orders, following = shop.changed(asked)
    if following:
        address = request.url.replace_query_params(limit=asked["limit"], page_info=following)
        response.headers["Link"] = f'<{address}>; rel="next"'
    return {"orders": orders}


@api.get("/orders/{order_id}.json")
async def read_order(order_id: str, shop: Shop) -> dict[str, Any]:
    return {"order": shop.order(order_id)["order"]}


@api.post("/orders/{order_id}/cancel.json")
async def cancel_order(order_id: str, shop: Shop) -> dict[str, Any]:
    return {"order": shop.cancel(order_id, "other")["order"]}


@api.get("/orders/{order_id}/transactions.json")
async def read_transactions(order_id: str, shop: Shop) -> dict[str, Any]:
    return {"transactions": shop.order(order_id)["transactions"]}


@api.get("/orders/{order_id}/refunds.json")
async def read_refunds(order_id: str, shop: Shop) -> dict[str, Any]:
    return {"refunds": shop.order(order_id)["refunds"]}


@api.post("/orders/{order_id}/refunds/calculate.json")
async def calculate_refund(order_id: str, shop: Shop) -> dict[str, Any]:
    currency = shop.order(order_id)["order"]["currency"]
    return {"refund": {"currency": currency, "transactions": shop.suggested(order_id)}}


@api.post("/orders/{order_id}/refunds.json", status_code=201)
async def create_refund(order_id: str, body: Root, shop: Shop) -> dict[str, Any]:
    return {"refund": shop.refund(order_id, body["refund"])}


@api.get("/orders/{order_id}/metafields.json")
async def read_metafields(order_id: str, shop: Shop) -> dict[str, Any]:
    return {"metafields": list(shop.order(order_id)["metafields"].values())}


@api.post("/orders/{order_id}/metafields.json", status_code=201)
async def write_metafield(order_id: str, body: Root, shop: Shop) -> dict[str, Any]:
    return {"metafield": shop.write_metafield(order_id, body["metafield"])}


@api.get("/orders/{order_id}/fulfillment_orders.json")
async def read_fulfilment_orders(order_id: str, shop: Shop) -> dict[str, Any]:
    return {"fulfillment_orders": shop.fulfilment_orders(order_id)}


@api.get("/orders/{order_id}/fulfillments.json")
async def read_fulfilments(order_id: str, shop: Shop) -> dict[str, Any]:
    return {"fulfillments": shop.order(order_id)["fulfillments"]}


@api.post("/fulfillments.json", status_code=201)
async def create_fulfilment(body: Root, shop: Shop) -> dict[str, Any]:
    return {"fulfillment": shop.fulfil(body["fulfillment"])}


@control.post("/orders", summary="Place an order: the body is the orders/create webhook's")
async def control_place(order: Root, shop: Shop, times: Times = 1) -> dict[str, Any]:
    if not {"id", "currency", "total_price"} <= order.keys():
        raise HTTPException(422, "an order needs id, currency and total_price")
    return shop.register(order, times)


@control.post("/orders/{order_id}/change", summary="Change fields of an order; lost with times=0")
async def control_change(order_id: str, fields: Root, shop: Shop, times: Times = 1) -> dict[str, Any]:
    return shop.change(order_id, fields, times)


@control.get("/orders/{order_id}", summary="Everything the shop keeps of one order")
async def control_read(order_id: str, shop: Shop) -> dict[str, Any]:
    return shop.order(order_id)


@control.post("/orders/{order_id}/pay", summary="The buyer pays")
async def control_pay(order_id: str, shop: Shop, times: Times = 1) -> dict[str, Any]:
    return shop.pay(order_id, times)


@control.post("/orders/{order_id}/cancel", summary="The buyer cancels")
async def control_cancel(order_id: str, shop: Shop, times: Times = 1) -> dict[str, Any]:
    return shop.cancel(order_id, "customer", times)
