"""POST /v1/orders: what is refused, how it is said, and that nothing is left behind (R2, R19)."""

from __future__ import annotations

from typing import Any

from tests.api.caller import PERSONAL, Caller, an_order

PROBLEM = "application/problem+json"


def faulty_fields(answer: Any) -> set[str]:
    """The fields that a refusal names."""
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == PROBLEM
    return {fault["field"] for fault in answer.json()["faults"]}


REFUSALS: list[tuple[dict[str, Any], str]] = [
    ({"lines__0__sku": ...}, "lines.0.sku"),
    ({"lines__0__sku": "  "}, "lines.0.sku"),
    ({"lines__1__quantity": 0}, "lines.1.quantity"),
    ({"lines__1__quantity": 1.5}, "lines.1.quantity"),
    ({"lines__1__quantity": "1"}, "lines.1.quantity"),
    ({"lines__1__quantity": True}, "lines.1.quantity"),
    ({"lines__0__unit_price": -1}, "lines.0.unit_price"),
    ({"lines__0__unit_price": 199.0}, "lines.0.unit_price"),
    ({"lines__0__discount": 40_000}, "lines.0.discount"),
    ({"lines": []}, "lines"),
    ({"lines": None}, "lines"),
    ({"total": 45_601}, "total"),
    ({"total": 10**14}, "total"),
    ({"currency": "XXX"}, "currency"),
    ({"placed_at": "2030-01-02T20:00:00"}, "placed_at"),
    ({"placed_at": "yesterday"}, "placed_at"),
    ({"address": ...}, "address"),
    ({"address__street": ""}, "address.street"),
    ({"address__city": " "}, "address.city"),
    ({"address__country": "China"}, "address.country"),
    ({"buyer__phone": "12"}, "buyer.phone"),
    ({"buyer__phone": "not a number"}, "buyer.phone"),
    ({"buyer__phone": ...}, "buyer.phone"),
    ({"buyer__name": ""}, "buyer.name"),
    ({"buyer__name": "a\x00b"}, "buyer.name"),
    ({"remark": "x" * 2_001}, "remark"),
    ({"lines__0__title": "x" * 301}, "lines.0.title"),
    ({"payment__method": "barter"}, "payment.method"),
    ({"payment": ...}, "payment"),
    ({"channel": "Not A Channel"}, "channel"),
    ({"channel_order_id": "a/b"}, "channel_order_id"),
    ({"promotion": "perhaps"}, "promotion"),
]


async def test_each_faulty_field_is_refused_by_its_name_and_nothing_is_stored(api: Caller) -> None:
    before = await api.rows()
    said = {}
    for change, field in REFUSALS:
        named = faulty_fields(await api.place(an_order(**change)))
        if named != {field}:
            said[str(change)[:80]] = named
    assert said == {}
    assert await api.rows() == before


async def test_every_fault_is_named_in_one_answer_even_where_fields_join(api: Caller) -> None:
    before = await api.rows()
    order = an_order(
        lines__0__sku=...,
        lines__1__quantity=2,
        currency="???",
        placed_at="2030-01-02T20:00:00",
        address__street="",
        buyer__phone="123",
        remark="x" * 5_000,
        payment__method="barter",
    )
    assert faulty_fields(await api.place(order)) == {
        "lines.0.sku", "total", "currency", "placed_at", "address.street", "buyer.phone", "remark", "payment.method",
    }  # fmt: skip
    assert await api.rows() == before


async def test_a_channel_that_nobody_set_up_is_refused_with_those_that_are(api: Caller) -> None:
    before = await api.rows()
    order = an_order(channel="fair")
    person = {name: order[name] for name in ("channel", "channel_order_id", "buyer", "address")}
    for answer in (await api.place(order), await api.post("/v1/contacts", person, "integrator")):
        assert faulty_fields(answer) == {"channel"}
        [fault] = answer.json()["faults"]
        assert "app, csv, shopify, site, taobao, woocommerce, youzan" in fault["problem"]
    assert await api.rows() == before


async def test_every_channel_that_is_set_up_takes_orders_by_rest(api: Caller) -> None:
    for channel in ("app", "csv", "shopify", "site", "taobao", "woocommerce", "youzan"):
        assert (await api.place(an_order(channel=channel))).status_code == 202


async def test_a_missing_key_is_named_beside_the_other_faults(api: Caller) -> None:
    body = an_order(total=1)
    answer = await api.http.post("/v1/orders", json=body, headers=api.token("integrator"))
    assert faulty_fields(answer) == {"header.Idempotency-Key", "total"}


async def test_a_refusal_never_echoes_what_was_sent(api: Caller) -> None:
    answer = await api.place(an_order(buyer__phone="13800138000x", buyer__name="王測試" * 100, total=7))
    assert answer.status_code == 422
    assert not [text for text in PERSONAL if text in answer.text]


async def test_a_body_that_is_no_order_is_a_problem_and_no_crash(api: Caller) -> None:
    headers = api.token("integrator") | {"Idempotency-Key": "k", "Content-Type": "application/json"}
    for body in (b"{", b"", b"[]", b'"text"', b"[" * 100_000, b'{"total": NaN}', b"\xff\xfe"):
        answer = await api.http.post("/v1/orders", content=body, headers=headers)
        assert answer.status_code in (400, 422), answer.text
        assert answer.headers["content-type"] == PROBLEM


async def test_a_body_over_one_megabyte_is_refused_also_when_its_length_is_not_announced(api: Caller) -> None:
    async def endless() -> Any:
        for _ in range(40):
            yield b" " * 65_536

    headers = api.token("integrator") | {"Idempotency-Key": "k", "Content-Type": "application/json"}
    for content in (b" " * (1024 * 1024 + 1), endless()):
        answer = await api.http.post("/v1/orders", content=content, headers=headers)
        assert answer.status_code == 413
        assert answer.headers["content-type"] == PROBLEM


async def test_problem_json_says_what_rfc_9457_asks(api: Caller) -> None:
    answer = await api.place(an_order(total=1))
    problem = answer.json()
    assert {"type", "title", "status", "detail", "instance", "faults"} == set(problem)
    assert (problem["status"], problem["instance"]) == (422, "/v1/orders")
    assert problem["type"].startswith("urn:orderflow:problem:")


async def test_every_answer_bears_its_request_id_and_security_headers(api: Caller) -> None:
    named = await api.http.get("/healthz", headers={"X-Request-Id": "abc-1"})
    forged = await api.http.get("/nowhere", headers={"X-Request-Id": "a b\tc"})
    assert named.headers["x-request-id"] == "abc-1"
    assert forged.status_code == 404
    assert forged.headers["content-type"] == PROBLEM
    assert forged.headers["x-request-id"] not in ("", "a b\tc")
    assert named.headers["x-content-type-options"] == "nosniff"


async def test_what_is_stored_of_a_person_is_sealed_everywhere(api: Caller) -> None:
    answer = await api.place(an_order())
    assert answer.status_code == 202
    stored = await api.value("SELECT string_agg(t::text, ' ') FROM (SELECT c::text AS t FROM contacts c) x")
    inbox = await api.value("SELECT string_agg(i::text, ' ') FROM inbox i")
    keys = await api.value("SELECT string_agg(k::text, ' ') FROM idempotency_keys k")
    everything = f"{stored} {inbox} {keys}"
    hexadecimal = [text.encode().hex() for text in PERSONAL]
    assert "site" in everything
    assert not [text for text in (*PERSONAL, *hexadecimal) if text in everything]
