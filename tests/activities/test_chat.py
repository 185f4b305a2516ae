"""The group chat may be slow: nobody waits for it meanwhile (R25, T17)."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import httpx
import pytest

from activities.chat import Chat
from domain import sayings
from domain.deadlines import DeadlineId
from domain.emergencies import Severity
from gateways.wecom import GroupRobot
from models.base import Actor
from models.digests import PostDigest
from models.emergencies import Broadcast, Posted, PostToChat, RecordBroadcast, TellBreaches
from store import alerts, broadcasts, digests
from store.pool import Pool
from tests.fixtures.orders import NOON

DAY, SHANGHAI = date(2026, 6, 1), ZoneInfo("Asia/Shanghai")
BY = Actor(id="operations-1", role="operations")


async def something_of_each_kind(pool: Pool) -> None:
    told = Broadcast(broadcast_id="B-1", severity=Severity.EMERGENCY, text="停電", departments=("warehouse",), by=BY)
    async with pool.connection() as conn:
        await broadcasts.record(conn, RecordBroadcast(broadcast=told, at=NOON))
        await digests.keep(conn, await digests.count(conn, DAY, SHANGHAI), NOON)
        late = sayings.passed(DeadlineId.T6, "web-1")
        await alerts.raise_alert(conn, late, at=NOON, department="warehouse", key="T6:web-1")


async def post(chat: Chat, kind: str) -> Posted:
    match kind:
        case "broadcasts":
            return await chat.post_broadcast(PostToChat(broadcast_id="B-1", at=NOON))
        case "digests":
            return await chat.post_digest(PostDigest(day=DAY, at=NOON))
        case _:
            return await chat.tell_breaches(TellBreaches(at=NOON))


@pytest.mark.parametrize("table", ["broadcasts", "digests", "alerts"])
async def test_while_the_robot_answers_no_row_is_locked_and_each_message_is_posted_once(pool: Pool, table: str) -> None:
    free: list[int] = []

    async def robot(_: httpx.Request) -> httpx.Response:
        async with pool.connection() as conn:
            cursor = await conn.execute(f"SELECT FROM {table} FOR UPDATE NOWAIT".encode())
            free.append(cursor.rowcount)
        return httpx.Response(200, json={"errcode": 0, "errmsg": "ok"})

    await something_of_each_kind(pool)
    async with httpx.AsyncClient(transport=httpx.MockTransport(robot)) as http:
        chat = Chat(pool, GroupRobot(http, "https://robot.example", "key"), "Asia/Shanghai")
        assert (await post(chat, table)).posted
        assert not (await post(chat, table)).posted
    assert len(free) == 1
    assert free[0] >= 1
