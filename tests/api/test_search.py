"""Finding orders by number, phone, account and tracking number (R21, R27)."""

from __future__ import annotations

from typing import Any

from store import contacts, orders
from store.contacts import Address, Person
from tests.api.caller import Caller
from tests.api.test_scope import denials
from tests.fixtures.orders import NOON, an_order, stock_up

PHONE, ACCOUNT = "13800138000", "Invented-Buyer-1"


async def recorded(api: Caller, number: str, person: Person | None = None) -> str:
    """An order as its first step records it, with its person in the vault."""
    order = an_order(number)
    async with api.pool.connection() as conn:
        if person is not None:
            await contacts.keep(
                conn, api.app.state.house.vault, order.contact_id, person, channel=order.channel, at=NOON
            )
        await orders.record(conn, order, status="awaiting_payment", at=NOON)
    return number


def buyer(phone: str = PHONE, country: str = "CN", account: str = ACCOUNT) -> Person:
    """An invented buyer."""
    return Person(name="王測試", phone=phone, account=account, address=Address(country, city="深圳市", street="虛構路"))


async def found(api: Caller, role: str = "customer_service", **wanted: Any) -> list[str]:
    answer = await api.post("/v1/orders/search", wanted, role)
    assert answer.status_code == 200, answer.text
    return [row["order_no"] for row in answer.json()["items"]]


async def test_an_order_is_found_by_each_thing_a_buyer_can_tell(api: Caller) -> None:
    await recorded(api, "site-1", buyer())
    await recorded(api, "site-2", buyer("13911112222", account="Another-Buyer"))
    async with api.pool.connection() as conn:
        await stock_up(conn, "TEA", 1)
        await conn.execute(
            "INSERT INTO parcels (parcel_no, order_no, warehouse, state, carrier, tracking_no, weight_g, value_minor,"
            " insured) VALUES ('site-1-P1', 'site-1', 'SZ', 'booked', 'sf', 'SF100', 1, 1, false)"
        )
    for wanted in (
        {"order_no": "site-1"},
        {"channel_order_id": "1"},
        {"tracking_no": "SF100"},
        {"phone": "138 0013-8000"},
        {"phone": "+86 138 0013 8000", "country": "US"},
        {"account": " invented-buyer-1 "},
    ):
        assert await found(api, **wanted) == ["site-1"], wanted


async def test_a_foreign_number_is_found_as_its_country_writes_it(api: Caller) -> None:
    await recorded(api, "site-1", buyer("(217) 555-0100", "US"))
    assert await found(api, phone="2175550100", country="US") == ["site-1"]
    assert await found(api, phone="+1 217 555 0100") == ["site-1"]


async def test_all_orders_of_a_phone_come_in_keyset_pages(api: Caller) -> None:
    numbers = [await recorded(api, f"site-{number}", buyer()) for number in range(1, 4)]
    seen: list[str] = []
    query = ""
    for _ in range(3):
        page = (await api.post(f"/v1/orders/search?limit=1{query}", {"phone": PHONE})).json()
        seen += [row["order_no"] for row in page["items"]]
        query = f"&cursor={page['next_cursor']}"
    assert (seen, query) == (numbers[::-1], "&cursor=None")


async def test_posts_that_see_no_buyer_find_none_by_phone_or_account(api: Caller) -> None:
    await recorded(api, "site-1", buyer())
    blind = ("sales", "finance", "auditor", "integrator")
    for role in blind:
        for wanted in ({"phone": PHONE}, {"account": ACCOUNT}):
            assert (await api.post("/v1/orders/search", wanted, role)).status_code == 403, (role, wanted)
        assert await found(api, role, order_no="site-1") == ["site-1"]
    assert await denials(api) == [("contact.masked", "POST /v1/orders/search", None)] * len(blind)
    assert (await api.post("/v1/orders/search", {"order_no": "site-1"}, "warehouse")).status_code == 403


async def test_a_search_for_nothing_or_for_two_things_is_refused_without_repeating_it(api: Caller) -> None:
    for wanted in ({}, {"phone": PHONE, "order_no": "site-1"}, {"phone": ""}, {"order_no": "a\x00"}):
        answer = await api.post("/v1/orders/search", wanted)
        assert answer.status_code == 422, wanted
        assert answer.json()["faults"]
        assert PHONE not in answer.text


async def test_an_erased_buyer_is_found_no_more(api: Caller) -> None:
    await recorded(api, "site-1", buyer())
    async with api.pool.connection() as conn:
        await conn.execute("UPDATE contacts SET wrapped_key = NULL, phone_index = NULL, account_index = NULL")
    assert await found(api, phone=PHONE) == []
    assert await found(api, order_no="site-1") == ["site-1"]
