"""The console as an ASGI app: the desks in a browser, a client of the REST API like any other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

import httpx
import nicegui
from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from nicegui import ui
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from console import calls
from console.bench import SIGN_IN
from console.buyers_page import buyers_page
from console.desks import DESKS
from console.desks.me import ME
from console.entrance import ApiEntrance, Entrance
from console.errors import Away, Refused, SignedOut
from console.exports import EXPORTS, csv_of
from console.headers import DOCUMENT_POLICY, Guarded
from console.pages import House, first_page, page_of
from console.preferences import remember
from console.signing import own_path, sign_in_act, sign_in_page

COOKIE = "orderflow_console"
_COOKIE_LIVES = timedelta(days=365)
_API_ANSWERS_WITHIN_S = 15.0
_PAGE_STANDS_WITHIN_S = _API_ANSWERS_WITHIN_S + 5.0
"""A page that waited for the API in vain still says so."""
_LINE_KEPT_FOR_S = 20.0
"""Less than the API keeps an idle connection (cli.processes): else it would be cut just as it is used."""
_LINE_LOST_FOR_S = 60.0
"""So long the page of a browser that is out of reach is kept. One that comes back later is loaded anew, and what
was typed or counted on it is lost: a handheld between the racks must not meet that."""


@dataclass(frozen=True)
class ConsoleConfig:
    """What the console needs to know. ``storage_secret`` signs the browser's cookie.

    ``secure_cookies`` is True wherever the console stands behind TLS, so everywhere but in development.
    ``trusted_proxies`` are the networks whose word counts on which browser asks.
    """

    api_url: str
    storage_secret: str = field(repr=False)
    secure_cookies: bool
    environment: str
    public_url: str | None = None
    trusted_proxies: tuple[str, ...] = ()
    timezone: str = "Asia/Shanghai"
    shop_name: str = "Orderflow"


def create_app(config: ConsoleConfig, entrance: Entrance | None = None) -> FastAPI:
    """The desks. One for each process: NiceGUI keeps its pages in the process.

    ``entrance`` is how people come in; left out, it is the API's own sign-in.
    """
    http = line_to(config.api_url)
    house = House(
        http,
        entrance or ApiEntrance(http),
        ZoneInfo(config.timezone),
        config.shop_name,
        development=config.environment == "development",
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with http:
            yield

    app = FastAPI(title="Orderflow console", openapi_url=None, lifespan=lifespan)
    app.add_middleware(Guarded, only_https=config.secure_cookies, public_url=config.public_url)
    heeding(app, config.trusted_proxies)
    app.get("/healthz")(_alive)
    _furnish(house)
    ui.run_with(
        app,
        title="Orderflow",
        # The language of a page is its person's, and script.py names it.
        language=None,
        tailwind=False,
        show_welcome_message=False,
        storage_secret=config.storage_secret,
        session_middleware_kwargs={
            "session_cookie": cookie_name(secure=config.secure_cookies),
            "https_only": config.secure_cookies,
            "same_site": "lax",
            "max_age": int(_COOKIE_LIVES.total_seconds()),
        },
    )
    return app


def cookie_name(*, secure: bool) -> str:
    """Behind TLS browsers take a cookie of this name from this very host only (ASVS 3.3.3)."""
    return f"__Host-{COOKIE}" if secure else COOKIE


def line_to(api_url: str) -> httpx.AsyncClient:
    """The console's one client of the API."""
    # Every open page keeps a stream of events. With httpx's usual 100 connections the hundredth page would leave
    # none for readings and acts, at any page; how many may listen is the API's to say.
    unbounded = httpx.Limits(max_connections=None, max_keepalive_connections=20, keepalive_expiry=_LINE_KEPT_FOR_S)
    return httpx.AsyncClient(base_url=api_url, timeout=_API_ANSWERS_WITHIN_S, trust_env=False, limits=unbounded)


def heeding(app: FastAPI, proxies: tuple[str, ...]) -> None:
    """Have the app take the word of these proxies, and of nobody else, on which browser asks."""
    app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(proxies))


async def _alive() -> dict[str, str]:
    return {"status": "alive"}


def _furnish(house: House) -> None:
    ui.page("/")(first_page(house))
    ui.page(SIGN_IN, reconnect_timeout=_LINE_LOST_FOR_S)(sign_in_page(house))
    nicegui.app.post(SIGN_IN)(sign_in_act(house))
    _page("/track/{token}")(buyers_page(house))
    for desk in (*DESKS, ME):
        for path, draw in ((desk.route, desk.draw), *desk.pages):
            _page(path)(page_of(house, desk, draw))
    nicegui.app.get("/preferences/{name}/{choice}")(_prefer)
    nicegui.app.get("/labels/{parcel_no}.pdf")(_label_of(house))
    for name in EXPORTS:
        nicegui.app.get(f"/exports/{name}.csv")(csv_of(house, name))


def _page(path: str) -> ui.page:
    # Not by ui.run_with: that would also ask browsers more seldom whether they are there, and tell a lost line late.
    return ui.page(path, response_timeout=_PAGE_STANDS_WITHIN_S, reconnect_timeout=_LINE_LOST_FOR_S)


async def _prefer(request: Request, name: str, choice: str, back: str = "/") -> RedirectResponse:
    """Remember a switch; it changes nothing but how this browser sees the desks."""
    remember(request.session, name, choice)
    return RedirectResponse(own_path(back), status_code=303)


def _label_of(house: House) -> Callable[..., Awaitable[Response]]:
    async def label(request: Request, parcel_no: str) -> Response:
        """The API's label with this person's token; nobody keeps it (R21)."""
        session = house.session(request)
        if session is None:
            return RedirectResponse(SIGN_IN, status_code=303)
        try:
            content = await calls.Api(house.http, session.access_token).download(f"/v1/parcels/{parcel_no}/label.pdf")
        except Refused as error:
            return Response(error.detail, error.status, media_type="text/plain")
        except (SignedOut, Away):
            return Response(status_code=503)
        headers = {"Cache-Control": "no-store", "Content-Disposition": f'inline; filename="{parcel_no}.pdf"',
                   "Content-Security-Policy": DOCUMENT_POLICY}  # fmt: skip
        return Response(content, media_type="application/pdf", headers=headers)

    return label
