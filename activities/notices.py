"""Delivering status notices to one channel: in order for each order, many orders at once (R20, T13)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import psycopg
from psycopg.rows import dict_row
from temporalio import activity

from domain import sayings
from gateways.channel_notices import ChannelNotices, Notice, NoticeParcel
from gateways.errors import GatewayError, Unavailable
from models.base import clock_actor
from models.notices import BreachNotices, BreachReport, DeliverNotices, DeliveryReport
from store import alerts, audit, notices, steps
from store.pool import Connection, Pool

# An order takes several steps at once; the channel is told of the last of them only.
_GATHER = timedelta(seconds=0.3)
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=10), timedelta(minutes=10)
_LISTEN_FOR = timedelta(seconds=5)
_HEARTBEAT = timedelta(seconds=5)


def utc_now() -> datetime:
    """The clock on the wall: attempts happen in the world, not in a workflow's time."""
    return datetime.now(UTC)


class Notices:
    """``listen_url`` is the database's address: listening takes a connection of its own."""

    def __init__(
        self,
        pool: Pool,
        channels: ChannelNotices,
        listen_url: str,
        *,
        at_once: int = 8,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._pool = pool
        self._channels = channels
        self._listen_url = listen_url
        self._at_once = at_once
        self._now = now

    @activity.defn
    async def deliver_notices(self, request: DeliverNotices) -> DeliveryReport:
        """Deliver what is pending, and what comes while it runs; return when there is something to say.

        That is: the first failure, or, if the workflow knows of one, that all is delivered
        again; at the latest after ``max_seconds``.
        """
        until = self._now() + timedelta(seconds=request.max_seconds)
        async with _heartbeats(), self._listening(request.channel) as ear:
            while self._now() < until:
                failed = await self._deliver_due(request.channel)
                behind_since, next_attempt = await self._standing(request.channel)
                waits = next_attempt is not None and next_attempt > self._now()
                if behind_since is None if request.behind else failed or waits:
                    return DeliveryReport(behind_since=behind_since)
                if behind_since is None or waits:
                    await self._rest(ear, request.channel, min(until, next_attempt or until))
        behind_since, _ = await self._standing(request.channel)
        return DeliveryReport(behind_since=behind_since)

    @activity.defn
    async def breach_notices(self, request: BreachNotices) -> BreachReport:
        """T13 passed: mark what is late, put it on each order's record, alert once (R20).

        What was delivered meanwhile is no breach. Says since when else the channel is behind.
        """
        async with self._pool.connection() as conn:
            late = await notices.breach(conn, request.channel, request.changed_until, request.at)
            for order_no in late:
                await audit.append(conn, _breach_entry(request, order_no))
            if late:
                await _alert(conn, request, len(late))
            behind_since = await notices.unbreached(conn, request.channel)
            return BreachReport(breached=len(late), behind_since=behind_since)

    async def _deliver_due(self, channel: str) -> int:
        """Deliver a round of what is due, several orders at a time; returns how many failed."""
        async with self._pool.connection() as conn:
            due = await notices.pending(conn, channel, self._now(), 10 * self._at_once)
        gate = asyncio.Semaphore(self._at_once)

        async def one(notice: notices.Pending) -> bool:
            async with gate:
                return await self._deliver(channel, notice)

        async with asyncio.TaskGroup() as group:
            attempts = [group.create_task(one(notice)) for notice in due]
        return sum(not attempt.result() for attempt in attempts)

    async def _deliver(self, channel: str, notice: notices.Pending) -> bool:
        try:
            await self._channels.deliver(channel, _as_told(notice), key=notice_key(notice))
        except GatewayError as error:
            # A refusal is tried again as well: late is a breach, never a reason to stop (R20).
            wait = error.retry_after if isinstance(error, Unavailable) and error.retry_after else None
            next_attempt = self._now() + (wait or backoff(notice.attempts))
            async with self._pool.connection() as conn:
                await notices.failed(conn, notice, f"{type(error).__name__}:{error.code}", next_attempt)
            return False
        async with self._pool.connection() as conn:
            await notices.delivered(conn, notice, self._now())
        return True

    async def _standing(self, channel: str) -> tuple[datetime | None, datetime | None]:
        async with self._pool.connection() as conn:
            return await notices.standing(conn, channel)

    async def _rest(self, ear: Connection, channel: str, until: datetime) -> None:
        """Wait for the database to say that the channel has something new, but not past ``until``."""
        patience = min(until - self._now(), _LISTEN_FOR).total_seconds()
        async for heard in ear.notifies(timeout=max(patience, 0.05)):
            if heard.payload == channel:
                await asyncio.sleep(_GATHER.total_seconds())
                return

    @asynccontextmanager
    async def _listening(self, channel: str) -> AsyncIterator[Connection]:
        """A connection that hears of new notices and holds the channel's lock.

        One deliverer for a channel: if a worker was thought dead and was not, two would
        send side by side, and an older status could overtake a newer one (R20).
        """
        ear = await psycopg.AsyncConnection.connect(self._listen_url, autocommit=True, row_factory=dict_row)
        async with ear:
            await ear.execute("SELECT pg_advisory_lock(hashtext('notices'), hashtext(%s))", (channel,))
            await ear.execute(f"LISTEN {notices.LISTEN}")
            yield ear


@asynccontextmanager
async def _heartbeats() -> AsyncIterator[None]:
    """Beat beside the work: a channel may take as long to answer as the heartbeat timeout is (15 s)."""

    async def beat() -> None:
        while True:
            activity.heartbeat()
            await asyncio.sleep(_HEARTBEAT.total_seconds())

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()


def backoff(attempts: int) -> timedelta:
    """How long to wait after so many failed attempts: 10 s, doubled each time, at most 10 min."""
    return min(_FIRST_WAIT * (1 << min(attempts, 10)), _LONGEST_WAIT)


def notice_key(notice: notices.Pending) -> str:
    """The same notice again is the same to the channel."""
    return f"{notice.order_no}:notice:{notice.sequence}"


def _as_told(notice: notices.Pending) -> Notice:
    body = notice.body
    return Notice(
        order_no=notice.order_no,
        channel_order_id=body["channel_order_id"],
        sequence=notice.sequence,
        status=body["status"],
        status_zh=body["status_zh"],
        payment_status=body["payment_status"],
        changed_at=body["changed_at"],
        parcels=tuple(
            NoticeParcel(one["parcel_no"], one["carrier"] or "", one["tracking_no"] or "", one["state"])
            for one in body["parcels"]
        ),
        returns=tuple(body.get("returns", ())),
        replacements=tuple(body.get("replacements", ())),
    )


def _breach_entry(request: BreachNotices, order_no: str) -> audit.Entry:
    return audit.Entry(
        subject=steps.subject_of(order_no),
        order_no=order_no,
        at=request.at,
        by=clock_actor("T13"),
        act="notice_late",
        why=f"{request.channel} was not told of a change in time",
        details={"told": ["operations"]},
    )


async def _alert(conn: Connection, request: BreachNotices, orders: int) -> None:
    await alerts.raise_alert(
        conn,
        sayings.channel_behind(request.channel, orders),
        at=request.at,
        department="operations",
        key=f"T13:{request.channel}:{request.changed_until.isoformat()}",
    )
