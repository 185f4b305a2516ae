"""Signing in, being signed in, and being out at once (R22)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from structlog.testing import capture_logs

from api.house import House
from domain.permissions import GRANTS, Role
from domain.sign_in import FREE_TRIES, LONGEST_WAIT
from store import audit
from tests.api.caller import Caller
from tests.api.staff import OTHER_PASSWORD, PASSWORD, act, an_account, recorded, session_of, sign_in, who


class Clock:
    """The house's clock, moved by hand."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def move(self, by: timedelta) -> None:
        """Let that much time pass."""
        self.now += by


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """What the doors take for now."""
    moved = Clock()
    monkeypatch.setattr(House, "now", lambda _: moved.now)
    return moved


async def test_whoever_knows_the_password_is_told_what_they_may_do(api: Caller) -> None:
    staff_id, username = await an_account(api, Role.WAREHOUSE, warehouses=["SZ"])
    answer = await sign_in(api, f" {username.upper()} ")
    assert answer.status_code == 201
    told = answer.json()
    assert told["staff"] == {
        "id": staff_id,
        "role": "warehouse",
        "permissions": sorted(GRANTS[Role.WAREHOUSE]),
        "warehouses": ["SZ"],
        "channels": [],
        "owes": [],
    }
    asked = await who(api, {"Authorization": f"Bearer {told['access_token']}"})
    assert asked.json() == {"expires_at": told["expires_at"], "staff": told["staff"]}


async def test_a_session_opens_the_doors_of_its_role_and_no_other(api: Caller) -> None:
    _, username = await an_account(api, Role.SALES)
    headers = await session_of(api, username)
    assert (await api.http.get("/v1/orders", headers=headers)).status_code == 200
    assert (await api.http.get("/v1/audit", headers=headers)).status_code == 403


async def test_a_wrong_password_and_an_unknown_username_are_answered_alike(api: Caller) -> None:
    _, username = await an_account(api)
    wrong, unknown = await sign_in(api, username, "no such password"), await sign_in(api, "nobody.here")
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert wrong.json() == unknown.json()
    assert await api.value("SELECT count(*) FROM sessions") == 0


async def test_only_a_hash_of_the_token_and_of_the_password_is_kept_and_neither_is_logged(
    api: Caller,
) -> None:
    with capture_logs() as said:
        _, username = await an_account(api)
        token = (await session_of(api, username))["Authorization"].removeprefix("Bearer ")
        await sign_in(api, username, "wrong but secret words")
    assert "sign_in_refused" in str(said)
    kept = []
    for table in ("sessions", "accounts", "audit_entries", "idempotency_keys", "sign_in_failures"):
        async with api.pool.connection() as conn:
            kept.append(str(await (await conn.execute(f"SELECT * FROM {table}".encode())).fetchall()))
    everything = "".join(kept) + str(said)
    assert [secret for secret in (token, PASSWORD, "wrong but secret words") if secret in everything] == []
    assert username not in str(said)


async def test_signing_out_counts_at_once_and_for_this_session_only(api: Caller) -> None:
    staff_id, username = await an_account(api)
    here, there = await session_of(api, username), await session_of(api, username)
    assert (await api.http.delete("/v1/session", headers=here)).status_code == 200
    assert (await who(api, here)).status_code == 401
    assert (await who(api, there)).status_code == 200
    assert (await recorded(api))[-1] == ("signed_out", staff_id)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("role", {"role": "sales", "why": "moved"}),
        ("disable", {"why": "left"}),
        ("password", {"password": OTHER_PASSWORD, "why": "forgotten"}),
        ("scope", {"warehouses": ["SZ"], "channels": [], "why": "moved"}),
    ],
)
async def test_what_changes_about_an_account_ends_its_sessions_at_once(
    api: Caller, path: str, body: dict[str, object]
) -> None:
    staff_id, username = await an_account(api)
    headers = await session_of(api, username)
    changed = await api.post(f"/v1/accounts/{staff_id}/{path}", body, "administrator")
    assert changed.status_code == 200, changed.text
    assert (await who(api, headers)).status_code == 401


async def test_an_idle_session_ends_and_one_in_use_ends_at_its_latest(api: Caller, clock: Clock) -> None:
    _, username = await an_account(api)
    headers = await session_of(api, username)
    life = api.settings.session_life()
    for _ in range(int(life.absolute / (life.idle * 0.9))):
        clock.move(life.idle * 0.9)
        assert (await who(api, headers)).status_code == 200
    clock.move(life.idle * 0.9)
    assert (await who(api, headers)).status_code == 401
    idle = await session_of(api, username)
    clock.move(life.idle)
    assert (await who(api, idle)).status_code == 401


