"""Telling everybody: broadcasts, breaches and the daily digest, on the desks and in the group chat (R25, T17)."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from temporalio import activity

from activities.refusals import final_refusals
from domain import breaches, sayings
from domain.breaches import Breach
from domain.digest import day_before, markdown
from domain.emergencies import CHINESE, Severity
from gateways.errors import Refused
from gateways.wecom import GroupRobot
from models.digests import DigestContent, DigestMade, MakeDigest, PostDigest
from models.emergencies import Posted, PostToChat, RecordBroadcast, TellBreaches
from store import alerts, broadcasts, digests
from store.pool import Connection, Pool, Row

NO_ROBOT = "no_robot"
"""No group robot is configured: the desks have it, the chat does not."""


class Chat:
    """``robot`` None: the shop has no group chat."""

    def __init__(self, pool: Pool, robot: GroupRobot | None, shop_timezone: str) -> None:
        self._pool = pool
        self._robot = robot
        self._zone = ZoneInfo(shop_timezone)

    @activity.defn
    async def record_broadcast(self, request: RecordBroadcast) -> None:
        """Put it before the desks."""
        async with self._pool.connection() as conn:
            await broadcasts.record(conn, request)

    @activity.defn
    async def post_broadcast(self, request: PostToChat) -> Posted:
        """Post it, once. The robot knows no keys: killed between its answer and our row, it is posted again."""
        async with self._pool.connection() as conn:
            row = await broadcasts.of_id(conn, request.broadcast_id)
        if row is None or row["posted_at"] or row["refused"]:
            return Posted(posted=False, code="before")
        code = await self._post(_broadcast(row))
        async with self._pool.connection() as conn:
            await broadcasts.posted(conn, request.broadcast_id, request.at, code)
        return Posted(posted=code is None, code=code or "")

    @activity.defn
    async def make_digest(self, request: MakeDigest) -> DigestMade:
        """Count the day and keep it, unless it is kept already."""
        day = request.day or day_before(request.due or request.at, self._zone)
        async with self._pool.connection() as conn:
            if await digests.of_day(conn, day) is not None:
                return DigestMade(day=day, fresh=False)
            fresh = await digests.keep(conn, await digests.count(conn, day, self._zone), request.at)
        return DigestMade(day=day, fresh=fresh)

    @activity.defn
    async def post_digest(self, request: PostDigest) -> Posted:
        """Post it, once."""
        async with self._pool.connection() as conn:
            row = await digests.of_day(conn, request.day)
        if row is None or row["posted_at"] or row["refused"]:
            return Posted(posted=False, code="before")
        code = await self._post(markdown(DigestContent.model_validate(row["content"]).day(request.day)))
        async with self._pool.connection() as conn:
            await digests.posted(conn, request.day, request.at, code)
        return Posted(posted=code is None, code=code or "")

    @activity.defn
    async def tell_breaches(self, request: TellBreaches) -> Posted:
        """Tell the group in one message of all deadlines that passed since the last one, each once."""
        async with self._pool.connection() as conn:
            found = await alerts.breaches_to_tell(conn)
        if not found:
            return Posted(posted=False, code="none")
        code = await self._post(breaches.markdown([_breach(row) for row in found]))
        async with self._pool.connection() as conn:
            await alerts.told(conn, [row["id"] for row in found], code or "posted")
            if code is not None and code != NO_ROBOT:
                await _tell_operations(conn, request.at, code)
        return Posted(posted=code is None, code=code or "")

    async def _post(self, text: str) -> str | None:
        """None when the group has it, else why it never will; raises Unavailable while asking again can help.

        No row is locked meanwhile: a slow robot must keep nobody from ending a broadcast. One workflow at a
        time posts each message, so nobody else posts it either.
        """
        if self._robot is None:
            return NO_ROBOT
        with final_refusals():
            try:
                await self._robot.post(text)
            except Refused as refused:
                return refused.code
        return None


def _breach(row: Row) -> Breach:
    return Breach(row["kind"], row["department"], row["text"])


async def _tell_operations(conn: Connection, at: datetime, code: str) -> None:
    told, key = sayings.breaches_refused(code), f"breaches:{code}:{at:%Y-%m-%d}"
    await alerts.raise_alert(conn, told, at=at, department="operations", key=key)


def _broadcast(row: Row) -> str:
    severity = Severity(row["severity"])
    told = ", ".join(row["departments"]) or "所有部門 all departments"
    return f"**【{CHINESE[severity]} {severity}】**\n{row['text']}\n>{told}"
