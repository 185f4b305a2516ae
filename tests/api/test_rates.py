"""Rate limits, the shape of bodies, headers: what stands around every door."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import time
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

import httpx
import pytest

from api.problems import TooMany
from api.rates import Rates, RouteClass
from domain.json_shape import DEEPEST, MOST_VALUES, too_much
from runtime.crypto import vault_of
from runtime.rate import Allowance
from runtime.settings import Settings, SettingsError, load_settings
from store.pool import Pool
from tests.api.caller import Caller, an_order, paid, served
from tests.api.staff import sign_in
from tests.fixtures.orders import NOON

DAY = 24 * 3600


@pytest.fixture
async def strict(settings: Settings, pool: Pool) -> AsyncIterator[Caller]:
    """An API that allows three of everything."""
    few = Settings(
        **settings.model_dump() | dict.fromkeys(("rate_reads", "rate_writes", "rate_reveals", "rate_sign_in"), "3/h")
    )
    async with served(few) as (app, client):
        yield Caller(client, few, pool, app)


async def test_whoever_asks_too_often_is_told_when_to_come_back(strict: Caller) -> None:
    answers = [await strict.get("/v1/orders", "sales") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["ratelimit-policy"] == '"reads";q=3;w=3600'
    assert answers[0].headers["ratelimit"].startswith('"reads";r=2;t=')
    refused = answers[3]
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["type"] == "urn:orderflow:problem:too-many-requests"
    assert 0 < int(refused.headers["retry-after"]) <= 2 * 3600
    assert refused.headers["ratelimit"].startswith('"reads";r=0;')


async def test_each_principal_and_each_class_of_route_is_counted_apart(strict: Caller) -> None:
    spent = [(await strict.get("/v1/orders", "sales")).status_code for _ in range(4)]
    assert spent[-1] == 429
    assert (await strict.get("/v1/orders", "finance")).status_code == 200
    # Sales may place no order, but that is what they are told: writes are counted apart.
    assert (await strict.post("/v1/orders", an_order(), "sales")).status_code == 403


async def test_an_address_may_not_try_one_username_after_the_other(strict: Caller) -> None:
    answers = [await sign_in(strict, f"invented-{number}") for number in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert int(answers[3].headers["retry-after"]) > 0


async def test_api_processes_share_one_allowance(strict: Caller) -> None:
    async with served(strict.settings) as (app, client):
        other = Caller(client, strict.settings, strict.pool, app)
        answers = [await one.get("/v1/orders", "sales") for one in (strict, other, strict, other, strict)]
        tries = [await sign_in(one, f"invented-{number}") for number, one in enumerate((strict, other, strict, other))]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert [answer.headers["ratelimit"].split(";")[1] for answer in answers] == ["r=2", "r=1", "r=0", "r=0", "r=0"]
    assert [answer.status_code for answer in tries] == [401, 401, 401, 429]


def counters(api: Caller, reads: Allowance) -> Rates:
    """What one API process counts with."""
    return Rates({RouteClass.READS: reads}, api.pool, vault_of(api.settings))


async def asked(rates: Rates, times: int, at: datetime = NOON) -> int:
    """How many of so many requests of one person at once were served."""
    spent = await asyncio.gather(
        *(rates.spend(RouteClass.READS, "x-1", at) for _ in range(times)), return_exceptions=True
    )
    return sum(not isinstance(one, TooMany) for one in spent)


async def test_processes_that_are_asked_at_once_serve_no_more_than_the_allowance_and_all_of_it(api: Caller) -> None:
    shared = Allowance(100, timedelta(hours=1))
    served_by = await asyncio.gather(*(asked(counters(api, shared), 60) for _ in range(3)))
    assert sum(served_by) == 100


async def test_a_large_allowance_is_taken_in_blocks_so_that_few_requests_write(api: Caller) -> None:
    rates = counters(api, Allowance(3000, timedelta(minutes=1)))
    taken = "SELECT here FROM rate_counts"
    assert (await asked(rates, 1), await api.value(taken)) == (1, 60)
    assert (await asked(rates, 59), await api.value(taken)) == (59, 60)
    assert (await asked(rates, 1), await api.value(taken)) == (1, 120)


async def test_what_is_spent_slides_out_of_the_window_and_the_refusal_says_when(api: Caller) -> None:
    rates = counters(api, Allowance(3, timedelta(minutes=1)))
    assert await asked(rates, 3) == 3
    with pytest.raises(TooMany) as refused:
        await rates.spend(RouteClass.READS, "x-1", NOON)
    wait = timedelta(seconds=int(refused.value.headers["Retry-After"]))
    assert timedelta(minutes=1) < wait < timedelta(minutes=2)
    assert await asked(rates, 1, NOON + wait - timedelta(seconds=1)) == 0
    assert await asked(rates, 2, NOON + wait) == 1
    assert await asked(rates, 4, NOON + timedelta(hours=1)) == 3


async def test_a_process_whose_clock_is_behind_brings_nothing_back(api: Caller) -> None:
    shared = Allowance(3, timedelta(minutes=1))
    assert await asked(counters(api, shared), 3) == 3
    assert await asked(counters(api, shared), 3, NOON - timedelta(seconds=30)) == 0


async def test_what_counts_no_more_is_cleared_away(api: Caller) -> None:
    shared = Allowance(3, timedelta(minutes=1))
    await asked(counters(api, shared), 1)
    rates = counters(api, shared)
    await rates.spend(RouteClass.READS, "x-2", NOON + timedelta(days=1))
    assert await api.value("SELECT count(*) FROM rate_counts") == 1


async def test_a_webhook_is_not_counted(api: Caller) -> None:
    assert (await api.shopify("orders/create", b"{}")).status_code == 422
    assert await api.value("SELECT count(*) FROM rate_counts") == 0


CONSOLE = "10.9.0.7"


async def statuses(strict: Caller, peer: str, forwarded: Sequence[str]) -> list[int]:
    """How each try is answered that comes from this peer, and claims to be forwarded so."""
    known = Settings(**strict.settings.model_dump() | {"trusted_proxies": [f"{CONSOLE}/32"]})
    async with served(known) as (app, _):
        wire = httpx.ASGITransport(app, client=(peer, 1))
        async with httpx.AsyncClient(transport=wire, base_url="http://shop.test") as client:
            return [
                (
                    await client.post(
                        "/v1/session",
                        json={"username": f"invented-{number}", "password": "wrong"},
                        headers={"X-Forwarded-For": claim},
                    )
                ).status_code
                for number, claim in enumerate(forwarded)
            ]


async def test_browsers_behind_the_console_are_counted_apart(strict: Caller) -> None:
    one, other = "203.0.113.5", "203.0.113.6"
    assert await statuses(strict, CONSOLE, [one] * 4 + [other]) == [401, 401, 401, 429, 401]


async def test_what_a_stranger_claims_about_an_address_counts_for_nothing(strict: Caller) -> None:
    claims = [f"203.0.113.{number}" for number in range(4)]
    assert await statuses(strict, "198.51.100.4", claims) == [401, 401, 401, 429]
    through_the_console = [f"{claim}, 198.51.100.9" for claim in claims]
    assert await statuses(strict, CONSOLE, through_the_console) == [401, 401, 401, 429]


async def test_an_ipv6_household_is_one_address(strict: Caller) -> None:
    claims = [f"2001:db8:1:2::{number}" for number in range(1, 5)] + ["2001:db8:1:3::1"]
    assert await statuses(strict, CONSOLE, claims) == [401, 401, 401, 429, 401]


def test_allowances_are_written_as_people_write_them(tmp_path: object) -> None:
    settings = load_settings(data_dir=tmp_path, rate_reads="7/s", rate_reveals="30/h")
    assert (settings.rate_reads.number, settings.rate_reveals.per.total_seconds()) == (7, 3600)
    with pytest.raises(SettingsError, match="RATE_READS"):
        load_settings(data_dir=tmp_path, rate_reads="a lot")


# --- bodies -------------------------------------------------------------------------


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


def test_depth_and_width_are_counted_outside_of_texts() -> None:
    assert not too_much(nested(DEEPEST))
    assert too_much(nested(DEEPEST + 1))
    assert too_much(b" \n" + nested(DEEPEST + 1))
    assert not too_much(b'{"remark": "' + b"[" * 500 + b'\\" still the text [[[["}')
    assert not too_much(b"[" + b"1," * (MOST_VALUES - 1) + b"1]")
    assert too_much(b"[" + b"1," * (MOST_VALUES + 1) + b"1]")
    assert not too_much(b"a=1&b=" + b"[" * 100)


def test_a_megabyte_of_the_worst_is_looked_through_in_no_time() -> None:
    started = time.perf_counter()
    for worst in (b'["' + b"\\" * 1_000_000, b'["' + b'\\"' * 500_000, b"[" + b'"",' * 300_000, b"{" + b'"' * 999_999):
        too_much(worst)
    assert time.perf_counter() - started < 2


async def test_a_body_of_an_impossible_shape_is_refused_before_it_is_read(api: Caller) -> None:
    headers = api.token("integrator") | {"Idempotency-Key": "k", "Content-Type": "application/json"}
    before = await api.rows()
    for body in (nested(100_000), b'{"lines":[' + b"1," * 200_000 + b"1]}"):
        answer = await api.http.post("/v1/orders", content=body, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:orderflow:problem:too-deep")
    assert await api.rows() == before


@pytest.mark.parametrize(
    "body", [b'{"total": ' + b"9" * 6_000 + b"}", b'{"a": "\xff\xfe"}', b'"\\ud800"', b"NaN", b"{"]
)
async def test_odd_json_is_the_callers_fault_and_never_ours(api: Caller, body: bytes) -> None:
    headers = api.token("integrator") | {"Idempotency-Key": "k", "Content-Type": "application/json"}
    answer = await api.http.post("/v1/orders", content=body, headers=headers)
    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_webhook_of_an_impossible_shape_is_refused_after_its_signature_and_kept(api: Caller) -> None:
    body = b'{"id": ' + nested(DEEPEST + 1) + b"}"
    assert (await api.shopify("orders/create", body, secret="another")).status_code == 401
    refused = await api.shopify("orders/create", body)
    assert [fault["problem"] for fault in refused.json()["faults"]] == ["is too deep or too wide"]
    assert await api.value("SELECT count(*) FROM inbox WHERE state = 'refused'") == 1


# --- headers ------------------------------------------------------------------------


async def test_every_answer_tells_browsers_to_keep_off(api: Caller) -> None:
    for answer in (await api.get("/v1/orders"), await api.http.get("/v1/orders"), await api.http.get("/healthz")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert "strict-transport-security" not in answer.headers


async def test_outside_development_browsers_are_told_to_use_https_only(api: Caller) -> None:
    produced = api.settings.model_copy(update={"environment": "production"})
    async with served(produced) as (_, client):
        answer = await client.get("/healthz")
    assert answer.headers["strict-transport-security"].startswith("max-age=31536000")


async def test_the_docs_run_their_own_script_and_no_other(api: Caller) -> None:
    page = await api.http.get("/docs")
    [script] = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    policy = page.headers["content-security-policy"]
    assert base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() in policy
    assert "frame-ancestors 'none'" in policy
    assert "'unsafe-inline'" not in policy.split("style-src")[0]
    assert (await api.http.get("/redoc")).status_code == 404


async def test_no_other_origin_is_let_in(api: Caller) -> None:
    origin = {"Origin": "https://evil.test", "Access-Control-Request-Method": "POST"}
    for answer in (
        await api.http.options("/v1/orders", headers=origin),
        await api.http.get("/v1/orders", headers=api.token("sales") | origin),
    ):
        assert not [name for name in answer.headers if name.startswith("access-control-")]


# --- replay -------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [-301 - 5, 301 + 5, -DAY])
async def test_a_webhook_signed_more_than_five_minutes_away_is_refused(api: Caller, seconds: int) -> None:
    event = paid("site-1", 100, "pi_1")
    assert (await api.stripe(event, at=time.time() + seconds)).status_code == 401
    assert await api.value("SELECT count(*) FROM inbox") == 0
    assert (await api.stripe(event, at=time.time() - 290)).status_code == 200