async def test_guessing_is_slowed_down_and_a_try_during_the_wait_is_not_even_looked_at(
    api: Caller, clock: Clock
) -> None:
    _, username = await an_account(api)
    for _ in range(FREE_TRIES):
        assert (await sign_in(api, username, "wrong")).status_code == 401
    waiting = await sign_in(api, username)
    assert (waiting.status_code, waiting.headers["retry-after"]) == (429, "2")
    assert waiting.headers["content-type"] == "application/problem+json"
    clock.move(timedelta(seconds=2))
    assert (await sign_in(api, username)).status_code == 201
    assert (await sign_in(api, username, "wrong")).status_code == 401


async def test_usernames_that_do_not_exist_are_slowed_down_just_the_same(api: Caller, clock: Clock) -> None:
    del clock
    answers = [(await sign_in(api, "nobody.here", "wrong")).status_code for _ in range(FREE_TRIES + 1)]
    assert answers == [401] * FREE_TRIES + [429]


async def test_a_hundred_guesses_at_once_are_no_more_than_the_free_ones(api: Caller, clock: Clock) -> None:
    del clock
    _, username = await an_account(api)
    answers = await asyncio.gather(*(sign_in(api, username, f"wrong {number}") for number in range(20)))
    assert sum(answer.status_code == 401 for answer in answers) == FREE_TRIES


async def test_a_stranger_who_keeps_guessing_does_not_lock_the_owner_out(api: Caller, clock: Clock) -> None:
    _, username = await an_account(api)
    await session_of(api, username)
    stranger = httpx.AsyncClient(
        transport=httpx.ASGITransport(api.app, client=("203.0.113.9", 1)), base_url="http://shop.test"
    )
    async with stranger:
        guess = {"username": username, "password": "wrong"}
        guesses = [(await stranger.post("/v1/session", json=guess)).status_code for _ in range(FREE_TRIES + 1)]
        assert guesses == [401] * FREE_TRIES + [429]
        # The owner is at the address of the last sign-in.
        assert (await sign_in(api, username)).status_code == 201
        # From anywhere else, the wait is a minute at the most.
        clock.move(LONGEST_WAIT)
        answer = await stranger.post("/v1/session", json={"username": username, "password": PASSWORD})
        assert answer.status_code == 201


async def test_ones_own_password_is_changed_by_whoever_knows_it_and_every_session_ends(api: Caller) -> None:
    staff_id, username = await an_account(api)
    headers, elsewhere = await session_of(api, username), await session_of(api, username)
    change = {"password": "not the present one", "new_password": OTHER_PASSWORD}
    assert (await act(api, "/v1/session/password", change, headers)).status_code == 403
    weak = await act(api, "/v1/session/password", {"password": PASSWORD, "new_password": "short"}, headers)
    assert [fault["field"] for fault in weak.json()["faults"]] == ["new_password"]
    assert (await who(api, headers)).status_code == 200
    done = await act(api, "/v1/session/password", change | {"password": PASSWORD}, headers)
    assert done.status_code == 200
    assert [(await who(api, one)).status_code for one in (headers, elsewhere)] == [401, 401]
    assert (await sign_in(api, username)).status_code == 401
    assert (await sign_in(api, username, OTHER_PASSWORD)).status_code == 201
    assert ("account_password_set", staff_id) in await recorded(api)


async def test_signing_in_is_on_record_and_the_record_holds(api: Caller) -> None:
    staff_id, username = await an_account(api)
    await session_of(api, username)
    assert (await recorded(api))[-1] == ("signed_in", staff_id)
    async with api.pool.connection() as conn:
        assert await audit.verify(conn, subject="accounts") is None


async def test_in_production_a_token_signed_by_hand_opens_nothing(api: Caller) -> None:
    headers = api.token("operations")
    assert (await who(api, headers)).status_code == 200
    house: House = api.app.state.house
    produced = api.settings.model_copy(update={"environment": "production"})
    api.app.state.house = replace(house, settings=produced)
    assert (await who(api, headers)).status_code == 401


async def test_a_session_is_no_business_of_cookies(api: Caller) -> None:
    _, username = await an_account(api)
    answer = await sign_in(api, username)
    assert "set-cookie" not in answer.headers
    cookie = {"Cookie": f"session={answer.json()['access_token']}; Authorization=Bearer"}
    assert (await who(api, cookie)).status_code == 401
