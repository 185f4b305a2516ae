"""A page hears of changes by one stream, and takes nothing from silence when there is none (R33)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import httpx

from console.app import line_to
from console.calls import Api
from console.hearing import ANYTHING, Ear


@dataclass
class Events:
    """The API's stream in a test's hands: what is said on it, and when it ends."""

    said: asyncio.Queue[str | None] = field(default_factory=asyncio.Queue)
    status: int = 200
    asked: int = 0
    heard: str = ""
    about: list[str] = field(default_factory=list)

    def api(self) -> Api:
        """A way to it."""
        return Api(httpx.AsyncClient(transport=httpx.MockTransport(self._answer), base_url="http://api.test"), "known")

    async def tell(self, kind: str) -> None:
        """Say it, and wait until it was heard."""
        await self.said.put(kind)
        await until(lambda: self.heard == kind)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        self.about = request.url.params.get_list("about")
        assert request.headers["Authorization"] == "Bearer known"
        return httpx.Response(self.status, content=self._stream() if self.status == 200 else b"{}")

    async def _stream(self) -> AsyncIterator[bytes]:
        while (kind := await self.said.get()) is not None:
            event, _, about = kind.partition("/")
            data = {"about": about} if about else {}
            yield f"event: {event}\ndata: {json.dumps(data)}\n\n".encode()
            # Whoever reads asks for the next piece when this one has been heard.
            self.heard = kind


async def until(so: Callable[[], bool]) -> None:
    """Let the listener go on until it is so."""
    async with asyncio.timeout(5):
        while not so():  # noqa: ASYNC110 - what is waited for is a value, not an event.
            await asyncio.sleep(0.001)


async def test_a_change_is_heard_once_and_silence_is_believed_only_while_the_stream_stands() -> None:
    events = Events()
    ear = Ear(events.api())
    part = ear.wants(ANYTHING)
    assert part.changed(), "before anything was heard there may be news"
    listening = asyncio.create_task(ear.listen())
    assert not part.hears
    await events.said.put("ready")
    await until(lambda: part.hears)
    assert part.changed()
    assert not part.changed()
    await events.said.put("order")
    await until(part.changed)
    await events.said.put(None)
    await until(lambda: not part.hears)
    assert part.changed(), "a stream that broke off may have had news"
    listening.cancel()


async def test_each_part_of_a_page_hears_of_what_it_shows_and_of_all_that_was_missed_and_of_nothing_else() -> None:
    events = Events()
    ear = Ear(events.api())
    risk, peak = ear.wants({"blacklist"}), ear.wants({"peak"})
    assert (risk.changed(), peak.changed()) == (True, True)
    listening = asyncio.create_task(ear.listen())
    for kind, news in (
        ("ready", (True, True)),
        ("record/blacklist", (True, False)),
        ("record/peak", (False, True)),
        ("reload", (True, True)),
    ):
        await events.tell(kind)
        assert (risk.changed(), peak.changed()) == news, kind
    listening.cancel()
    assert events.about == ["blacklist", "peak"]


async def test_a_page_with_a_part_that_shows_anything_asks_for_everything() -> None:
    ear = Ear(Events().api())
    ear.wants({"peak"})
    ear.wants(ANYTHING)
    assert ear.about == []


async def test_a_stream_that_ended_is_asked_for_again() -> None:
    events = Events()
    ear = Ear(events.api(), again_after_s=0)
    listening = asyncio.create_task(ear.listen())
    await events.said.put(None)
    await until(lambda: events.asked == 2)
    await events.said.put("ready")
    await until(lambda: ear.hears)
    listening.cancel()


async def test_whoever_is_signed_out_listens_no_more() -> None:
    events = Events(status=401)
    ear = Ear(events.api(), again_after_s=0)
    await asyncio.wait_for(ear.listen(), 5)
    assert (events.asked, ear.hears) == (1, False)


async def test_an_api_that_is_away_is_asked_again_and_nothing_is_taken_from_its_silence() -> None:
    events = Events(status=503)
    ear = Ear(events.api(), again_after_s=0)
    listening = asyncio.create_task(ear.listen())
    await until(lambda: events.asked > 1)
    assert not ear.hears
    listening.cancel()


async def test_a_hundred_pages_that_listen_leave_the_line_open_for_acts() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nevent: ready\ndata: {}\n\n"
        writer.write(head if b"/v1/events" in asked else b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        await writer.drain()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, line_to(f"http://127.0.0.1:{port}") as http:
        ears = [Ear(Api(http, "known")) for _ in range(110)]
        listening = [asyncio.create_task(ear.listen()) for ear in ears]
        await until(lambda: all(ear.hears for ear in ears))
        assert await asyncio.wait_for(Api(http, "known").post("/v1/acts", {}), 5) == {}
        for one in listening:
            one.cancel()
        await asyncio.gather(*listening, return_exceptions=True)
