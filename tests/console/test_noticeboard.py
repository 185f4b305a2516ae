"""What stands before everybody is read once for all pages, and in nobody else's name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from api.schemas.emergencies import BroadcastPage
from console import noticeboard
from console.bench import Bench
from console.calls import Api
from console.entrance import StaffCard
from console.errors import SignedOut
from console.noticeboard import Noticeboard
from console.preferences import Preferences

_STANDS: dict[str, Any] = {
    "departments": [], "sent_by": "operations-1", "sent_at": "2030-01-02T08:00:00Z", "posted_at": None,
    "refused": None, "stands": True, "stands_until": "2030-01-05T08:00:00Z", "ended_at": None, "ended_by": None,
}  # fmt: skip
ENDED = "ended"


class Asked:
    """An API with three broadcasts; it counts who asked for which department."""

    def __init__(self) -> None:
        self.by: list[tuple[str, str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """What stands, for a token that holds."""
        token = request.headers["Authorization"].removeprefix("Bearer ")
        self.by.append((token, request.url.params["department"]))
        if token == ENDED:
            return httpx.Response(401)
        items = [
            {"broadcast_id": f"B-{severity}", "severity": severity, "text": severity, **_STANDS}
            for severity in ("notice", "emergency", "warning")
        ]
        page = BroadcastPage.model_validate({"items": items, "next_cursor": None})
        return httpx.Response(200, content=page.model_dump_json())


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
async def http(asked: Asked) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(asked), base_url="http://shop.test") as client:
        yield client


def at_a_page(http: httpx.AsyncClient, role: str, token: str) -> Bench:
    """Somebody of that role."""
    card = StaffCard(id=f"{role}-1", role=role, permissions=frozenset({"broadcast.read"}))
    return Bench(card, Api(http, token), Preferences("en", "light"), ZoneInfo("Asia/Shanghai"))


async def test_pages_of_one_role_ask_once_and_the_most_urgent_stands_first(
    http: httpx.AsyncClient, asked: Asked
) -> None:
    board = Noticeboard()
    pages = [at_a_page(http, "warehouse", f"picker-{number}") for number in range(3)]
    found = [await board.standing(page) for page in pages]
    assert [one.severity for one in found[0]] == ["emergency", "warning", "notice"]
    assert found[0] == found[1] == found[2]
    assert asked.by == [("picker-0", "warehouse")]
    await board.standing(at_a_page(http, "finance", "clerk"))
    assert asked.by[1:] == [("clerk", "finance")]


async def test_an_ended_session_ends_nobody_elses_page(
    http: httpx.AsyncClient, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(noticeboard, "_FRESH_S", 0.0)
    board = Noticeboard()
    ended, holds = at_a_page(http, "warehouse", ENDED), at_a_page(http, "warehouse", "holds")
    one, other = await asyncio.gather(board.standing(ended), board.standing(holds), return_exceptions=True)
    assert isinstance(one, SignedOut)
    assert isinstance(other, list)
    assert len(await board.standing(holds)) == 3
