"""Signing in at the company's identity provider, against a real one over real HTTP (R22)."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from api.house import House
from domain.permissions import Role
from domain.sign_in import CODE_HOLDS
from runtime.settings import Settings, SettingsError, load_settings
from store.pool import Pool
from tests.api.caller import Caller, served
from tests.api.identity_provider import CLIENT_ID, CLIENT_SECRET, Provider, a_key, running_provider
from tests.api.staff import an_account, recorded, sign_in, who

DESK = "http://desk.test/signed-in?desk=7"


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    """The company's identity provider."""
    async with running_provider() as running:
        yield running


@pytest.fixture
async def company(settings: Settings, provider: Provider, pool: Pool) -> AsyncIterator[Caller]:
    """The API of a company with that provider."""
    theirs = Settings(
        **settings.model_dump()
        | {
            "oidc_issuer": provider.issuer,
            "oidc_client_id": CLIENT_ID,
            "oidc_client_secret": CLIENT_SECRET,
            "oidc_roles": {"oms-admin": "administrator", "oms-reviewer": "reviewer", "oms-sales": "sales"},
            "oidc_return_origins": ["http://desk.test"],
        }
    )
    async with served(theirs) as (app, client):
        yield Caller(client, theirs, pool, app)


async def at_the_provider(company: Caller) -> str:
    """Begin, sign in there, and be at the address that leads back."""
    begun = await company.http.get("/v1/session/oidc/start", params={"return_to": DESK})
    assert begun.status_code == 303, begun.text
    async with httpx.AsyncClient(trust_env=False) as browser:
        return str((await browser.get(begun.headers["location"])).headers["location"])


async def come_back(company: Caller) -> dict[str, str]:
    """The whole way there and back; what the desk is told."""
    back = await company.http.get(await at_the_provider(company))
    assert back.status_code == 303, back.text
    assert back.headers["location"].startswith("http://desk.test/signed-in?desk=7&")
    return {name: values[0] for name, values in parse_qs(urlsplit(back.headers["location"]).query).items()}


async def exchange(company: Caller, code: str) -> httpx.Response:
    """POST /v1/session/exchange."""
    return await company.http.post("/v1/session/exchange", json={"code": code})


async def test_whoever_the_provider_knows_comes_in_with_the_role_of_their_claim(company: Caller) -> None:
    told = await come_back(company)
    answer = await exchange(company, told["code"])
    assert answer.status_code == 201, answer.text
    assert answer.json()["staff"]["role"] == "reviewer"
    session = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert (await who(company, session)).json()["staff"] == answer.json()["staff"]
    assert await company.value("SELECT username FROM accounts") == "wang.sso"
    assert [act for act, _ in await recorded(company)] == ["account_created", "signed_in"]


async def test_the_code_opens_one_session_within_a_minute(company: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    told = await come_back(company)
    assert (await exchange(company, told["code"])).status_code == 201
    assert (await exchange(company, told["code"])).status_code == 401
    late = await come_back(company)
    monkeypatch.setattr(House, "now", lambda _: datetime.now(UTC) + CODE_HOLDS)
    assert (await exchange(company, late["code"])).status_code == 401
    assert await company.value("SELECT count(*) FROM sign_in_codes") == 0


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"nonce": "another"}, "token-does-not-hold"),
        ({"nonce": None}, "token-does-not-hold"),
        ({"aud": "another-client"}, "token-does-not-hold"),
        ({"aud": "another-client", "azp": CLIENT_ID}, "token-does-not-hold"),
        ({"aud": [CLIENT_ID, "another-client"]}, "token-does-not-hold"),
        ({"iss": "http://127.0.0.1:9"}, "token-does-not-hold"),
        ({"exp": int(time.time()) - 600}, "token-expired"),
        ({"sub": None}, "token-does-not-hold"),
        ({"roles": ["gardener"]}, "no-role"),
        ({"roles": None}, "no-role"),
        ({"roles": {"oms-admin": True}}, "no-role"),
    ],
)
async def test_a_token_that_proves_nothing_lets_nobody_in(
    company: Caller, provider: Provider, wrong: dict[str, Any], error: str
) -> None:
    provider.wrong = wrong
    told = await come_back(company)
    assert told == {"desk": "7", "error": error}
    assert await company.value("SELECT count(*) FROM accounts") == 0
    assert await company.value("SELECT count(*) FROM sign_in_codes") == 0


async def test_a_token_signed_by_somebody_else_lets_nobody_in(company: Caller, provider: Provider) -> None:
    provider.published = a_key("somebody else's")
    assert (await come_back(company))["error"] == "token-does-not-hold"


async def test_another_issuer_in_the_discovery_document_is_not_believed(company: Caller, provider: Provider) -> None:
    provider.told_issuer = "http://127.0.0.1:9"
    assert (await company.http.get("/v1/session/oidc/start", params={"return_to": DESK})).status_code == 503


