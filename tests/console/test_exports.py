"""A file that is handed on leaves nothing open at the API, whoever leaves early."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from console.exports import HandedOn


class Rows(httpx.AsyncByteStream):
    """A file without end, of which it is known whether somebody still reads it."""

    closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            yield b"site-1,picking\r\n"
            await asyncio.sleep(0)

    async def aclose(self) -> None:
        self.closed = True


@pytest.mark.parametrize("pieces", [0, 3])
async def test_a_browser_that_leaves_early_ends_the_reading_of_the_file(pieces: int) -> None:
    rows, sent, left = Rows(), [], asyncio.Event()
    if not pieces:
        left.set()

    async def receive() -> dict[str, Any]:
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message["type"])
        if len(sent) > pieces:
            left.set()

    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=rows))
    async with httpx.AsyncClient(transport=transport, base_url="http://api.test") as http:
        answer = await http.send(http.build_request("GET", "/v1/orders.csv"), stream=True)
        await asyncio.wait_for(HandedOn(answer, "orders")({"type": "http"}, receive, send), 5)
        assert rows.closed
