"""Files of lists, with the token of whoever is signed in: exactly the filtered list, and never a buyer (R21, R25)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx
from fastapi import Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse
from starlette.types import Receive, Scope, Send

from console.bench import SIGN_IN
from console.calls import refusal
from console.desks import audit, order_list
from console.pages import House

_PLAIN = "text/plain; charset=utf-8"
EXPORTS = {"orders": order_list.FILTERS, "audit": audit.FILTERS}
"""Lists that can be taken along, each with the filters that are handed on to the API's file of the same name."""


def csv_of(house: House, name: str) -> Callable[..., Awaitable[Response]]:
    """A list as the API writes it, handed on piece by piece. A purpose is never handed on."""

    async def export(request: Request) -> Response:
        session = house.session(request)
        if session is None:
            return RedirectResponse(SIGN_IN, status_code=303)
        given = request.query_params
        asked = {one: given[one] for one in EXPORTS[name] if given.get(one)}
        wanted = house.http.build_request(
            "GET", f"/v1/{name}.csv", params=asked, headers={"Authorization": f"Bearer {session.access_token}"}
        )
        try:
            answer = await house.http.send(wanted, stream=True)
        except httpx.TransportError:
            return Response(status_code=503)
        if answer.is_success:
            return HandedOn(answer, name)
        await answer.aread()
        return Response(refusal(answer).detail, answer.status_code, media_type=_PLAIN)

    return export


class HandedOn(StreamingResponse):
    """The API's answer piece by piece; it is let go however this one ends, also before its first piece."""

    def __init__(self, answer: httpx.Response, name: str) -> None:
        headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{name}.csv"'}
        super().__init__(answer.aiter_bytes(), 200, headers, "text/csv; charset=utf-8")
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._answer.aclose()
