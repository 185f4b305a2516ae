"""Daily digests: counted from the rows, kept one for each day, posted once (T17)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from psycopg.types.json import Jsonb

from domain.deadlines import NO_BREACH
from domain.digest import AFTER_SALE_KINDS, Day, span
from models.base import SYSTEM, Actor, clock_actor
from models.digests import DigestContent
from store import audit
from store.pool import Connection, Row


async def count(conn: Connection, day: date, zone: ZoneInfo) -> Day:
    """The figures of a day of the shop's calendar. Instants are workflow time, as the rows bear them."""
    since, until = span(day, zone)
    times: dict[str, object] = {"since": since, "until": until}
    after_sale = await _counts(conn, _AFTER_SALE, {**times, "kinds": list(AFTER_SALE_KINDS)})
    return Day(
        day=day,
        by_channel=await _counts(conn, _ORDERS, times),
        abnormal=await _counts(conn, _ABNORMAL, times),
        after_sale=after_sale.get("orders", 0),
        signed=(await _counts(conn, _SIGNED, times)).get("orders", 0),
        breaches=await _counts(conn, _BREACHES, {**times, "no_breach": [one.value for one in NO_BREACH]}),
    )


async def keep(conn: Connection, told: Day, at: datetime) -> bool:
    """Keep the day's digest; False if it was kept before: then that one stands."""
    content = DigestContent.of(told)
    cursor = await conn.execute(
        "INSERT INTO digests (day, content, made_at) VALUES (%s, %s, %s) ON CONFLICT (day) DO NOTHING",
        (told.day, Jsonb(content.model_dump(mode="json")), at),
    )
    if cursor.rowcount == 1:
        await _record(conn, told.day, "digest_made", at, clock_actor("T17"))
    return cursor.rowcount == 1


async def of_day(conn: Connection, day: date) -> Row | None:
    """The digest kept for that day."""
    cursor = await conn.execute("SELECT * FROM digests WHERE day = %s", (day,))
    return await cursor.fetchone()


async def page(conn: Connection, *, before: date | None, limit: int) -> Sequence[Row]:
    """Digests, the newest first, before the day ``before``."""
    cursor = await conn.execute(
        "SELECT * FROM digests WHERE %(before)s::date IS NULL OR day < %(before)s ORDER BY day DESC LIMIT %(limit)s",
        {"before": before, "limit": limit},
    )
    return await cursor.fetchall()


async def posted(conn: Connection, day: date, at: datetime, refused: str | None) -> None:
    """The group has it, or its robot refused with this code."""
    await conn.execute(
        "UPDATE digests SET posted_at = %s, refused = %s WHERE day = %s", (None if refused else at, refused, day)
    )
    await _record(conn, day, "digest_refused" if refused else "digest_posted", at, SYSTEM, why=refused or "")


async def _record(conn: Connection, day: date, act: str, at: datetime, by: Actor, why: str = "") -> None:
    await audit.append(conn, audit.Entry(f"digest:{day}", at, by, act, why=why))


async def _counts(conn: Connection, query: str, values: dict[str, object]) -> dict[str, int]:
    cursor = await conn.execute(query.encode(), values)
    return {row["name"]: row["number"] for row in await cursor.fetchall()}


_ORDERS = """
SELECT channel AS name, count(*)::int AS number FROM orders
WHERE recorded_at >= %(since)s AND recorded_at < %(until)s GROUP BY channel ORDER BY channel
"""
# What went wrong by kind: cases, and orders that the review ended.
_ABNORMAL = """
SELECT kind AS name, count(*)::int AS number FROM cases
WHERE opened_at >= %(since)s AND opened_at < %(until)s GROUP BY kind
UNION ALL
SELECT status, count(*)::int FROM orders
WHERE status IN ('intercepted', 'rejected') AND updated_at >= %(since)s AND updated_at < %(until)s GROUP BY status
"""
_AFTER_SALE = """
SELECT 'orders' AS name, count(DISTINCT order_no)::int AS number FROM cases
WHERE kind = ANY(%(kinds)s::text[]) AND opened_at >= %(since)s AND opened_at < %(until)s
"""
_SIGNED = """
SELECT 'orders' AS name, count(DISTINCT order_no)::int AS number FROM parcels
WHERE signed_at >= %(since)s AND signed_at < %(until)s
"""
_BREACHES = """
SELECT kind AS name, count(*)::int AS number FROM alerts
WHERE kind ~ '^T[0-9]+P?$' AND kind <> ALL(%(no_breach)s::text[]) AND at >= %(since)s AND at < %(until)s
GROUP BY kind
"""
