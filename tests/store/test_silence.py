"""A sender that stops is told of once, and again only when it has spoken in between (accident 7)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from store import receiving, silence
from store.pool import Connection
from tests.fixtures.orders import value

SHANGHAI = ZoneInfo("Asia/Shanghai")
START = datetime(2030, 1, 7, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def receive(conn: Connection, source: str, *times: datetime) -> None:
    """Messages as the inbox keeps them; what is in them does not matter here."""
    rows = [(receiving.new_message_id(at), source, f"{source}:{at.isoformat()}", at) for at in times]
    async with conn.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO inbox (message_id, source, topic, dedupe_key, sealed, state, received_at)"
            " VALUES (%s, %s, 'orders/create', %s, '', 'forwarded', %s)",
            rows,
        )


async def three_weeks(conn: Connection, source: str, every: timedelta = timedelta(minutes=10)) -> datetime:
    """A steady sender; returns when its last message came."""
    times = [START + every * n for n in range(timedelta(weeks=3) // every)]
    await receive(conn, source, *times)
    return times[-1]


async def told(conn: Connection) -> list[str]:
    cursor = await conn.execute("SELECT text FROM alerts WHERE kind = 'silent_sender' ORDER BY id")
    return [row["text"] for row in await cursor.fetchall()]


async def test_a_silence_is_told_once(conn: Connection) -> None:
    last = await three_weeks(conn, "shopify")
    await three_weeks(conn, "web", timedelta(hours=12))
    assert await silence.listen(conn, last + HOUR, SHANGHAI) == []
    for hours in (2, 3, 40):
        assert await silence.listen(conn, last + hours * HOUR, SHANGHAI) == ["shopify"]
    (text,) = await told(conn)
    assert text.startswith("shopify is silent since 2030-01-27 23:50 UTC; about 1")


async def test_a_sender_that_spoke_again_can_fall_silent_again(conn: Connection) -> None:
    last = await three_weeks(conn, "shopify")
    await silence.listen(conn, last + 3 * HOUR, SHANGHAI)
    await receive(conn, "shopify", last + 4 * HOUR)
    assert await silence.listen(conn, last + 5 * HOUR, SHANGHAI) == []
    assert await silence.listen(conn, last + 8 * HOUR, SHANGHAI) == ["shopify"]
    assert len(await told(conn)) == 2


async def test_the_habit_outlives_the_messages(conn: Connection) -> None:
    last = await three_weeks(conn, "shopify")
    await silence.listen(conn, last, SHANGHAI)
    await conn.execute("DELETE FROM inbox")
    assert await silence.listen(conn, last + 3 * HOUR, SHANGHAI) == ["shopify"]


async def test_counting_again_counts_nothing_twice(conn: Connection) -> None:
    last = await three_weeks(conn, "shopify")
    for _ in range(3):
        await silence.roll_up(conn, last)
    assert await value(conn, "SELECT sum(messages) FROM inbox_hours") == timedelta(weeks=3) // timedelta(minutes=10)


async def test_a_message_that_was_counted_late_is_counted(conn: Connection) -> None:
    last = await three_weeks(conn, "shopify")
    await silence.roll_up(conn, last)
    await receive(conn, "shopify", last - HOUR + timedelta(seconds=1))
    await silence.roll_up(conn, last)
    assert await value(conn, "SELECT sum(messages) FROM inbox_hours") == 3 * 7 * 24 * 6 + 1


async def test_hours_that_no_habit_needs_are_forgotten(conn: Connection) -> None:
    last = await three_weeks(conn, "shopify")
    await silence.roll_up(conn, last)
    await silence.roll_up(conn, last + timedelta(weeks=9))
    assert await value(conn, "SELECT count(*) FROM inbox_hours") == 0
