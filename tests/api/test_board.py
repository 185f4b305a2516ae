"""The board (R33): what its sums say is what the rows say, folded or not; and parcels for logistics."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from domain.board import ON_TIME, stage
from domain.order_status import OrderStatus
from models.steps import ClockRow
from store import board, steps
from tests.api.caller import Caller
from tests.api.test_commands import in_review, review
from tests.api.test_providers import booked_parcel, event, push
from tests.api.test_search import recorded
from tests.fixtures.orders import NOON, a_step


async def seen(shop: Caller, **query: Any) -> dict[str, Any]:
    """The board as sales see it."""
    answer = await shop.get("/v1/board", "sales", **query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def delivered(shop: Caller) -> str:
    """An order whose parcel was picked up by the carrier and signed for just now."""
    number, tracking = await booked_parcel(shop)
    # To the second, and never before the booking.
    now = (datetime.now(timezone(timedelta(hours=8))) + timedelta(seconds=1)).strftime("%Y-%m-%d %H:%M:%S")
    await shop.kuaidi100(push(tracking, event("1", now, "已攬收")))
    await shop.until(number, "shipped")
    await shop.kuaidi100(push(tracking, event("301", now, "本人簽收")))
    await shop.until(number, "signed")
    return number


async def test_the_database_and_the_domain_know_the_same_steps_and_promises(api: Caller) -> None:
    for status in OrderStatus:
        assert await api.value("SELECT board_stage(%s)", status.value) == stage(status)
    for speed, longest in ON_TIME.items():
        assert await api.value("SELECT board_promise(%s)", speed) == longest


async def test_orders_are_counted_along_the_way_the_same_before_and_after_folding(shop: Caller) -> None:
    since = datetime(2030, 1, 2, 12, tzinfo=UTC)
    waiting, arrived = await in_review(shop), await delivered(shop)
    unpaid = await shop.placed(channel="app")
    await shop.post(f"/v1/orders/{unpaid}/cancel", {"reason": "buyer_asked"})
    await shop.until(unpaid, "cancelled")
    period = {"since": since.isoformat(), "until": (since + timedelta(hours=1)).isoformat()}

    before = await seen(shop, **period)
    assert {step["step"]: step["orders"] for step in before["way"]} == {
        "placed": 3, "cleared": 2, "approved": 1, "packed": 1, "shipped": 1, "signed": 1, "archived": 0,
    }  # fmt: skip
    assert [(row["channel"], row["orders"]) for row in before["placed"]] == [("app", 1), ("site", 2)]
    assert [(end["status"]["code"], end["orders"]) for end in before["ended_early"]] == [("cancelled", 1)]
    assert arrived != waiting
    async with shop.pool.connection() as conn:
        assert await board.fold(conn) > 0
    async with shop.pool.connection() as conn:
        assert await board.fold(conn) == 0
    assert await seen(shop, **period) == before
    assert (await seen(shop, **period, channel="app"))["way"][0]["orders"] == 1


async def test_times_promises_and_carriers_are_those_of_what_happened_in_the_period(shop: Caller) -> None:
    number = await in_review(shop)
    await delivered(shop)
    await review(shop, number, "claim")
    await review(shop, number, "approve")
    await shop.until(number, "picking")
    now = await seen(shop, until=(datetime.now(UTC) + timedelta(hours=1)).isoformat())
    left = {row["status"]["code"]: row["orders"] for row in now["time_in_status"]}
    assert left["manual_review"] == 1
    assert left["awaiting_payment"] == 2
    assert sum(row["bottleneck"] for row in now["time_in_status"]) == 1
    clocks = {clock["deadline"]: (clock["met"], clock["passed"]) for clock in now["clocks"]}
    assert (clocks["T3"], clocks["T1"], now["breaches"]) == ((1, 0), (2, 0), 0)
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    compared = (await shop.get("/v1/carriers/compared", "logistics", until=until)).json()["items"]
    assert compared == now["carriers"]
    assert [(one["handed_over"], one["signed"], one["on_time_share"]) for one in compared] == [(1, 1, 1.0)]


async def test_what_passes_as_planned_or_only_reminds_is_no_breach(api: Caller) -> None:
    running = [ClockRow(id=one, started=NOON, due=NOON + timedelta(hours=1)) for one in ("T2P", "T1", "T2", "T3")]
    passed = tuple(clock.id for clock in running)
    number = await recorded(api, "site-1")
    async with api.pool.connection() as conn:
        await steps.take(conn, a_step(number, 2, clocks=running))
        await steps.take(conn, a_step(number, 3, passed=passed))
    now = await seen(api, since=NOON.isoformat(), until=(NOON + timedelta(hours=2)).isoformat())
    kept = {clock["deadline"]: (clock["passed"], clock["kept_share"]) for clock in now["clocks"]}
    assert kept == {"T1": (1, None), "T2P": (1, None), "T2": (1, None), "T3": (1, 0.0)}
    assert now["breaches"] == 1


async def test_a_period_that_is_none_or_too_long_is_refused(api: Caller) -> None:
    end = datetime(2030, 1, 2, tzinfo=UTC)
    for since in (end, end - timedelta(days=93)):
        answer = await api.get("/v1/board", since=since.isoformat(), until=end.isoformat())
        assert (answer.status_code, answer.json()["faults"][0]["field"]) == (422, "query.since")
    first_day = await api.get("/v1/board", until="0001-01-01T00:00:00Z")
    assert (first_day.status_code, first_day.json()["faults"][0]["field"]) == (422, "query.until")


async def test_parcels_are_listed_by_state_in_keyset_pages_for_logistics(shop: Caller) -> None:
    first, second = await delivered(shop), await delivered(shop)
    page = (await shop.get("/v1/parcels", "logistics", state="signed", limit=1)).json()
    rest = (await shop.get("/v1/parcels", "logistics", state="signed", limit=1, cursor=page["next_cursor"])).json()
    assert [row["order_no"] for row in page["items"] + rest["items"]] == [first, second]
    assert rest["next_cursor"] is None
    assert (await shop.get("/v1/parcels", "logistics", state="problem")).json()["items"] == []
    assert (await shop.get("/v1/parcels/count", "logistics")).json() == {"states": {}}
