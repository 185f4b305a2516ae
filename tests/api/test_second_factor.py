"""The second factor of a local account: set up, asked for, good once, lost and found again (R22)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pyotp
import pytest
from structlog.testing import capture_logs

from api.house import House
from domain.permissions import Role
from domain.second_factor import BEGUN_HOLDS, GIVEN_PASSWORD_HOLDS, RECOVERY_CODES, STEP_S, Wanted
from domain.sign_in import FREE_TRIES
from runtime.settings import Settings
from tests.api.caller import Caller, served
from tests.api.staff import OTHER_PASSWORD, PASSWORD, act, an_account, recorded, session_of, who

FACTOR = "/v1/session/second-factor"
SHOWN = {"password": PASSWORD}


class Clock:
    """The house's clock, moved by hand to the next half minute: each code is good once."""

    def __init__(self) -> None:
        self.now = datetime(2030, 1, 2, 12, 0, 3, tzinfo=UTC)

    def move(self, by: timedelta = timedelta(seconds=STEP_S)) -> None:
        """Let that much time pass."""
        self.now += by


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """What the doors take for now."""
    moved = Clock()
    monkeypatch.setattr(House, "now", lambda _: moved.now)
    return moved


@pytest.fixture
async def strict(settings: Settings, pool: Any) -> AsyncIterator[Caller]:
    """The API where everybody must have one, as in production."""
    async with served(settings.model_copy(update={"second_factor": Wanted.EVERYBODY})) as (app, client):
        yield Caller(client, settings, pool, app)


class Authenticator:
    """What somebody has in their pocket."""

    def __init__(self, secret: str, clock: Clock) -> None:
        self.secret, self.clock = secret, clock

    def code(self) -> str:
        """What it shows now."""
        return pyotp.TOTP(self.secret).at(self.clock.now)


async def try_with(api: Caller, username: str, code: str, password: str = PASSWORD) -> httpx.Response:
    """POST /v1/session with a code."""
    return await api.http.post("/v1/session", json={"username": username, "password": password, "code": code})


async def set_up(api: Caller, headers: dict[str, str], clock: Clock, code: str = "") -> tuple[Authenticator, list[str]]:
    """A second factor that stands, and its recovery codes; the clock is at the next half minute then."""
    begun = await api.http.post(FACTOR, json=SHOWN | {"code": code}, headers=headers)
    assert begun.status_code == 201, begun.text
    pocket = Authenticator(begun.json()["secret"], clock)
    confirmed = await api.http.post(f"{FACTOR}/confirm", json={"code": pocket.code()}, headers=headers)
    assert confirmed.status_code == 201, confirmed.text
    clock.move()
    return pocket, confirmed.json()["recovery_codes"]


async def test_with_a_second_factor_the_password_alone_opens_nothing(api: Caller, clock: Clock) -> None:
    staff_id, username = await an_account(api)
    headers = await session_of(api, username)
    pocket, codes = await set_up(api, headers, clock)
    assert len(set(codes)) == RECOVERY_CODES
    assert (await try_with(api, username, "")).status_code == 401
    assert (await try_with(api, username, pocket.code())).status_code == 201
    assert (await recorded(api))[-2:] == [("second_factor_set", staff_id), ("signed_in", staff_id)]
    stands = (await api.http.get(FACTOR, headers=headers)).json()
    assert (stands["set_at"] is not None, stands["recovery_codes"]) == (True, RECOVERY_CODES)


async def test_nobody_is_told_whether_the_password_or_the_code_was_wrong(api: Caller, clock: Clock) -> None:
    _, username = await an_account(api)
    pocket, _ = await set_up(api, await session_of(api, username), clock)
    wrong = [
        await try_with(api, username, pocket.code(), "no such password"),
        await try_with(api, username, "000000"),
        await try_with(api, username, ""),
        await try_with(api, "nobody.here", pocket.code()),
    ]
    assert {(one.status_code, one.text) for one in wrong} == {(401, wrong[0].text)}
    # A wrong password did not use the code up.
    assert (await try_with(api, username, pocket.code())).status_code == 201


async def test_a_code_is_good_once_and_for_its_half_minute(api: Caller, clock: Clock) -> None:
    _, username = await an_account(api)
    pocket, _ = await set_up(api, await session_of(api, username), clock)
    code = pocket.code()
    assert (await try_with(api, username, code)).status_code == 201
    assert (await try_with(api, username, code)).status_code == 401
    clock.move()
    late = pocket.code()
    clock.move()
    assert (await try_with(api, username, late)).status_code == 401
    assert (await try_with(api, username, f"{pocket.code()[:3]} {pocket.code()[3:]}")).status_code == 201


