"""What every answer of the console tells browsers: run nothing from elsewhere, show us in no other page (ASVS 3.4).

A page's live connection is opened by pages of our own only (ASVS 4.4.2): a browser says which site asks.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# NiceGUI writes its pages' scripts and styles into the page and compiles templates in the browser, so both are
# allowed there; from no other host. Labels are shown in a frame, by ourselves only.
_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
# The address of a buyer's page opens it: no other site may be told of it.
_ALWAYS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "geolocation=(), microphone=(), payment=()",
}
# Browsers show a PDF by a part of their own, which counts as an object of the answer itself.
DOCUMENT_POLICY = "default-src 'self'; object-src 'self'; base-uri 'none'; frame-ancestors 'self'"
_LIVE = "/_nicegui_ws"
_ONLY_HTTPS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}


class Guarded:
    """Adds the headers to whatever is answered; a page is kept in no cache, since persons may stand on it (R21)."""

    def __init__(self, app: ASGIApp, *, only_https: bool, public_url: str | None = None) -> None:
        self._app, self._own = app, urlsplit(public_url or "").netloc
        self._headers = _ALWAYS | (_ONLY_HTTPS if only_https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, and add them; a live connection from another site's page is refused."""
        live = scope["type"] == "websocket" or str(scope.get("path", "")).startswith(_LIVE)
        if live and not self._is_our_page(Headers(scope=scope)):
            await _refuse(scope, send)
            return

        async def said(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if headers.get("content-type", "").startswith("text/html"):
                    headers["Cache-Control"] = "no-store"
            await send(message)

        await self._app(scope, receive, said if scope["type"] == "http" else send)

    def _is_our_page(self, headers: Headers) -> bool:
        # What is no browser sends no origin, and has no cookie that somebody else could use.
        origin = headers.get("origin")
        return origin is None or urlsplit(origin).netloc in {headers.get("host", ""), self._own} - {""}


async def _refuse(scope: Scope, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": "another site's page"})
        return
    await send({"type": "http.response.start", "status": 403, "headers": []})
    await send({"type": "http.response.body", "body": b""})
