"""What every answer of the console tells browsers: run nothing from elsewhere, show us in no other page (ASVS 3.4)."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
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
        "object-src 'self'",
        "base-uri 'self'",
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
_ONLY_HTTPS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}


class Guarded:
    """Adds the headers to whatever is answered; a page is kept in no cache, since persons may stand on it (R21)."""

    def __init__(self, app: ASGIApp, *, only_https: bool) -> None:
        self._app = app
        self._headers = _ALWAYS | (_ONLY_HTTPS if only_https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, and add them."""

        async def said(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if headers.get("content-type", "").startswith("text/html"):
                    headers["Cache-Control"] = "no-store"
            await send(message)

        await self._app(scope, receive, said if scope["type"] == "http" else send)
