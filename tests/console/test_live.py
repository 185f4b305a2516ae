"""When a page reads anew: when it is told, when it missed something, when what it shows is over; else never (R33)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
from nicegui import Client
from nicegui.page import page

from console.bench import Bench
from console.calls import Api
from console.entrance import StaffCard
from console.errors import Away, Refused
from console.live import SURELY_EVERY_S, Live
from console.preferences import Preferences


@dataclass
class Reading:
    """A page that listens for ``tea``; ``comes_to`` is what its next reading comes to."""

    bench: Bench
    client: Client
    comes_to: int | Exception = 0
    reads: int = 0
    shown: list[int] = field(default_factory=list)
    over: datetime | None = None

    async def begin(self) -> None:
        """It is told of all that it shows, and has been read once."""
        with self.client:
            self.live = Live(
                self.bench, self.load, self.shown.append, told=("tea",), wholly=True, until=lambda _: self.over
            )
            self.bench.ear.hears = True
            await self.live.look()

    async def load(self) -> int:
        """Read it."""
        self.reads += 1
        if isinstance(self.comes_to, Exception):
            raise self.comes_to
        return self.comes_to

    async def after(self, seconds: float) -> int:
        """How often it was read, once so long has passed since it was read last."""
        self.reads = 0
        self.live._read_at = asyncio.get_running_loop().time() - seconds
        with self.client:
            await self.live._tick()
        return self.reads


@pytest.fixture
async def at(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Reading]:
    monkeypatch.setattr(Client, "has_socket_connection", True)
    client = Client(page("/"), request=None)
    async with httpx.AsyncClient(base_url="http://shop.test") as http:
        card = StaffCard(id="picker-1", role="warehouse", permissions=frozenset({"pick.read"}))
        reading = Reading(Bench(card, Api(http, "known"), Preferences("en", "light"), ZoneInfo("UTC")), client)
        await reading.begin()
        yield reading
    client.delete()


async def test_a_page_at_which_nothing_happens_asks_nothing(at: Reading) -> None:
    assert (at.reads, at.shown) == (1, [0])
    assert await at.after(3_600) == 0


async def test_it_reads_when_it_is_told_and_whenever_it_hears_nothing(at: Reading) -> None:
    at.bench.ear._tell("coffee")
    assert await at.after(60) == 0
    at.bench.ear._tell("tea")
    assert await at.after(0.5) == 0, "not oftener than every second"
    assert await at.after(1) == 1
    at.bench.ear.hears = False
    assert [await at.after(1), await at.after(1)] == [1, 1]


async def test_what_a_lost_reading_was_to_show_is_read_until_it_is_shown(at: Reading) -> None:
    at.bench.ear._tell("tea")
    at.comes_to = Away("ConnectError")
    assert [await at.after(1), await at.after(1)] == [1, 1]
    at.comes_to = 2
    assert [await at.after(1), await at.after(1)] == [1, 0]
    assert at.shown == [0, 2]


async def test_a_reading_that_was_refused_is_tried_again_after_a_while(at: Reading) -> None:
    at.bench.ear._tell("tea")
    at.comes_to = Refused(429, "too-many", "ask again later", ())
    assert [await at.after(1), await at.after(1)] == [1, 0]
    at.comes_to = 2
    assert [await at.after(SURELY_EVERY_S), await at.after(SURELY_EVERY_S)] == [1, 0]
    assert at.shown == [0, 2]


async def test_what_is_over_by_itself_is_read_when_it_is(at: Reading) -> None:
    at.over = datetime.now(UTC) + timedelta(hours=1)
    assert await at.after(60) == 0
    at.over = datetime.now(UTC)
    assert await at.after(60) == 1


async def test_a_page_that_no_browser_holds_reads_nothing_and_forgets_nothing(
    at: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Client, "has_socket_connection", False)
    at.bench.ear._tell("tea")
    assert await at.after(60) == 0
    monkeypatch.setattr(Client, "has_socket_connection", True)
    assert await at.after(1) == 1