async def test_codes_are_guessed_no_faster_than_passwords(api: Caller, clock: Clock) -> None:
    _, username = await an_account(api)
    pocket, _ = await set_up(api, await session_of(api, username), clock)
    for guess in range(FREE_TRIES):
        assert (await try_with(api, username, f"{guess:06}")).status_code == 401
    assert (await try_with(api, username, pocket.code())).status_code == 429


async def test_guesses_at_the_code_are_not_forgotten_because_the_password_alone_was_shown(
    api: Caller, clock: Clock
) -> None:
    _, username = await an_account(api)
    pocket, _ = await set_up(api, headers := await session_of(api, username), clock)
    for guess in range(FREE_TRIES):
        wrong = SHOWN | {"code": f"{guess:06}"}
        assert (await api.http.post(FACTOR, json=wrong, headers=headers)).status_code == 403
        assert (await act(api, "/v1/sessions/end-others", SHOWN, headers)).status_code == 200
    right = SHOWN | {"code": pocket.code()}
    assert (await api.http.post(FACTOR, json=right, headers=headers)).status_code == 429


async def test_a_recovery_code_stands_in_for_the_authenticator_once(api: Caller, clock: Clock) -> None:
    _, username = await an_account(api)
    _, codes = await set_up(api, await session_of(api, username), clock)
    assert (await try_with(api, username, codes[0].lower().replace("-", " "))).status_code == 201
    assert (await try_with(api, username, codes[0])).status_code == 401
    headers = {"Authorization": f"Bearer {(await try_with(api, username, codes[1])).json()['access_token']}"}
    assert (await api.http.get(FACTOR, headers=headers)).json()["recovery_codes"] == RECOVERY_CODES - 2
    renewed = await api.http.post(f"{FACTOR}/recovery-codes", json=SHOWN | {"code": codes[2]}, headers=headers)
    assert renewed.status_code == 201, renewed.text
    assert (await try_with(api, username, codes[3])).status_code == 401
    assert (await try_with(api, username, renewed.json()["recovery_codes"][0])).status_code == 201


async def test_who_sits_down_at_an_open_session_changes_nothing_about_how_one_signs_in(
    api: Caller, clock: Clock
) -> None:
    _, username = await an_account(api)
    pocket, _ = await set_up(api, headers := await session_of(api, username), clock)
    for path in ("", "/recovery-codes"):
        for body in ({"password": "guessed words", "code": pocket.code()}, SHOWN):
            assert (await api.http.post(FACTOR + path, json=body, headers=headers)).status_code == 403
    change = {"password": PASSWORD, "new_password": OTHER_PASSWORD}
    assert (await act(api, "/v1/session/password", change, headers)).status_code == 403
    clock.move(timedelta(minutes=2))
    assert (await try_with(api, username, pocket.code())).status_code == 201


async def test_a_begun_second_factor_counts_for_nothing_before_its_first_code(api: Caller, clock: Clock) -> None:
    _, username = await an_account(api)
    headers = await session_of(api, username)
    begun = (await api.http.post(FACTOR, json=SHOWN, headers=headers)).json()
    assert begun["picture"].startswith("<svg")
    assert (await api.http.post(f"{FACTOR}/confirm", json={"code": "000000"}, headers=headers)).status_code == 409
    assert (await try_with(api, username, "")).status_code == 201
    clock.move(BEGUN_HOLDS + timedelta(seconds=1))
    late = {"code": Authenticator(begun["secret"], clock).code()}
    assert (await api.http.post(f"{FACTOR}/confirm", json=late, headers=headers)).status_code == 409


async def test_another_authenticator_takes_the_place_of_the_first_and_every_other_session_ends(
    api: Caller, clock: Clock
) -> None:
    _, username = await an_account(api)
    here, there = await session_of(api, username), await session_of(api, username)
    first, _ = await set_up(api, here, clock)
    assert [(await who(api, one)).status_code for one in (here, there)] == [200, 401]
    second, _ = await set_up(api, here, clock, first.code())
    assert (await try_with(api, username, first.code())).status_code == 401
    assert (await try_with(api, username, second.code())).status_code == 201


