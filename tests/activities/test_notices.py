"""Delivering over the real gateway: in order, many at once, and never giving up (R20, T13)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from temporalio.testing import ActivityEnvironment

from activities.notices import Notices, backoff
from domain.order_status import OrderStatus
from gateways.channel_notices import ChannelNotices, NoticeAddress
from models.notices import BreachNotices, DeliverNotices
from store import alerts, orders, steps
from store.pool import Connection, Pool
from tests.fixtures.orders import NOON, a_step, an_order, value

S = OrderStatus
NOT_BEHIND = DeliverNotices(channel="web", max_seconds=20)
BEHIND = DeliverNotices(channel="web", behind=True, max_seconds=20)


class FrontEnd:
    """The channel's front end: keeps what it was told, as Standard Webhooks."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.ids: list[str] = []
        self.status: Callable[[dict[str, Any]], int] = lambda notice: 204
        self.at_once = self.most_at_once = 0
        self.heard = asyncio.Condition()

    async def answer(self, request: httpx.Request) -> httpx.Response:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        notice = json.loads(request.content)["data"]
        status = self.status(notice)
        if status == 204:
            self.told.append(notice)
            self.ids.append(request.headers["webhook-id"])
            async with self.heard:
                self.heard.notify_all()
        return httpx.Response(status)

    async def has_heard(self, notices: int, *, within: float = 15) -> None:
        """Wait until the front end was told so often; TimeoutError after ``within`` seconds."""
        async with asyncio.timeout(within), self.heard:
            await self.heard.wait_for(lambda: len(self.told) >= notices)


@pytest.fixture
def shop() -> FrontEnd:
    return FrontEnd()


@pytest.fixture
def hands(pool: Pool, database_url: str, shop: FrontEnd) -> Notices:
    client = httpx.AsyncClient(transport=httpx.MockTransport(shop.answer))
    address = NoticeAddress("webhook", "https://shop.example/notices", "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    return Notices(pool, ChannelNotices(client, {"web": address}), database_url, at_once=4)


async def change(pool: Pool, number: str, seq: int, before: OrderStatus, after: OrderStatus) -> None:
    async with pool.connection() as conn:
        await steps.take(conn, a_step(number, seq, before=before, after=after))


async def placed(pool: Pool, *numbers: str) -> None:
    """Orders that were paid: each has a notice pending."""
    for number in numbers:
        async with pool.connection() as conn:
            order = an_order(number)
            await orders.record(conn, order, status="awaiting_payment", at=NOON)
        await change(pool, number, 2, S.AWAITING_PAYMENT, S.PAID)


@asynccontextmanager
async def delivering(hands: Notices, count: int = 1) -> AsyncIterator[None]:
    """So many deliverers at work for the length of the block."""
    running = [asyncio.create_task(ActivityEnvironment().run(hands.deliver_notices, NOT_BEHIND)) for _ in range(count)]
    try:
        yield
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def test_every_order_is_told_its_newest_status_only(pool: Pool, hands: Notices, shop: FrontEnd) -> None:
    await placed(pool, "web-1", "web-2")
    await change(pool, "web-1", 3, S.PAID, S.APPROVED)
    async with delivering(hands):
        await shop.has_heard(2)
    assert {notice["order_no"]: notice["status"] for notice in shop.told} == {"web-1": "approved", "web-2": "paid"}
    assert sorted(shop.ids) == ["web-1:notice:2", "web-2:notice:1"]


async def test_a_change_that_comes_while_it_listens_is_told_at_once(pool: Pool, hands: Notices, shop: FrontEnd) -> None:
    async with delivering(hands):
        await placed(pool, "web-0")
        await shop.has_heard(1)
        await placed(pool, "web-1")
        await shop.has_heard(2, within=4)


async def test_orders_are_told_side_by_side_but_no_more_than_allowed(
    pool: Pool, hands: Notices, shop: FrontEnd
) -> None:
    await placed(pool, *(f"web-{n}" for n in range(30)))
    async with delivering(hands):
        await shop.has_heard(30)
    assert 1 < shop.most_at_once <= 4


async def test_the_first_failure_is_reported_with_the_oldest_change(
    pool: Pool, conn: Connection, hands: Notices, shop: FrontEnd, env: ActivityEnvironment
) -> None:
    await placed(pool, "web-1", "web-2")
    shop.status = lambda notice: 503 if notice["order_no"] == "web-1" else 204
    report = await env.run(hands.deliver_notices, NOT_BEHIND)
    assert report.behind_since == NOON + timedelta(minutes=2)
    assert [notice["order_no"] for notice in shop.told] == ["web-2"]
    assert await value(conn, "SELECT last_error FROM notices WHERE state = 'pending'") == "Unavailable:http_503"


async def test_a_notice_that_waits_for_its_next_attempt_is_reported_at_once(
    pool: Pool, hands: Notices, shop: FrontEnd, env: ActivityEnvironment
) -> None:
    await placed(pool, "web-1")
    shop.status = lambda notice: 503
    for _ in range(2):
        assert (await env.run(hands.deliver_notices, NOT_BEHIND)).behind_since is not None


async def test_once_behind_it_goes_on_until_all_is_told(
    pool: Pool, conn: Connection, hands: Notices, shop: FrontEnd, env: ActivityEnvironment
) -> None:
    await placed(pool, "web-1")
    shop.status = lambda notice: 503
    await env.run(hands.deliver_notices, NOT_BEHIND)
    shop.status = lambda notice: 204
    await conn.execute("UPDATE notices SET next_attempt_at = now() + interval '200 ms'")
    report = await env.run(hands.deliver_notices, BEHIND)
    assert report.behind_since is None
    assert [notice["sequence"] for notice in shop.told] == [1]


async def test_when_its_time_is_over_it_says_how_it_stands(
    pool: Pool, hands: Notices, shop: FrontEnd, env: ActivityEnvironment
) -> None:
    await placed(pool, "web-1")
    shop.status = lambda notice: 503
    report = await env.run(hands.deliver_notices, DeliverNotices(channel="web", behind=True, max_seconds=1))
    assert report.behind_since == NOON + timedelta(minutes=2)


async def test_two_deliverers_of_a_channel_do_not_send_side_by_side(pool: Pool, hands: Notices, shop: FrontEnd) -> None:
    await placed(pool, *(f"web-{n}" for n in range(20)))
    async with delivering(hands, count=3):
        await shop.has_heard(20)
    assert len(shop.ids) == len(set(shop.ids)) == 20


async def test_a_breach_is_marked_recorded_and_alerted_once(
    pool: Pool, conn: Connection, hands: Notices, env: ActivityEnvironment
) -> None:
    await placed(pool, "web-1", "web-2")
    passed = BreachNotices(channel="web", at=NOON + timedelta(minutes=17), changed_until=NOON + timedelta(minutes=2))
    assert [(await env.run(hands.breach_notices, passed)).breached for _ in range(2)] == [2, 0]
    assert await value(conn, "SELECT count(*) FROM audit_entries WHERE act = 'notice_late' AND actor = 'T13'") == 2
    assert [(row["kind"], row["department"]) for row in await alerts.unseen(conn)] == [("T13", "operations")]


@pytest.mark.parametrize(("attempts", "seconds"), [(0, 10), (1, 20), (5, 320), (6, 600), (60, 600)])
def test_the_wait_doubles_up_to_ten_minutes(attempts: int, seconds: int) -> None:
    assert backoff(attempts).total_seconds() == seconds
