"""The line to the API may be cut just as it is used; what can be asked twice is asked once more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from pydantic import BaseModel

from console.app import line_to
from console.calls import Api, reach
from console.errors import Away


class Anything(BaseModel):
    """Whatever comes."""


@asynccontextmanager
async def cutting(times: int) -> AsyncIterator[tuple[str, list[str]]]:
    """A server that cuts that many connections once it has read what was asked; its address, and all requests."""
    asked: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
        if len(asked) > times:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked


def keys(asked: list[str]) -> set[str]:
    """Under which keys it was asked."""
    return {line for one in asked for line in one.splitlines() if line.lower().startswith("idempotency-key")}


async def test_a_reading_is_asked_for_once_more_and_no_oftener() -> None:
    async with cutting(1) as (address, asked), line_to(address) as http:
        await Api(http, "known").get("/v1/orders", Anything)
        assert len(asked) == 2
    async with cutting(2) as (address, asked), line_to(address) as http:
        with pytest.raises(Away):
            await Api(http, "known").get("/v1/orders", Anything)
        assert len(asked) == 2


async def test_an_act_is_asked_for_once_more_under_the_same_key() -> None:
    async with cutting(1) as (address, asked), line_to(address) as http:
        assert await Api(http, "known").post("/v1/acts", {}) == {}
        assert (len(asked), len(keys(asked))) == (2, 1)


async def test_what_has_no_key_is_not_asked_for_twice() -> None:
    async with cutting(1) as (address, asked), line_to(address) as http:
        with pytest.raises(Away):
            await reach(http, "POST", "/v1/session", json={"username": "invented", "password": "four invented words"})
        assert len(asked) == 1