async def test_an_administrator_takes_a_lost_one_away_but_never_their_own(api: Caller, clock: Clock) -> None:
    staff_id, username = await an_account(api)
    await set_up(api, headers := await session_of(api, username), clock)
    reset = await api.post(f"/v1/accounts/{staff_id}/second-factor/reset", {"why": "lost it"}, "administrator")
    assert (reset.status_code, reset.json()["second_factor"]) == (200, False)
    assert (await who(api, headers)).status_code == 401
    assert (await recorded(api))[-1] == ("second_factor_reset", "administrator-1")
    assert (await try_with(api, username, "")).status_code == 201
    own, name = await an_account(api, Role.ADMINISTRATOR)
    session = await session_of(api, name)
    refused = await act(api, f"/v1/accounts/{own}/second-factor/reset", {"why": "mine"}, session)
    assert refused.status_code == 409


async def test_neither_secret_nor_code_is_kept_in_the_clear_or_logged(api: Caller, clock: Clock) -> None:
    with capture_logs() as said:
        _, username = await an_account(api)
        pocket, codes = await set_up(api, await session_of(api, username), clock)
        await try_with(api, username, "123 987")
    assert "sign_in_refused" in str(said)
    kept = ""
    for table in ("second_factors", "recovery_codes", "accounts", "audit_entries", "idempotency_keys"):
        async with api.pool.connection() as conn:
            kept += str(await (await conn.execute(f"SELECT * FROM {table}".encode())).fetchall())
    secrets = (pocket.secret, *codes, *(code.replace("-", "") for code in codes), "123 987")
    assert [secret for secret in secrets if secret in kept + str(said)] == []


async def test_a_second_factor_that_was_moved_to_another_account_in_the_database_opens_nothing(
    api: Caller, clock: Clock
) -> None:
    _, own = await an_account(api)
    victim, username = await an_account(api, Role.ADMINISTRATOR)
    pocket, _ = await set_up(api, await session_of(api, own), clock)
    theirs, _ = await set_up(api, await session_of(api, username), clock)
    async with api.pool.connection() as conn:
        await conn.execute("DELETE FROM second_factors WHERE staff_id = %s", (victim,))
        await conn.execute("UPDATE second_factors SET staff_id = %s", (victim,))
    for code in (pocket.code(), theirs.code(), ""):
        assert (await try_with(api, username, code)).status_code == 401


async def test_where_it_is_asked_for_the_first_sign_in_leads_to_it_and_nowhere_else(
    strict: Caller, clock: Clock
) -> None:
    _, username = await an_account(strict, Role.FINANCE)
    told = (await try_with(strict, username, "")).json()
    assert told["staff"]["owes"] == ["second_factor"]
    headers = {"Authorization": f"Bearer {told['access_token']}"}
    shut = await strict.http.get("/v1/orders", headers=headers)
    assert (shut.status_code, shut.json()["type"]) == (403, "urn:orderflow:problem:second-factor-first")
    pocket, _ = await set_up(strict, headers, clock)
    assert (await strict.http.get("/v1/orders", headers=headers)).status_code == 200
    assert (await try_with(strict, username, pocket.code())).json()["staff"]["owes"] == []


async def test_a_machine_is_asked_for_no_second_factor(strict: Caller, clock: Clock) -> None:
    del clock
    body = {"label": "erp", "channels": ["site"], "valid_days": 1, "why": "invented"}
    token = (await strict.post("/v1/tokens", body, "administrator")).json()["token"]
    assert (await strict.http.get("/v1/orders", headers={"Authorization": f"Bearer {token}"})).status_code == 200


async def test_a_password_that_somebody_else_chose_opens_nothing_but_the_change_of_it(
    api: Caller, clock: Clock
) -> None:
    body = {"username": "new.invented", "role": "sales", "password": PASSWORD, "why": "new at the shop"}
    assert (await api.post("/v1/accounts", body, "administrator")).json()["password_to_change"] is True
    headers = await session_of(api, "new.invented")
    shut = await api.http.get("/v1/orders", headers=headers)
    assert (shut.status_code, shut.json()["type"]) == (403, "urn:orderflow:problem:own-password-first")
    change = {"password": PASSWORD, "new_password": PASSWORD}
    assert (await act(api, "/v1/session/password", change, headers)).status_code == 422
    change["new_password"] = OTHER_PASSWORD
    assert (await act(api, "/v1/session/password", change, headers)).status_code == 200
    headers = await session_of(api, "new.invented", OTHER_PASSWORD)
    assert (await api.http.get("/v1/orders", headers=headers)).status_code == 200


async def test_a_password_that_somebody_else_chose_is_good_for_a_week(api: Caller, clock: Clock) -> None:
    body = {"username": "late.invented", "role": "sales", "password": PASSWORD, "why": "new at the shop"}
    await api.post("/v1/accounts", body, "administrator")
    clock.move(GIVEN_PASSWORD_HOLDS + timedelta(seconds=1))
    assert (await try_with(api, "late.invented", "")).status_code == 401
