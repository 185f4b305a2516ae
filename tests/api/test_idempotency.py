"""Asked again, asked twice, asked at once: one order, one answer (R5, accident 5)."""

from __future__ import annotations

import asyncio

from tests.api.caller import Caller, an_order, order_no


async def test_the_same_key_and_body_get_the_same_answer(shop: Caller) -> None:
    order = an_order()
    first = await shop.place(order, key="once-1")
    again = await shop.place(order, key="once-1")
    assert first.status_code == 201
    assert (again.status_code, again.text) == (201, first.text)
    assert again.headers["location"] == first.headers["location"]
    assert await shop.value("SELECT count(*) FROM orders") == 1


async def test_the_same_key_with_another_body_is_refused(shop: Caller) -> None:
    await shop.place(an_order(), key="once-2")
    before = await shop.rows()
    answer = await shop.place(an_order(), key="once-2")
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("idempotency-key-reused")
    assert await shop.rows() == before


async def test_another_key_with_the_same_order_gets_the_existing_one(shop: Caller) -> None:
    order = an_order()
    first = await shop.place(order)
    again = await shop.place(order)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["order_no"] == first.json()["order_no"]
    assert await shop.value("SELECT count(*) FROM contacts") == 1


async def test_another_content_under_the_same_channel_order_id_is_a_conflict(shop: Caller) -> None:
    order = an_order()
    await shop.place(order)
    before = await shop.rows()
    for change in ({"remark": "something else"}, {"buyer": {**order["buyer"], "phone": "13900139000"}}):
        answer = await shop.place({**order, **change})
        assert answer.status_code == 409
        assert order_no(order) in answer.json()["detail"]
    assert await shop.rows() == before


async def test_fifty_at_once_with_keys_of_their_own_become_one_order(shop: Caller) -> None:
    order = an_order()
    answers = await asyncio.gather(*(shop.place(order) for _ in range(50)))
    assert {answer.status_code for answer in answers} <= {200, 201, 202}
    await shop.until(order_no(order), "awaiting_payment")
    assert [answer.status_code for answer in answers].count(201) <= 1
    assert await shop.value("SELECT count(*) FROM orders") == 1
    assert await shop.value("SELECT count(*) FROM contacts") == 1
    assert await shop.value("SELECT count(*) FROM inbox") == 1
    assert await shop.value("SELECT reserved FROM stock_items WHERE sku = 'TEA'") == 2


async def test_fifty_at_once_with_one_key_all_get_the_one_answer(shop: Caller) -> None:
    order = an_order()
    answers = await asyncio.gather(*(shop.place(order, key="fifty") for _ in range(50)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1


async def test_a_refused_request_does_not_use_up_its_key(api: Caller) -> None:
    assert (await api.place(an_order(total=1), key="again")).status_code == 422
    assert (await api.place(an_order(), key="again")).status_code == 202


async def test_one_persons_key_is_not_anothers(api: Caller) -> None:
    for subject in ("machine-1", "machine-2"):
        answer = await api.post("/v1/orders", an_order(), "integrator", key="mine", subject=subject)
        assert answer.status_code == 202


async def test_an_order_that_is_accepted_but_not_on_record_is_answered_anew_by_its_key(api: Caller) -> None:
    order = an_order()
    first = await api.place(order, key="early")
    again = await api.place(order, key="early")
    assert first.status_code == again.status_code == 202
    assert first.json() == again.json()
    assert first.headers["location"] == f"/v1/orders/{order_no(order)}"
    assert (await api.place(an_order(), key="early")).status_code == 422


async def test_keeping_a_contact_twice_gives_one_contact(api: Caller) -> None:
    order = an_order()
    body = {name: order[name] for name in ("channel", "channel_order_id", "buyer", "address")}
    first = await api.post("/v1/contacts", body, "integrator", key="c-1")
    again = await api.post("/v1/contacts", body, "integrator", key="c-1")
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert first.json()["workflow_id"] == f"order-{first.json()['order_no']}"
    assert await api.value("SELECT count(*) FROM contacts") == 1
