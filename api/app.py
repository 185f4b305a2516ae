"""Every door in, in one application: ``create_app`` is the factory that uvicorn calls."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api import docs_page, metrics, problems
from api.bodies import JsonShape
from api.describing import describe
from api.house import open_house
from api.lookout import LOOKS, Lookouts
from api.middleware import Surroundings
from api.routes import (
    accounts,
    alerts,
    audit,
    board,
    boards,
    buyers,
    cases,
    commands,
    differences,
    emergencies,
    events,
    health,
    lists,
    logistics,
    money,
    orders,
    own_account,
    picking,
    returns,
    rights,
    risk,
    saved_views,
    schedules,
    searching,
    session,
    status,
    stock,
    stock_feed,
    stuck,
    terms,
    tokens,
    tracking,
    webhooks,
)
from runtime.settings import Settings, load_settings

DESCRIPTION = """
Order management in which every order is one durable Temporal workflow.

* Amounts are integers in the currency's **minor unit**; times carry an offset.
* Every POST needs an **Idempotency-Key**: the same key with the same body gets the same answer,
  so a request that timed out is simply sent again.
* Sign in with `POST /v1/session`; send its `access_token` as a **bearer token**. No cookie opens anything.
* Asked too often is answered 429 with `Retry-After`; `RateLimit` says what is left.
* Errors are **problem+json** (RFC 9457) and name every faulty field at once.
* Lists are **keyset pages**: pass `next_cursor` on as `cursor`.
* Names, phones and addresses are stored encrypted and shown masked, to authorised posts only.
"""

TAGS = [
    {"name": "session", "description": "Signing in, who am I, signing out 登入"},
    {"name": "orders", "description": "Placing orders and looking at them 訂單"},
    {"name": "commands", "description": "What people ask of an order: review, cancel, hold … 操作"},
    {"name": "cases", "description": "What went wrong, and what is done about it 個案"},
    {"name": "money", "description": "Refunds, the ledger of an order, bank transfers 款項"},
    {"name": "emergencies", "description": "Orders held together, broadcasts, peak mode, the daily digest 緊急與簡報"},
    {"name": "returns", "description": "Returns and exchanges 退換貨"},
    {"name": "warehouse", "description": "Pick tasks, scans, recheck, labels 倉庫"},
    {"name": "stock", "description": "Stock, products, warehouses 庫存"},
    {"name": "boards", "description": "Running deadlines 看板"},
    {"name": "audit", "description": "The record of every act: searched, taken along, verified 稽核"},
    {"name": "schedules", "description": "What the house does by the clock 排程"},
    {"name": "stuck", "description": "Work that does not go on by itself, and asking again 卡住的工作"},
    {"name": "webhooks", "description": "Messages of channels, payment providers and carriers 接入"},
    {"name": "risk", "description": "The blacklist and the rules of the review 風控"},
    {"name": "board", "description": "How the shop does, by period and channel 經營看板"},
    {"name": "logistics", "description": "Parcels by state, carriers compared 物流"},
    {"name": "differences", "description": "What the sweep found to disagree 差異"},
    {"name": "accounts", "description": "Who works here, in which role; tokens of machines 帳號"},
    {"name": "terms", "description": "What buyers order under: returns, privacy, by version 條款"},
    {"name": "views", "description": "Lists as a person likes to see them 視圖"},
    {"name": "tracking", "description": "The buyer's own page of an order 訂單查詢"},
    {"name": "health", "description": "For supervisors and monitors"},
]


def create_app(settings: Settings | None = None) -> FastAPI:
    """The API. Nothing is opened before its lifespan begins; raises SettingsError for wrong settings."""
    known = settings or load_settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_house(known) as house:
            app.state.house = house
            yield

    app = FastAPI(
        title="Orderflow",
        version="1",
        summary="Order management: one order, one durable workflow.",
        description=DESCRIPTION,
        openapi_tags=TAGS,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    _furnish(app, known)
    return app


def _furnish(app: FastAPI, settings: Settings) -> None:
    registry = CollectorRegistry()
    app.state.registry = registry
    app.state.lookouts = Lookouts(LOOKS)
    app.state.gauges = metrics.Gauges(registry)
    app.add_middleware(JsonShape)
    app.add_middleware(
        Surroundings,
        requests=metrics.requests(registry),
        seconds=metrics.seconds(registry),
        only_https=settings.environment == "production",
    )
    app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=[str(one) for one in settings.trusted_proxies])
    problems.install(app)
    docs_page.install(app)
    # Webhooks come first, since a door is found by trying one after the other, and theirs is the busiest.
    # The lists come before the orders: "count" must not be read as an order's number.
    for room in (
        webhooks,
        lists,
        orders,
        searching,
        buyers,
        commands,
        money,
        status,
        emergencies,
        cases,
        returns,
        picking,
        stock,
        boards,
        alerts,
        audit,
        schedules,
        stuck,
        saved_views,
        events,
        session,
        own_account,
        accounts,
        tokens,
        rights,
        stock_feed,
        risk,
        differences,
        board,
        logistics,
        terms,
        tracking,
        health,
    ):
        # Not include_router: it would build every door anew for each app, with its first request.
        app.router.routes.extend(room.router.routes)
    describe(app)
