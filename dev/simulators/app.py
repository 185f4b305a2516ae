"""All simulated parties as one application; ``/docs`` lists the control endpoints."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import httpx
from fastapi import APIRouter, FastAPI, Request

from dev.simulators import (
    coupons,
    kuaidi100,
    shopfront,
    shopify,
    stripe,
    taobao,
    warehouse,
    wecom,
    woocommerce,
    youzan,
)
from dev.simulators.config import SimulatorConfig
from dev.simulators.faults import FaultMiddleware, FaultOrder, Faults
from dev.simulators.kuaidi100_depot import Depot, accepted_by_kuaidi100, seal_kuaidi100
from dev.simulators.postman import Postman, Sender, success
from dev.simulators.shelf import Shelf
from dev.simulators.shopify_shop import seal_shopify
from dev.simulators.stripe_bank import seal_stripe
from dev.simulators.stripe_errors import StripeError, answer_stripe_error
from dev.simulators.walks import Walks
from dev.simulators.world import World, world_of

control = APIRouter(prefix="/control", tags=["control"])


@control.post("/faults", summary="Let the next requests of a party go wrong")
async def order_fault(fault: FaultOrder, request: Request) -> dict[str, Any]:
    faults = world_of(request).faults
    faults.order(fault)
    return faults.left()


@control.get("/faults", summary="Faults still to come")
async def faults_left(request: Request) -> dict[str, Any]:
    return world_of(request).faults.left()


@control.get("/undelivered", summary="Webhooks and pushes the shop has not accepted yet")
async def undelivered(request: Request) -> list[dict[str, Any]]:
    return world_of(request).postman.undelivered()


@control.get("/healthz", summary="Is the simulator there?")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


def create_app(config: SimulatorConfig, client: httpx.AsyncClient | None = None) -> FastAPI:
    """The application; ``client`` is how the shop is reached, a real one if left out."""
    world = _world(config, client or httpx.AsyncClient(timeout=10))
    app = FastAPI(title="Orderflow: the outside world, simulated", lifespan=_lifespan)
    app.state.world = world
    for router in (
        control,
        stripe.control,
        shopify.control,
        kuaidi100.control,
        woocommerce.control,
        taobao.control,
        youzan.control,
        warehouse.control,
        wecom.control,
        coupons.control,
    ):
        # Not include_router: it would build every door anew for each app, with its first request.
        app.router.routes.extend(router.routes)
    for router in (
        stripe.api,
        shopify.api,
        kuaidi100.api,
        shopfront.api,
        woocommerce.api,
        taobao.api,
        youzan.api,
        wecom.api,
        coupons.api,
    ):
        # Not include_router: it would build every door anew for each app, with its first request.
        app.router.routes.extend(router.routes)
    app.add_exception_handler(StripeError, answer_stripe_error)
    app.add_exception_handler(woocommerce.WooError, woocommerce.answer_woo_error)
    app.add_middleware(FaultMiddleware, faults=world.faults)
    return app


def _world(config: SimulatorConfig, client: httpx.AsyncClient) -> World:
    directory = config.data_dir
    shelf = Shelf(None if directory is None else directory / "simulators" / "simulators.sqlite3")
    postman = Postman(shelf, client, config.first_retry)
    postman.register("stripe", Sender(partial(seal_stripe, config.stripe_webhook_secret), success))
    postman.register("shopify", Sender(partial(seal_shopify, config.shopify_webhook_secret), success))
    for feed, secret in config.stock_feed_secrets.items():
        postman.register(warehouse.sender(feed), Sender(partial(warehouse.seal, secret), success))
    postman.register("kuaidi100", Sender(seal_kuaidi100, accepted_by_kuaidi100))
    return World(config, shelf, postman, Faults(), Walks(config.pace))


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    world: World = app.state.world
    world.postman.resume()
    Depot(world).resume()
    yield
    await world.walks.close()
    await world.postman.close()
    world.shelf.close()