async def test_an_answer_that_is_replayed_lets_nobody_in(company: Caller) -> None:
    address = await at_the_provider(company)
    cookie = {"Cookie": f"orderflow_oidc={company.http.cookies['orderflow_oidc']}"}
    assert "code=" in (await company.http.get(address)).headers["location"]
    assert (await company.http.get(address)).status_code == 401
    # Even with the cookie kept: the provider gives a token for a code once.
    again = await company.http.get(address, headers=cookie)
    assert "error=code-refused" in again.headers["location"]


async def test_an_answer_in_a_browser_that_asked_nothing_is_refused(company: Caller) -> None:
    theirs = await at_the_provider(company)
    company.http.cookies.clear()
    assert (await company.http.get(theirs)).status_code == 401
    await at_the_provider(company)
    # This browser has begun a sign-in of its own; the answer is to somebody else's.
    assert (await company.http.get(theirs)).status_code == 401
    assert await company.value("SELECT count(*) FROM accounts") == 0


async def test_the_cookie_is_good_for_nothing_else_and_out_of_reach_of_scripts(company: Caller) -> None:
    begun = await company.http.get("/v1/session/oidc/start", params={"return_to": DESK})
    cookie = begun.headers["set-cookie"]
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    query = parse_qs(urlsplit(begun.headers["location"]).query)
    assert query["code_challenge_method"] == ["S256"]
    assert all(query[name][0] for name in ("state", "nonce", "code_challenge"))


async def test_in_production_the_cookie_comes_over_tls_and_from_this_host_alone(company: Caller) -> None:
    produced = company.settings.model_copy(update={"environment": "production"})
    async with served(produced) as (_, client):
        begun = await client.get("/v1/session/oidc/start", params={"return_to": DESK})
    cookie = begun.headers["set-cookie"].split("; ")
    assert cookie[0].startswith("__Host-orderflow_oidc=")
    assert {"HttpOnly", "Path=/", "Secure"} <= set(cookie)


@pytest.mark.parametrize(
    "return_to",
    ["http://evil.test/", "http://desk.test.evil.test/", "http://desk.test@evil.test/", "//desk.test/", "javascript:x"],
)
async def test_nobody_is_sent_back_to_an_address_that_is_not_allowed(company: Caller, return_to: str) -> None:
    answer = await company.http.get("/v1/session/oidc/start", params={"return_to": return_to})
    assert answer.status_code == 422
    assert "set-cookie" not in answer.headers


async def test_the_providers_word_is_the_role_at_each_sign_in(company: Caller, provider: Provider) -> None:
    first = await exchange(company, (await come_back(company))["code"])
    provider.person["roles"] = ["oms-sales", "oms-admin"]
    second = await exchange(company, (await come_back(company))["code"])
    assert (first.json()["staff"]["id"], "administrator") == (
        second.json()["staff"]["id"],
        second.json()["staff"]["role"],
    )
    old = {"Authorization": f"Bearer {first.json()['access_token']}"}
    assert (await who(company, old)).status_code == 401


async def test_a_disabled_account_stays_out_whatever_the_provider_says(company: Caller) -> None:
    staff = (await exchange(company, (await come_back(company))["code"])).json()["staff"]
    await company.post(f"/v1/accounts/{staff['id']}/disable", {"why": "left"}, "administrator")
    assert (await come_back(company))["error"] == "account-disabled"


async def test_a_username_of_the_provider_never_opens_somebody_elses_account(company: Caller) -> None:
    theirs, _ = await an_account(company, Role.ADMINISTRATOR, "wang.sso")
    staff = (await exchange(company, (await come_back(company))["code"])).json()["staff"]
    assert staff["id"] != theirs
    assert staff["role"] == "reviewer"
    # An account of the provider's has no password that could be guessed.
    sso = await company.value("SELECT username FROM accounts WHERE staff_id = %s", staff["id"])
    assert (await sign_in(company, sso, "")).status_code == 422
    assert (await sign_in(company, sso, "anything at all")).status_code == 401


async def test_without_a_provider_there_is_only_the_password(api: Caller) -> None:
    answer = await api.http.get("/v1/session/oidc/start", params={"return_to": DESK})
    assert answer.status_code == 404


async def test_a_provider_that_is_away_is_said_to_be(company: Caller) -> None:
    gone = company.settings.model_copy(update={"oidc_issuer": "http://127.0.0.1:9"})
    async with served(gone) as (_, client):
        answer = await client.get("/v1/session/oidc/start", params={"return_to": DESK})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


def test_a_provider_is_set_up_whole_or_not_at_all(tmp_path: object) -> None:
    with pytest.raises(SettingsError, match="OIDC_ISSUER"):
        load_settings(data_dir=tmp_path, oidc_issuer="https://login.example.test")
