"""Sessions as their owner sees them, and as an administrator does; ended one by one, or all (R22)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from api.house import House
from domain.sign_in import FRESH, MOST_SESSIONS, SessionLife
from store import sessions
from store.sessions import Coming
from tests.api.caller import Caller
from tests.api.staff import PASSWORD, act, an_account, recorded, session_of, who

SHOWN = {"password": PASSWORD}


async def test_each_sign_in_of_ones_own_is_listed_and_no_token_with_it(api: Caller) -> None:
    _, username = await an_account(api)
    here, there = await session_of(api, username), await session_of(api, username)
    _, stranger = await an_account(api)
    await session_of(api, stranger)
    answer = await api.http.get("/v1/sessions", headers=here)
    assert answer.headers["cache-control"] == "no-store"
    listed = answer.json()["items"]
    assert [one["this"] for one in listed].count(True) == 1
    assert [(one["how"], one["same_address"]) for one in listed] == [("password", True)] * 2
    assert not [one for one in (here, there) if one["Authorization"].removeprefix("Bearer ") in answer.text]


async def test_one_of_ones_own_sessions_is_ended_by_whoever_knows_the_password(api: Caller) -> None:
    staff_id, username = await an_account(api)
    here, there = await session_of(api, username), await session_of(api, username)
    listed = (await api.http.get("/v1/sessions", headers=here)).json()["items"]
    other = next(one["session_id"] for one in listed if not one["this"])
    for body in ({}, {"password": "guessed words"}):
        assert (await act(api, f"/v1/sessions/{other}/end", body, here)).status_code == 403
    assert (await who(api, there)).status_code == 200
    assert (await act(api, f"/v1/sessions/{other}/end", SHOWN, here)).json() == {"ended": 1}
    assert [(await who(api, one)).status_code for one in (here, there)] == [200, 401]
    assert (await recorded(api))[-1] == ("sessions_ended", staff_id)
    assert (await act(api, f"/v1/sessions/{other}/end", SHOWN, here)).status_code == 404


async def test_nobody_ends_the_session_of_another(api: Caller) -> None:
    _, username = await an_account(api)
    victim = await session_of(api, username)
    theirs = (await api.http.get("/v1/sessions", headers=victim)).json()["items"][0]["session_id"]
    _, stranger = await an_account(api)
    assert (await act(api, f"/v1/sessions/{theirs}/end", SHOWN, await session_of(api, stranger))).status_code == 404
    assert (await who(api, victim)).status_code == 200


async def test_all_others_end_at_once_and_this_one_stays(api: Caller) -> None:
    _, username = await an_account(api)
    here, *others = [await session_of(api, username) for _ in range(3)]
    assert (await act(api, "/v1/sessions/end-others", SHOWN, here)).json() == {"ended": 2}
    assert [(await who(api, one)).status_code for one in (here, *others)] == [200, 401, 401]


async def test_whoever_came_in_at_the_provider_ends_sessions_shortly_after_signing_in(
    api: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff_id, _ = await an_account(api)
    life, now = SessionLife(timedelta(hours=1), timedelta(hours=12)), datetime.now(UTC)
    async with api.pool.connection() as conn:
        token, _ = await sessions.begin(conn, staff_id, life, now, Coming("provider"))
    headers = {"Authorization": f"Bearer {token}"}
    assert (await act(api, "/v1/sessions/end-others", {}, headers)).status_code == 200
    monkeypatch.setattr(House, "now", lambda _: now + FRESH + timedelta(seconds=1))
    assert (await act(api, "/v1/sessions/end-others", {}, headers)).status_code == 403


async def test_an_administrator_sees_and_ends_the_sessions_of_an_account(api: Caller) -> None:
    staff_id, username = await an_account(api)
    first, second = await session_of(api, username), await session_of(api, username)
    path = f"/v1/accounts/{staff_id}/sessions"
    listed = (await api.get(path, "administrator")).json()["items"]
    assert [one["same_address"] for one in listed] == [None, None]
    assert (await api.get(path, "operations")).status_code == 403
    body = {"why": "laptop lost", "session_id": listed[0]["session_id"]}
    assert (await api.post(f"{path}/end", body, "administrator")).status_code == 200
    assert sorted([(await who(api, one)).status_code for one in (first, second)]) == [200, 401]
    assert (await api.post(f"{path}/end", {"why": "laptop lost"}, "administrator")).status_code == 200
    assert [(await who(api, one)).status_code for one in (first, second)] == [401, 401]
    assert [one for one, _ in await recorded(api)][-2:] == ["sessions_ended", "account_signed_out"]


async def test_one_session_more_than_may_be_ends_the_one_used_longest_ago(api: Caller) -> None:
    staff_id, _ = await an_account(api)
    life, now = SessionLife(timedelta(hours=1), timedelta(hours=12)), datetime.now(UTC)
    tokens = []
    async with api.pool.connection() as conn:
        for number in range(MOST_SESSIONS + 1):
            at = now - timedelta(minutes=1) + timedelta(seconds=number)
            tokens.append((await sessions.begin(conn, staff_id, life, at, Coming("password")))[0])
    stands = [(await who(api, {"Authorization": f"Bearer {token}"})).status_code for token in tokens]
    assert stands == [401] + [200] * MOST_SESSIONS
