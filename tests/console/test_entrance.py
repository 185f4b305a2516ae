"""The way in as the API answers it, and how refusals of the API are read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
from fastapi import FastAPI
from starlette.middleware.sessions import SessionMiddleware

from console.app import heeding
from console.calls import Api
from console.entrance import ApiEntrance, Session, Sessions
from console.errors import Away, Refused, SignedOut
from console.pages import House
from console.signing import sign_in_act

_STAFF = {"id": "staff-1", "role": "reviewer", "permissions": ["order.read"], "warehouses": [], "channels": []}


def session(life: timedelta) -> dict[str, object]:
    """What ``POST /v1/session`` answers with."""
    ends = datetime.now(UTC) + life
    return {"access_token": "ofs_invented", "token_type": "Bearer", "expires_at": ends.isoformat(), "staff": _STAFF}


def answering(status: int, body: object) -> httpx.AsyncClient:
    """An API that answers everything so."""
    return httpx.AsyncClient(
        transport=httpx.MockTransport(lambda _: httpx.Response(status, json=body)), base_url="http://api.test"
    )


async def test_a_session_says_who_came_in_and_shows_its_token_to_nobody() -> None:
    async with answering(201, session(timedelta(hours=1))) as http:
        came = await ApiEntrance(http).sign_in("somebody", "invented", "", "203.0.113.5")
    assert (came.staff.id, came.staff.permissions) == ("staff-1", frozenset({"order.read"}))
    assert "ofs_invented" not in repr(came)


async def test_each_way_of_not_coming_in_has_its_type() -> None:
    for status, refusal in ((401, SignedOut), (429, Refused), (422, Refused), (503, Away)):
        async with answering(status, {}) as http:
            with pytest.raises(refusal):
                await ApiEntrance(http).sign_in("somebody", "guessed", "", "203.0.113.5")


async def test_a_refusal_is_read_with_every_faulty_field() -> None:
    problem = {"type": "urn:orderflow:problem:faulty-request", "detail": "1 field is faulty",
               "faults": [{"field": "reason", "problem": "is missing"}]}  # fmt: skip
    async with answering(422, problem) as http:
        with pytest.raises(Refused) as refused:
            await Api(http, "invented").post("/v1/orders/site-1/cancel", {})
    assert (refused.value.kind, refused.value.faults) == ("faulty-request", (("reason", "is missing"),))


def test_a_session_that_has_ended_is_nobody() -> None:
    sessions = Sessions()
    sessions.put("browser-1", Session.model_validate(session(timedelta(hours=1))))
    sessions.put("browser-2", Session.model_validate(session(-timedelta(seconds=1))))
    assert sessions.of("browser-1") is not None
    assert sessions.of("browser-2") is None
    assert sessions.drop("browser-1") is not None
    assert sessions.of("browser-1") is None


@dataclass
class Asked:
    """An API that lets everybody in, and the addresses they were said to come from."""

    addresses: list[str] = field(default_factory=list)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Let them in."""
        self.addresses.append(request.headers["x-forwarded-for"])
        return httpx.Response(201, json=session(timedelta(hours=1)))


@pytest.mark.parametrize(
    ("trusted", "counted"), [((), "127.0.0.1"), (("127.0.0.1/32",), "203.0.113.5")], ids=["nobody", "the proxy"]
)
async def test_the_api_is_told_which_browser_signs_in_and_a_browser_cannot_say_so_itself(
    trusted: tuple[str, ...], counted: str
) -> None:
    asked = Asked()
    http = httpx.AsyncClient(transport=httpx.MockTransport(asked.answer), base_url="http://api.test")
    desks = FastAPI()
    desks.post("/sign-in")(sign_in_act(House(http, ApiEntrance(http), ZoneInfo("UTC"))))
    desks.add_middleware(SessionMiddleware, secret_key="invented")
    heeding(desks, trusted)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(desks), base_url="http://desk.test") as browser:
        form = "username=somebody&password=invented"
        answer = await browser.post("/sign-in", content=form, headers={"X-Forwarded-For": "8.8.8.8, 203.0.113.5"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert asked.addresses == [counted]
