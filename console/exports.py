"""Files of lists, with the token of whoever is signed in: exactly the filtered list, and never a buyer (R21, R25)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
from fastapi import Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse

from console.bench import SIGN_IN
from console.calls import refusal
from console.desks.order_list import FILTERS
from console.pages import House

_PLAIN = "text/plain; charset=utf-8"


def orders_csv(house: House) -> Callable[..., Awaitable[Response]]:
    """The list of orders as the API writes it, handed on piece by piece. A purpose is never handed on."""

    async def export(request: Request) -> Response:
        session = house.session(request)
        if session is None:
            return RedirectResponse(SIGN_IN, status_code=303)
        given = request.query_params
        asked = {name: given[name] for name in FILTERS if given.get(name)}
        wanted = house.http.build_request(
            "GET", "/v1/orders.csv", params=asked, headers={"Authorization": f"Bearer {session.access_token}"}
        )
        try:
            answer = await house.http.send(wanted, stream=True)
        except httpx.TransportError:
            return Response(status_code=503)
        if answer.is_success:
            headers = {"Cache-Control": "no-store", "Content-Disposition": 'attachment; filename="orders.csv"'}
            return StreamingResponse(_pieces(answer), 200, headers, "text/csv; charset=utf-8")
        await answer.aread()
        return Response(refusal(answer).detail, answer.status_code, media_type=_PLAIN)

    return export


async def _pieces(answer: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for piece in answer.aiter_bytes():
            yield piece
    finally:
        await answer.aclose()
