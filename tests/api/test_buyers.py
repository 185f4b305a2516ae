"""The buyer behind an order: reveals on record and counted, notes masked (R7, R21, R23)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from api.masking import masked_text
from store.contacts import Address, Person
from tests.api.caller import Caller
from tests.api.test_search import buyer, recorded

NAME, STREET, PHONE = "王測試", "虛構路", "13800138000"
REVEAL = {"purpose": "call_buyer", "fields": ["name", "phone"]}


async def revealed(api: Caller, number: str = "site-1", **how: Any) -> Any:
    body = REVEAL | how.pop("body", {})
    return await api.post(f"/v1/orders/{number}/reveal", body, how.pop("role", "customer_service"), **how)


async def entries(api: Caller) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await api.get("/v1/audit", "auditor", act="contact_revealed")).json()["items"]
    return found


async def test_a_reveal_shows_what_was_asked_for_and_stands_in_the_orders_record_without_values(api: Caller) -> None:
    await recorded(api, "site-1", buyer())
    answer = await revealed(api)
    assert answer.json() == {
        "order_no": "site-1", "name": NAME, "phone": PHONE, "address": None, "email": None, "remark": None
    }  # fmt: skip
    assert answer.headers["cache-control"] == "no-store"
    [entry] = await entries(api)
    assert (entry["subject"], entry["who"]) == ("order:site-1", "customer_service-1")
    assert entry["details"] == {"purpose": "call_buyer", "fields": ["name", "phone"]}
    whole = (await revealed(api, body={"fields": ["address", "email", "remark"]})).json()
    assert whole["address"]["street"] == STREET
    async with api.pool.connection() as conn:
        cursor = await conn.execute(
            "SELECT a::text FROM audit_entries a UNION ALL SELECT i::text FROM idempotency_keys i"
        )
        kept = str(await cursor.fetchall())
    assert [value for value in (NAME, PHONE, STREET) if value in kept] == []


async def test_only_posts_that_call_buyers_reveal_and_a_refusal_leaves_no_look(api: Caller) -> None:
    await recorded(api, "site-1", buyer())
    for role in ("reviewer", "warehouse", "logistics", "finance", "sales", "administrator", "auditor", "integrator"):
        assert (await revealed(api, role=role)).status_code == 403, role
    assert (await revealed(api, "site-404")).status_code == 404
    wrongs: list[dict[str, Any]] = [
        {"purpose": "curiosity"}, {"fields": []}, {"fields": ["account"]}, {"purpose": "other"}
    ]  # fmt: skip
    for wrong in wrongs:
        assert (await revealed(api, body=wrong)).status_code == 422, wrong
    assert await entries(api) == []


async def test_a_retry_is_the_same_look_and_a_key_opens_nothing_else_and_not_for_ever(api: Caller) -> None:
    await recorded(api, "site-1", buyer())
    first, again = await revealed(api, key="k"), await revealed(api, key="k")
    assert first.json() == again.json()
    assert len(await entries(api)) == 1
    assert (await revealed(api, key="k", body={"fields": ["address"]})).status_code == 422
    async with api.pool.connection() as conn:
        await conn.execute("ALTER TABLE audit_entries DISABLE TRIGGER audit_entries_append_only")
        await conn.execute("UPDATE audit_entries SET wall_at = wall_at - interval '6 minutes'")
    assert (await revealed(api, key="k")).status_code == 422
    assert (await revealed(api, key="l")).status_code == 200


async def test_a_person_reveals_so_many_buyers_an_hour_also_all_at_once(
    api: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(api.app.state.house.settings.__dict__, "reveals_per_hour", 3)
    for number in range(6):
        await recorded(api, f"site-{number}", buyer())
    answers = await asyncio.gather(*(revealed(api, f"site-{number}") for number in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [429] * 3
    [refused, *_] = [answer for answer in answers if answer.status_code == 429]
    assert 3500 < int(refused.headers["retry-after"]) <= 3600
    assert len(await entries(api)) == 3
    assert (await revealed(api, subject="colleague-2")).status_code == 200


async def test_notes_are_read_masked_and_that_one_was_written_is_on_record(api: Caller) -> None:
    await recorded(api, "site-1", buyer())
    note = {"note": f"{NAME} wants it at {STREET}, call 139 1111 2222 or a@example.com"}
    first = await api.post("/v1/orders/site-1/notes", note, "reviewer", key="k")
    again = await api.post("/v1/orders/site-1/notes", note, "reviewer", key="k")
    assert (first.status_code, first.json()) == (201, again.json())
    read = (await api.get("/v1/orders/site-1/notes", "customer_service")).json()
    assert [(one["text"], one["created_by"]) for one in read["items"]] == [
        ("王* wants it at ****, call 139****2222 or ****", "reviewer-1")
    ]
    [entry] = (await api.get("/v1/audit", "auditor", act="note_written")).json()["items"]
    assert (entry["note_id"], entry["subject"]) == (first.json()["note_id"], "order:site-1")
    for role in ("warehouse", "finance", "auditor", "integrator"):
        assert (await api.get("/v1/orders/site-1/notes", role)).status_code == 403, role
        assert (await api.post("/v1/orders/site-1/notes", note, role)).status_code == 403, role
    assert (await api.get("/v1/orders/site-404/notes")).status_code == 404


def test_masked_text_keeps_the_sense_and_no_person() -> None:
    person = Person(name="Test Buyer", phone="+86 138-0013-8000", address=Address("CN", street="1 Invented Lane"))
    assert masked_text("TEST BUYER, 1 invented lane, 2 parcels by 5 pm", person) == "T*, ****, 2 parcels by 5 pm"
    assert masked_text("call +86 138-0013-8000", person) == "call ****"
    assert masked_text("call 0755-8888 6666", Person()) == "call 075****6666"
