"""The whole story of an order on one page, each part for those who may see it (R7, R12, R21)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, get_args

import pytest

from api.order_views import status_view
from api.schemas.warehouse import TaskState
from domain.order_status import OrderStatus
from models.inbox import Trace, TrackingEvent
from models.news import CarrierState
from store import traces
from tests.api.caller import Caller
from tests.api.test_events import CASE, address, move, watching
from tests.api.test_search import buyer, recorded
from tests.fixtures.orders import NOON, stock_up

TEXT = "快遞員 15933334444 已送到虛構路，王測試本人簽收"

__all__ = ["address"]


@pytest.fixture
async def told(api: Caller) -> Caller:
    """site-1 has a parcel with a trace, a case with a clock, and a buyer with two other orders."""
    for number in ("site-1", "site-2", "site-3"):
        await recorded(api, number, buyer())
    await recorded(api, "site-4", buyer("13911112222", account="Another-Buyer"))
    parcel = (
        "INSERT INTO parcels (parcel_no, order_no, warehouse, state, carrier, tracking_no, weight_g, value_minor,"
        " insured) VALUES ('site-1-P1', 'site-1', 'SZ', 'signed', 'sf', 'SF100', 1, 1, false)"
    )
    clock = (
        "INSERT INTO deadlines (subject, deadline, workflow_id, started_at, due_at, state, department)"
        " VALUES ('case:K-1', 'T10', 'case-K-1', now(), now(), 'running', 'customer_service')"
    )
    money = "INSERT INTO payments VALUES ('site-2', 'CNY', 1000, 0, 1000) ON CONFLICT (order_no) DO UPDATE"
    async with api.pool.connection() as conn:
        await stock_up(conn, "TEA", 1)
        for change in (
            parcel, CASE, clock, f"{money} SET captured = 1000, refunded = 1000",
            "UPDATE orders SET status = 'cancelled' WHERE order_no = 'site-2'",
        ):  # fmt: skip
            await conn.execute(change.encode())
        event = TrackingEvent(event_id="e1", at=NOON, state=CarrierState.SIGNED, code="301", text=TEXT)
        await traces.keep(conn, api.app.state.house.vault, Trace(tracking_no="SF100", events=(event,)))
    return api


async def story(api: Caller, role: str, number: str = "site-1") -> dict[str, Any]:
    answer = await api.get(f"/v1/orders/{number}", role)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_service_sees_trace_cases_and_the_buyers_other_orders_masked(told: Caller) -> None:
    shown = await story(told, "customer_service")
    [event] = shown["parcels"][0]["trace"]
    assert (event["zh"], event["code"]) == ("已簽收", "301")
    assert event["text"] == "快遞員 159****4444 已送到****，王*本人簽收"
    [case] = shown["cases"]
    assert (case["case_no"], case["kind_zh"], [clock["deadline"] for clock in case["deadlines"]]) == (
        "K-1", "客訴", ["T10"]
    )  # fmt: skip
    history = {name: shown["buyer"][name] for name in ("orders", "cancelled", "refunded", "running", "blacklisted")}
    assert history == {"orders": 2, "cancelled": 1, "refunded": 1, "running": 1, "blacklisted": []}


async def test_an_event_that_the_order_wrote_first_is_told_as_the_carrier_said_it(told: Caller) -> None:
    event = TrackingEvent(event_id="e0", at=NOON - timedelta(hours=1), state=CarrierState.IN_TRANSIT, code="0", text="")
    async with told.pool.connection() as conn:
        await conn.execute(
            "INSERT INTO tracking_events (parcel_no, event_id, at, state, code)"
            " VALUES ('site-1-P1', 'e0', %s, 'handed_over', '0')",
            (event.at,),
        )
    shown = (await story(told, "customer_service"))["parcels"][0]["trace"]
    assert [one["zh"] for one in shown] == ["已簽收", "已交運"]
    async with told.pool.connection() as conn:
        await traces.keep(conn, told.app.state.house.vault, Trace(tracking_no="SF100", events=(event,)))
    shown = (await story(told, "customer_service"))["parcels"][0]["trace"]
    assert [one["zh"] for one in shown] == ["已簽收", "運輸中"]


async def test_what_a_carrier_adds_to_a_trace_is_told_of_its_order(told: Caller, address: str) -> None:
    await move(told, "site-1")
    async with watching(told, address) as stream:
        await stream.next()
        event = TrackingEvent(event_id="e2", at=NOON, state=CarrierState.IN_TRANSIT, code="0", text="")
        async with told.pool.connection() as conn:
            await traces.keep(conn, told.app.state.house.vault, Trace(tracking_no="SF100", events=(event,)))
        assert (await stream.next())[1]["order_no"] == "site-1"


async def test_each_post_sees_its_part_only(told: Caller) -> None:
    for role in ("finance", "sales", "auditor"):
        shown = await story(told, role)
        assert (shown["buyer"], shown["contact"], shown["parcels"][0]["trace"][0]["text"]) == (None, None, None), role
        assert len(shown["cases"]) == 1
    machine = await story(told, "integrator")
    assert (machine["cases"], machine["buyer"]) == (None, None)


async def test_a_blacklisted_buyer_is_shown_as_such(told: Caller) -> None:
    async with told.pool.connection() as conn:
        await conn.execute(
            "INSERT INTO blacklist (kind, value_index, reason, added_by, added_at, source)"
            " SELECT 'phone', phone_index, 'fraud', 'x', now(), 'hand' FROM contacts WHERE contact_id = 'ct_site-1'"
        )
    assert (await story(told, "reviewer"))["buyer"]["blacklisted"] == ["phone"]


async def test_an_erased_buyer_leaves_the_story_whole(told: Caller) -> None:
    async with told.pool.connection() as conn:
        await conn.execute("UPDATE contacts SET wrapped_key = NULL, phone_index = NULL, account_index = NULL")
        await conn.execute("UPDATE tracking_events SET text_sealed = ''")
    shown = await story(told, "customer_service")
    assert (shown["contact"], shown["parcels"][0]["trace"][0]["text"], shown["buyer"]["orders"]) == (None, None, 0)
    assert len(shown["cases"]) == 1


def test_every_status_that_a_timeline_can_show_has_chinese_words() -> None:
    for code in (*(status.value for status in OrderStatus), *get_args(TaskState)):
        assert not status_view(code).zh.isascii(), code
