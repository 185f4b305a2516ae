"""Headers of the console behind TLS."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from fastapi.testclient import TestClient

from console.app import cookie_name
from console.headers import Guarded


@pytest.mark.parametrize("only_https", [True, False])
async def test_browsers_are_told_to_use_https_only_where_there_is_https(only_https: bool) -> None:
    app = FastAPI()
    app.add_middleware(Guarded, only_https=only_https)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.test") as client:
        answer = await client.get("/openapi.json")
    assert ("max-age=31536000" in answer.headers.get("strict-transport-security", "")) is only_https
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert {"object-src 'none'", "base-uri 'none'"} <= set(answer.headers["content-security-policy"].split("; "))
    assert "cache-control" not in answer.headers, "what is no page may be kept"


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 200),
        ("http://desk.test", 200),
        ("https://desks.shop.test", 200),
        ("https://evil.test", 403),
        ("null", 403),
    ],
)
async def test_a_live_connection_is_opened_by_our_own_pages_only(origin: str | None, status: int) -> None:
    app = FastAPI()
    app.get("/_nicegui_ws/socket.io/")(lambda: {"open": True})
    app.add_middleware(Guarded, only_https=True, public_url="https://desks.shop.test")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.test") as client:
        headers = {"Origin": origin} if origin else {}
        assert (await client.get("/_nicegui_ws/socket.io/", headers=headers)).status_code == status


def test_a_websocket_of_another_sites_page_is_refused() -> None:
    app = FastAPI()

    @app.websocket("/_nicegui_ws/socket.io/")
    async def live(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text("open")

    app.add_middleware(Guarded, only_https=True)
    browser = TestClient(app)
    with browser.websocket_connect("/_nicegui_ws/socket.io/", headers={"Origin": "http://testserver"}) as line:
        assert line.receive_text() == "open"
    with (
        pytest.raises(WebSocketDisconnect),
        browser.websocket_connect("/_nicegui_ws/socket.io/", headers={"Origin": "https://evil.test"}),
    ):
        pass


def test_behind_tls_the_cookie_belongs_to_this_host_alone() -> None:
    assert cookie_name(secure=True) == "__Host-orderflow_console"
    assert cookie_name(secure=False) == "orderflow_console"
