"""The simulated WooCommerce: ``/woocommerce/wp-json/wc/v3/…`` as the plug-in has it, and ``/control/woocommerce``."""

from __future__ import annotations

import base64
import uuid
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from dev.simulators.books import Books, page
from dev.simulators.shelf import Document
from dev.simulators.world import World, world_of

_NOTES = "woocommerce_notes"
Worldly = Annotated[World, Depends(world_of)]
Root = Annotated[dict[str, Any], Body()]


class WooError(Exception):
    """What WordPress answers: a code and a status, at the top of the body."""

    def __init__(self, status: int, code: str) -> None:
        self.status = status
        self.code = code


async def answer_woo_error(_: Request, error: Exception) -> JSONResponse:
    """As WordPress writes it."""
    assert isinstance(error, WooError)
    return JSONResponse({"code": error.code, "message": "Sorry", "data": {"status": error.status}}, error.status)


def _authorised(request: Request, world: Worldly) -> None:
    pair = f"{world.config.woocommerce_key}:{world.config.woocommerce_secret}".encode()
    if request.headers.get("Authorization") != f"Basic {base64.b64encode(pair).decode()}":
        raise WooError(401, "woocommerce_rest_cannot_view")


api = APIRouter(prefix="/woocommerce/wp-json/wc/v3", dependencies=[Depends(_authorised)])
control = APIRouter(prefix="/control/woocommerce", tags=["woocommerce"])


@api.get("/orders")
async def list_orders(
    world: Worldly,
    response: Response,
    modified_after: datetime,
    modified_before: datetime,
    number: Annotated[int, Query(alias="page", ge=1)] = 1,
    per_page: Annotated[int, Query(ge=1, le=100)] = 10,
) -> list[Document]:
    """By time of change; both bounds are exclusive, as WordPress compares them."""
    since, until = (at.replace(tzinfo=UTC) for at in (modified_after, modified_before))
    found = [one for one in _books(world).changed(since, until) if since < _changed_at(one) < until]
    response.headers["X-WP-Total"] = str(len(found))
    response.headers["X-WP-TotalPages"] = str(-(-len(found) // per_page))
    return page(found, number, per_page)


@api.get("/orders/{order_id}")
async def read_order(order_id: str, world: Worldly) -> Document:
    return _order(world, order_id)


@api.put("/orders/{order_id}")
async def change_order(order_id: str, body: Root, world: Worldly) -> Document:
    order = _order(world, order_id)
    meta = {one["key"]: one for one in [*order.get("meta_data", []), *body.pop("meta_data", [])]}
    return _books(world).keep(order_id, order | body | {"meta_data": list(meta.values())} | _touched())


@api.get("/orders/{order_id}/notes")
async def read_notes(order_id: str, world: Worldly) -> list[Document]:
    kept = world.shelf.get(_NOTES, order_id)
    return [] if kept is None else list(kept["notes"])


@api.post("/orders/{order_id}/notes", status_code=201)
async def write_note(order_id: str, body: Root, world: Worldly) -> Document:
    note = body | {"id": _number()}
    world.shelf.put(_NOTES, order_id, {"notes": [*await read_notes(order_id, world), note]})
    return note


@api.get("/orders/{order_id}/refunds")
async def read_refunds(order_id: str, world: Worldly) -> list[Document]:
    return [one["whole"] for one in _order(world, order_id).get("refunds", [])]


@api.post("/orders/{order_id}/refunds", status_code=201)
async def refund(order_id: str, body: Root, world: Worldly) -> Document:
    """Never more than is left, as the plug-in has it."""
    order = _order(world, order_id)
    back = sum(abs(float(one["total"])) for one in order.get("refunds", []))
    if float(body["amount"]) > float(order["total"]) - back + 0.001:
        raise WooError(400, "woocommerce_rest_invalid_order_refund")
    made = {"id": _number(), "amount": body["amount"], "reason": body.get("reason", "")}
    short = {"id": made["id"], "reason": made["reason"], "total": f"-{body['amount']}", "whole": made}
    _books(world).keep(order_id, order | {"refunds": [*order.get("refunds", []), short]} | _touched())
    return made


@control.post("/orders", summary="Keep an order as it stands; nothing is sent, as if the webhook were lost")
async def control_place(order: Root, world: Worldly) -> Document:
    return _books(world).keep(str(order["id"]), order)


def _order(world: World, order_id: str) -> Document:
    order = _books(world).order(order_id)
    if order is None:
        raise WooError(404, "woocommerce_rest_shop_order_invalid_id")
    return order


def _books(world: World) -> Books:
    return Books(world.shelf, "woocommerce_order", _changed_at)


def _changed_at(order: Document) -> datetime:
    return datetime.fromisoformat(order["date_modified_gmt"]).replace(tzinfo=UTC)


def _touched() -> Document:
    return {"date_modified_gmt": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")}


def _number() -> int:
    return uuid.uuid4().int >> 90
