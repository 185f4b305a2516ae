"""What attackers try first, by hand: each is refused as a problem, breaks nothing, and leaves nothing behind."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import pytest

from tests.api.caller import Caller, an_order, paid

DEEP = b'{"a":' * 5_000 + b"1" + b"}" * 5_000
WIDE = b"[" + b"0," * 400_000 + b"0]"
HUGE = b"9" * 5_000
JSON = {"Content-Type": "application/json"}


def order(**changes: Any) -> bytes:
    """An order's body with something changed."""
    return json.dumps(an_order(**changes)).encode()


BODIES: Mapping[str, tuple[bytes, Mapping[str, str]]] = {
    "brackets without end": (DEEP, JSON),
    "a value for each day of a millennium": (WIDE, JSON),
    "a number of five thousand digits": (order().replace(b'"quantity": 2', b'"quantity": ' + HUGE), JSON),
    "more than a float can hold": (order().replace(b'"total": 45600', b'"total": 1e400'), JSON),
    "not a number": (order().replace(b'"total": 45600', b'"total": NaN'), JSON),
    "half of a surrogate pair": (order(remark="x").replace(b'"x"', b'"\\ud800"'), JSON),
    "a NUL": (order(buyer__name="a\x00b"), JSON),
    "a NUL in the order's number": (order(channel_order_id="1\x00"), JSON),
    "text that turns around": (order(channel_order_id="1\u202e2"), JSON),
    "not UTF-8": (b'{"channel": "\xff\xfe"}', JSON),
    "UTF-16": (order().decode().encode("utf-16"), JSON),
    "XML with an entity": (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
                           {"Content-Type": "application/xml"}),
    "a form": (b"channel=site", {"Content-Type": "application/x-www-form-urlencoded"}),
    "a pickle": (b"\x80\x04\x95", {"Content-Type": "application/octet-stream"}),
    "the same key twice, wrong the second time": (order()[:-1] + b', "total": -1}', JSON),
    "a list": (b"[]", JSON),
    "nothing": (b"", JSON),
}  # fmt: skip


@pytest.mark.parametrize("what", BODIES)
async def test_a_body_that_is_no_order_is_refused_and_nothing_is_stored(api: Caller, what: str) -> None:
    body, headers = BODIES[what]
    before = await api.rows()
    key = {"Idempotency-Key": "by-hand"}
    answer = await api.http.post("/v1/orders", content=body, headers={**api.token("integrator"), **key, **headers})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json"), answer.text
    assert await api.rows() == before


async def test_a_body_over_the_limit_is_refused_announced_or_not(api: Caller) -> None:
    headers = api.token("integrator") | {"Idempotency-Key": "large"} | JSON
    large = b'"' + b"x" * (1024 * 1024) + b'"'
    announced = await api.http.post("/v1/orders", content=large, headers=headers)

    async def unannounced() -> Any:
        for start in range(0, len(large), 65_536):
            yield large[start : start + 65_536]

    streamed = await api.http.post("/v1/orders", content=unannounced(), headers=headers)
    assert (announced.status_code, streamed.status_code) == (413, 413)


SQL = "x' OR '1'='1'; DROP TABLE orders; --"


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/v1/orders", {"channel": SQL}),
        ("/v1/orders", {"cursor": SQL}),
        ("/v1/orders", {"sort": SQL}),
        ("/v1/audit", {"actor": SQL}),
        ("/v1/audit", {"subject": SQL, "sort": "newest"}),
        ("/v1/parcels", {"carrier": SQL}),
        ("/v1/deadlines", {"department": SQL}),
        (f"/v1/orders/{SQL}", {}),
        ("/v1/cases", {"kind": SQL}),
    ],
)
async def test_sql_in_a_path_or_a_query_is_only_text(api: Caller, path: str, query: Mapping[str, str]) -> None:
    answer = await api.http.get(path, params=query, headers=api.token("operations"))
    assert answer.status_code in {200, 404, 422}, answer.text
    assert not answer.json().get("items"), "nobody is called that"
    assert await api.value("SELECT count(*) FROM orders") == 0


@pytest.mark.parametrize(
    "path",
    ["/v1/../metrics", "/v1/orders/..%2f..%2fmetrics", "/v1/orders/%00", "//v1//orders", "/v1/orders/%2e%2e", "/%ff"],
)
async def test_a_path_that_climbs_leads_nowhere(api: Caller, path: str) -> None:
    answer = await api.http.get(path, headers=api.token("operations"))
    assert answer.status_code in {200, 404, 422}
    assert answer.status_code != 200 or path == "/v1/../metrics", "the client itself shortens this one"


async def test_two_authorizations_are_not_twice_the_rights(api: Caller) -> None:
    both = [("Authorization", api.token(role)["Authorization"]) for role in ("sales", "operations")]
    first = await api.http.get("/v1/audit", headers=both)
    second = await api.http.get("/v1/audit", headers=both[::-1])
    assert 403 in {first.status_code, second.status_code} or {first.status_code, second.status_code} == {401}


async def test_headers_of_others_do_not_change_who_asks_or_how(api: Caller) -> None:
    tricks = {
        "X-HTTP-Method-Override": "DELETE",
        "X-Original-URL": "/v1/accounts",
        "X-Forwarded-For": "127.0.0.1",
        "X-Role": "administrator",
        "X-Request-Id": "a\tb" * 50,
        "Host": "evil.example",
    }
    answer = await api.http.get("/v1/session", headers=api.token("sales") | tricks)
    assert (answer.status_code, answer.json()["staff"]["role"]) == (200, "sales")
    assert "evil.example" not in answer.text + str(answer.headers)
    assert "\t" not in answer.headers["x-request-id"]


@pytest.mark.parametrize("minutes", [-6, 6])
async def test_a_webhook_from_outside_five_minutes_is_refused_and_leaves_nothing(api: Caller, minutes: int) -> None:
    before = await api.rows()
    answer = await api.stripe(paid("site-1", 100, "pi_replayed"), at=time.time() + minutes * 60)
    assert answer.status_code == 401
    assert await api.rows() == before


async def test_every_answer_has_the_headers_that_browsers_heed(api: Caller) -> None:
    paths = [path for path, methods in api.app.openapi()["paths"].items() if "get" in methods and path != "/v1/events"]
    assert len(paths) > 30
    for path in [*paths, "/docs", "/openapi.json", "/nowhere"]:
        answer = await api.http.get(path.replace("{", "").replace("}", ""))
        assert answer.headers["x-content-type-options"] == "nosniff", path
        assert answer.headers["x-frame-options"] == "DENY", path
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"], path
        assert "access-control-allow-origin" not in answer.headers, path
        assert (answer.headers["referrer-policy"], "server" in answer.headers) == ("no-referrer", False), path
