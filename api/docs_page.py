"""The interactive docs: the one page that runs scripts, and a policy that lets it run just those."""

from __future__ import annotations

import base64
import hashlib
import re

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.requests import Request
from starlette.responses import HTMLResponse

_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_LIBRARY = "https://cdn.jsdelivr.net"


def install(app: FastAPI) -> None:
    """Serve ``/docs``; the app must have been made without FastAPI's own."""
    page = get_swagger_ui_html(openapi_url="/openapi.json", title="Orderflow", swagger_favicon_url="data:,")
    html = bytes(page.body).decode()
    headers = {"Content-Security-Policy": _policy(html)}

    async def docs(request: Request) -> HTMLResponse:
        del request
        return HTMLResponse(html, headers=headers)

    app.add_route("/docs", docs, include_in_schema=False)


def _policy(html: str) -> str:
    """Nothing but the library, its styles, the page's own script by its hash, and calls of this API."""
    hashes = (hashlib.sha256(script.encode()).digest() for script in _INLINE.findall(html))
    scripts = " ".join(f"'sha256-{base64.b64encode(one).decode()}'" for one in hashes)
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {_LIBRARY} {scripts}",
            f"style-src {_LIBRARY} 'unsafe-inline'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )
