"""Broadcasts (R25) and the daily digest (T17), down to the group chat."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from temporalio.common import SearchAttributePair, TypedSearchAttributes

from activities.chat import Chat
from domain import sayings
from domain.deadlines import DeadlineId
from domain.emergencies import Severity
from gateways.wecom import GroupRobot
from models import workflow_names as names
from models.digests import DigestMade
from models.emergencies import Broadcast, Posted, PostToChat, RecordBroadcast, TellBreaches
from models.temporal_names import ORDERS, SCHEDULED_FOR
from store import alerts, broadcasts, digests
from tests.workflows.shop import ADDRESS, GOOD, OPERATIONS, Shop, order_no
from worker import ensure_schedules
from workflows.review import TELLS


async def in_the_group(shop: Shop) -> list[str]:
    """What stands in the chat."""
    return [one["content"] for one in (await shop.outside.get("/control/wecom/messages")).json()]


async def broadcast(shop: Shop, number: str = "B-1") -> Posted:
    """Send it and wait."""
    told = Broadcast(
        broadcast_id=number, severity=Severity.EMERGENCY, text="上海倉停電", departments=("warehouse",), by=OPERATIONS
    )
    posted: Posted = await shop.skipper.client.execute_workflow(
        names.BROADCAST_WORKFLOW, told, id=f"broadcast-{number}", task_queue=ORDERS, result_type=Posted
    )
    return posted


async def digest(shop: Shop, run: str) -> DigestMade:
    """Run it as its Schedule does."""
    made: DigestMade = await shop.skipper.client.execute_workflow(
        names.DIGEST_WORKFLOW, id=f"daily-digest-{run}", task_queue=ORDERS, result_type=DigestMade
    )
    return made


async def tell_breaches(shop: Shop) -> Posted:
    """Run it as its Schedule does."""
    told: Posted = await shop.skipper.client.execute_workflow(
        names.POST_BREACHES_WORKFLOW, id="post-breaches-test", task_queue=ORDERS, result_type=Posted
    )
    return told


async def test_a_broadcast_reaches_the_desks_the_department_and_the_group_once(shop: Shop) -> None:
    assert (await broadcast(shop)).posted
    assert not (await broadcast(shop)).posted, "the same broadcast again is not posted again"
    [said] = await in_the_group(shop)
    assert "緊急 emergency" in said
    assert "上海倉停電" in said
    row = await shop.one("SELECT * FROM broadcasts")
    assert row is not None
    assert row["posted_at"] is not None
    alert = await shop.one("SELECT department, kind, text FROM alerts")
    assert alert == {"department": "warehouse", "kind": "broadcast", "text": "上海倉停電"}
    acts = await shop.all("SELECT act, actor FROM audit_entries WHERE subject = 'broadcast:B-1' ORDER BY id")
    assert [(row["act"], row["actor"]) for row in acts] == [
        ("broadcast_sent", "operations-1"), ("broadcast_posted", "orderflow"),
    ]  # fmt: skip


async def test_a_chat_that_was_down_gets_the_broadcast_when_it_is_back(shop: Shop) -> None:
    await shop.outside.post("/control/faults", json={"party": "wecom", "kind": "error_once", "count": 1})
    assert (await broadcast(shop)).posted
    assert len(await in_the_group(shop)) == 1


async def test_a_robot_that_refuses_is_told_to_operations_and_is_not_asked_again(shop: Shop) -> None:
    async with shop.pool.connection() as conn:
        chat = Chat(shop.pool, GroupRobot(shop.outside, "/wecom", "a wrong key"), "Asia/Shanghai")
        told = Broadcast(broadcast_id="B-2", severity=Severity.NOTICE, text="x", by=OPERATIONS)
        await broadcasts.record(conn, RecordBroadcast(at=datetime.now(UTC), broadcast=told))
    post = PostToChat(at=datetime.now(UTC), broadcast_id="B-2")
    assert await chat.post_broadcast(post) == Posted(posted=False, code="93000")
    assert await chat.post_broadcast(post) == Posted(posted=False, code="before")
    assert await in_the_group(shop) == []
    alert = await shop.one("SELECT department, kind FROM alerts")
    assert alert == {"department": "operations", "kind": "broadcast_refused"}


async def test_without_a_robot_the_desks_have_it_and_say_so(shop: Shop) -> None:
    chat = Chat(shop.pool, None, "Asia/Shanghai")
    told = Broadcast(broadcast_id="B-3", severity=Severity.NOTICE, text="x", by=OPERATIONS)
    await chat.record_broadcast(RecordBroadcast(at=datetime.now(UTC), broadcast=told))
    posted = await chat.post_broadcast(PostToChat(at=datetime.now(UTC), broadcast_id="B-3"))
    assert posted == Posted(posted=False, code="no_robot")


async def test_a_deadline_that_passes_is_told_to_the_group_once_and_without_the_buyer(shop: Shop) -> None:
    doubtful = replace(GOOD, address=replace(ADDRESS, postcode="99"))
    waiting = [await shop.place(person=doubtful), await shop.place(person=doubtful)]
    for order in waiting:
        await shop.pay(order)
        await shop.reaches(order, "manual_review")
        for deadline in (DeadlineId.T2, DeadlineId.T3):
            await shop.forward_to(order, deadline, timedelta(seconds=1))
            await shop.did(order, TELLS[deadline])
    assert await tell_breaches(shop) == Posted(posted=True)
    assert await tell_breaches(shop) == Posted(posted=False, code="none")
    [said] = await in_the_group(shop)
    assert "2 (T3 2)" in said, "T2 only reminds"
    assert all(order_no(order) in said for order in waiting)
    assert "13800138000" not in said


async def test_breaches_of_a_shop_without_a_robot_do_not_pile_up_for_the_first_one(shop: Shop) -> None:
    async with shop.pool.connection() as conn:
        late = sayings.passed(DeadlineId.T3, "web-1")
        await alerts.raise_alert(conn, late, at=datetime.now(UTC), department="operations", key="k")
    chat = Chat(shop.pool, None, "Asia/Shanghai")
    request = TellBreaches(at=datetime.now(UTC))
    assert (await chat.tell_breaches(request)).code == "no_robot"
    wrong = Chat(shop.pool, GroupRobot(shop.outside, "/wecom", "a wrong key"), "Asia/Shanghai")
    assert (await wrong.tell_breaches(request)).code == "none"
    assert await shop.one("SELECT 1 FROM alerts WHERE kind = 'breaches_refused'") is None


async def test_the_digest_counts_the_day_before_is_kept_and_posted_once(shop: Shop) -> None:
    await shop.place()
    midday = datetime.now(UTC) - timedelta(days=1)
    async with shop.pool.connection() as conn:
        await conn.execute("UPDATE orders SET recorded_at = %s", (midday,))
        await conn.execute(
            "INSERT INTO alerts (at, department, kind, text, key) VALUES (%s, 'operations', 'T3', 'x', 'k1'),"
            " (%s, 'reviewer', 'T2', 'x', 'k2'), (%s, 'operations', 'T3', 'x', 'k3')",
            (midday, midday, midday - timedelta(days=2)),
        )
    first, again = await digest(shop, "1"), await digest(shop, "2")
    assert (first.fresh, again.fresh, first.day) == (True, False, again.day)
    assert len(await in_the_group(shop)) == 1
    kept = await shop.one("SELECT * FROM digests")
    assert kept is not None
    assert kept["posted_at"] is not None
    assert (kept["content"]["by_channel"], kept["content"]["breaches"]) == ({"web": 1}, {"T3": 1})
    acts = await shop.all("SELECT act FROM audit_entries WHERE subject = %s ORDER BY id", f"digest:{first.day}")
    assert [row["act"] for row in acts] == ["digest_made", "digest_posted"]


async def test_a_digest_that_is_caught_up_after_midnight_is_of_the_day_it_was_due_for(shop: Shop) -> None:
    nine = datetime(2026, 6, 2, 1, tzinfo=UTC)
    made = await shop.skipper.client.execute_workflow(
        names.DIGEST_WORKFLOW,
        id="daily-digest-late",
        task_queue=ORDERS,
        result_type=DigestMade,
        search_attributes=TypedSearchAttributes([SearchAttributePair(SCHEDULED_FOR, nine)]),
    )
    assert (made.day, made.fresh) == (date(2026, 6, 1), True)


async def test_an_hour_beside_midnight_counts_to_the_shops_day(shop: Shop) -> None:
    await shop.place()
    zone = ZoneInfo("Asia/Shanghai")
    async with shop.pool.connection() as conn:
        for moment, day in (
            (datetime(2026, 5, 31, 15, 59, 59, tzinfo=UTC), date(2026, 5, 31)),
            (datetime(2026, 5, 31, 16, 0, 0, tzinfo=UTC), date(2026, 6, 1)),
        ):
            await conn.execute("UPDATE orders SET recorded_at = %s", (moment,))
            assert (await digests.count(conn, day, zone)).orders == 1


async def test_the_digest_is_scheduled_at_nine_of_the_shop_and_caught_up_once(shop: Shop) -> None:
    client = shop.skipper.client
    assert "daily-digest" in await ensure_schedules(client, shop.settings)
    described = await client.get_schedule_handle("daily-digest").describe()
    [following, *_] = described.info.next_action_times
    assert following.astimezone(UTC).hour == 1, "nine in Shanghai"
    assert described.schedule.policy.catchup_window == timedelta(hours=23)
    for name in await ensure_schedules(client, shop.settings):
        await client.get_schedule_handle(name).delete()
