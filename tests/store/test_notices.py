"""Notices go out newest first for each order, and a late one is a breach (R20, T13)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.order_status import OrderStatus
from store import notices, orders, steps
from store.pool import Connection
from tests.fixtures.orders import NOON, a_step, an_order, value

WAITING, PAID, APPROVED = OrderStatus.AWAITING_PAYMENT, OrderStatus.PAID, OrderStatus.APPROVED


@pytest.fixture
async def told(conn: Connection) -> Connection:
    """Two orders of the channel "web": the first was paid and approved, the second paid."""
    for number in ("web-1", "web-2"):
        first = a_step(number, 1, "order_recorded")
        await steps.take(conn, first, lambda n=number: orders.record(conn, an_order(n), status=WAITING, at=NOON))  # type: ignore[misc]
        await steps.take(conn, a_step(number, 2, before=WAITING, after=PAID))
    await steps.take(conn, a_step("web-1", 3, before=PAID, after=APPROVED))
    return conn


async def test_only_the_newest_snapshot_of_an_order_is_pending(told: Connection) -> None:
    due = await notices.pending(told, "web", NOON, 10)
    assert [(notice.order_no, notice.sequence, notice.body["status"]) for notice in due] == [
        ("web-2", 1, "paid"),
        ("web-1", 2, "approved"),
    ]


async def test_a_delivered_snapshot_supersedes_the_older_ones(told: Connection) -> None:
    for notice in await notices.pending(told, "web", NOON, 10):
        await notices.delivered(told, notice, NOON)
    cursor = await told.execute("SELECT order_no, state FROM notices ORDER BY order_no, sequence")
    assert [tuple(row.values()) for row in await cursor.fetchall()] == [
        ("web-1", "superseded"),
        ("web-1", "delivered"),
        ("web-2", "delivered"),
    ]
    assert await notices.standing(told, "web") == (None, None)


async def test_an_old_snapshot_delivered_late_does_not_hide_a_newer_one(told: Connection) -> None:
    first = next(notice for notice in await notices.pending(told, "web", NOON, 10) if notice.order_no == "web-2")
    await steps.take(told, a_step("web-2", 3, before=PAID, after=APPROVED))
    await notices.delivered(told, first, NOON)
    left = [notice for notice in await notices.pending(told, "web", NOON, 10) if notice.order_no == "web-2"]
    assert [notice.body["status"] for notice in left] == ["approved"]


async def test_a_failed_attempt_waits_and_holds_back_its_own_order_only(told: Connection) -> None:
    failed = next(notice for notice in await notices.pending(told, "web", NOON, 10) if notice.order_no == "web-1")
    later = NOON + timedelta(seconds=10)
    await notices.failed(told, failed, "Unavailable:http_503", later)
    assert [notice.order_no for notice in await notices.pending(told, "web", NOON, 10)] == ["web-2"]
    again = await notices.pending(told, "web", later, 10)
    assert {notice.order_no: notice.attempts for notice in again} == {"web-1": 1, "web-2": 0}


async def test_the_channel_is_behind_since_its_oldest_undelivered_change(told: Connection) -> None:
    behind_since, _ = await notices.standing(told, "web")
    assert behind_since == NOON + timedelta(minutes=2)


async def test_what_is_late_is_marked_once(told: Connection) -> None:
    until, passed = NOON + timedelta(minutes=2), NOON + timedelta(minutes=17)
    assert await notices.breach(told, "web", until, passed) == ["web-1", "web-2"]
    assert await notices.breach(told, "web", until, passed) == []
    assert await value(told, "SELECT count(*) FROM notices WHERE breached_at IS NULL") == 1


async def test_another_channel_hears_nothing(told: Connection) -> None:
    assert await notices.pending(told, "taobao", NOON, 10) == []
