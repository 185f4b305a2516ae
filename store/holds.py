"""Emergencies as rows: which orders they are about, and what became of each of them (R25)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from domain.holds import HoldScope
from domain.order_status import BEFORE_HAND_OVER
from models.emergencies import HoldOpening, HoldTurn, OpenHold, StandingHold
from store import audit, steps
from store.pool import Connection, Row
from store.scopes import HOLD_WITHIN, Within

_OPEN_STATUSES = sorted(BEFORE_HAND_OVER)
_PART = "hold"


def subject_of(hold_id: str) -> str:
    """The subject under which an emergency's acts are recorded."""
    return f"{_PART}:{hold_id}"


async def open_hold(conn: Connection, request: HoldOpening) -> None:
    """Put the emergency on record, once; from here on new orders fall under it."""
    opening, at = request.opening, request.at
    cursor = await conn.execute(
        """INSERT INTO bulk_holds (hold_id, scope, names, reason, clocks, state, opened_by, opened_at)
           VALUES (%s, %s, %s, %s, %s, 'holding', %s, %s) ON CONFLICT (hold_id) DO NOTHING""",
        (opening.hold_id, opening.scope, list(opening.names), opening.reason, opening.clocks, opening.by.id, at),
    )
    if cursor.rowcount == 1:
        details = {"scope": opening.scope, "names": ", ".join(opening.names)[:500], "clocks": opening.clocks}
        subject = subject_of(opening.hold_id)
        await audit.append(
            conn, audit.Entry(subject, at, opening.by, "hold_opened", why=opening.reason, details=details)
        )


async def turn(conn: Connection, request: HoldTurn) -> None:
    """Move the emergency on; what changes for people goes on record, once."""
    subject, release = subject_of(request.hold_id), request.release
    act = {"releasing": "hold_release_asked", "released": "hold_released"}.get(request.state)
    async with conn.transaction():
        chain = await audit.lock(conn, subject)
        key = f"{subject}#{request.state}"
        if await steps.outcome(conn, key) is not None:
            return
        await conn.execute(_TURN, _turned(request))
        await audit.tell_of(conn, _PART)
        if act is not None and release is not None:
            entry = audit.Entry(subject, request.at, release.by, act, step_key=key, why=release.reason, outcome={})
            await audit.append(conn, entry, chain)


def _turned(request: HoldTurn) -> dict[str, object]:
    release = request.release
    return {
        "hold_id": request.hold_id,
        "state": request.state,
        "by": release.by.id if release else None,
        "reason": release.reason if release else None,
        "at": request.at if request.state == "released" else None,
    }


async def to_hold(conn: Connection, opening: OpenHold, after: str, limit: int) -> list[str]:
    """The next orders that fall under the emergency and have not answered yet, in order of their numbers."""
    query = _NAMED if opening.scope is HoldScope.ORDERS else _OF_SCOPE[opening.scope]
    cursor = await conn.execute(
        query,
        {"hold_id": opening.hold_id, "names": list(opening.names), "after": after, "limit": limit,
         "statuses": _OPEN_STATUSES},
    )  # fmt: skip
    return [row["order_no"] for row in await cursor.fetchall()]


async def reach(conn: Connection, scope: HoldScope, names: Sequence[str], up_to: int) -> int:
    """How many orders of a warehouse or a channel would be held now; never looks at more than ``up_to``."""
    query = b"SELECT count(*) AS number FROM (" + _OF_SCOPE[scope] + b") found"
    values = {"hold_id": "", "names": list(names), "after": "", "limit": up_to, "statuses": _OPEN_STATUSES}
    cursor = await conn.execute(query, values)
    row = await cursor.fetchone()
    assert row is not None, "an aggregate has a row"
    return int(row["number"])


async def to_release(conn: Connection, hold_id: str, after: str, limit: int) -> list[str]:
    """The next orders that the emergency holds, or may hold: one that did not answer may have done it."""
    cursor = await conn.execute(
        """SELECT order_no FROM bulk_hold_orders WHERE hold_id = %s AND order_no > %s
           AND state IN ('held', 'unanswered') ORDER BY order_no LIMIT %s""",
        (hold_id, after, limit),
    )
    return [row["order_no"] for row in await cursor.fetchall()]


async def answered(conn: Connection, hold_id: str, results: Sequence[tuple[str, str, str]], at: datetime) -> None:
    """Keep (order number, state, detail) of each order that was asked."""
    numbers, states, details = zip(*results, strict=True) if results else ((), (), ())
    await conn.execute(
        """INSERT INTO bulk_hold_orders (hold_id, order_no, state, detail, at)
           SELECT %s, r.order_no, r.state, r.detail, %s
           FROM unnest(%s::text[], %s::text[], %s::text[]) AS r (order_no, state, detail)
           ON CONFLICT (hold_id, order_no) DO UPDATE SET state = excluded.state, detail = excluded.detail,
               at = excluded.at""",
        (hold_id, at, list(numbers), list(states), list(details)),
    )
    await audit.tell_of(conn, _PART)


async def fall_under(conn: Connection, order_no: str, at: datetime) -> tuple[StandingHold, ...]:
    """The emergencies that this order has come under now and had not before (R25).

    In the transaction that records the order or sets its goods aside, so that none slips through.
    """
    cursor = await conn.execute(_FALL_UNDER, {"order_no": order_no, "at": at})
    return tuple(StandingHold(**row) for row in await cursor.fetchall())


async def view(conn: Connection, hold_id: str) -> Row | None:
    """One emergency with how far it has come."""
    cursor = await conn.execute(f"{_VIEW} WHERE h.hold_id = %s".encode(), (hold_id,))
    return await cursor.fetchone()


async def page(
    conn: Connection, *, before: tuple[datetime, str] | None, limit: int, within: Within | None = None
) -> list[Row]:
    """Emergencies that lie within, the newest first, before the key (opened_at, hold_id)."""
    at, hold_id = before or (None, None)
    own = f"AND {HOLD_WITHIN}" if within is not None else ""
    cursor = await conn.execute(
        f"""{_VIEW} WHERE (%(at)s::timestamptz IS NULL OR (h.opened_at, h.hold_id) < (%(at)s, %(hold_id)s)) {own}
            ORDER BY h.opened_at DESC, h.hold_id DESC LIMIT %(limit)s""".encode(),
        {"at": at, "hold_id": hold_id, "limit": limit} | (vars(within) if within is not None else {}),
    )
    return await cursor.fetchall()


async def results(conn: Connection, hold_id: str, *, after: str, limit: int) -> list[Row]:
    """What became of each order, in order of their numbers, after ``after``."""
    cursor = await conn.execute(
        """SELECT order_no, state, detail, at FROM bulk_hold_orders WHERE hold_id = %s AND order_no > %s
           ORDER BY order_no LIMIT %s""",
        (hold_id, after, limit),
    )
    return await cursor.fetchall()


_TURN = """
UPDATE bulk_holds SET state = %(state)s, released_by = coalesce(%(by)s, released_by),
    release_reason = coalesce(%(reason)s, release_reason), released_at = coalesce(%(at)s, released_at)
WHERE hold_id = %(hold_id)s AND state <> 'released'
"""
_UNASKED = """NOT EXISTS (SELECT FROM bulk_hold_orders r
    WHERE r.hold_id = %(hold_id)s AND r.order_no = o.order_no AND r.state <> 'unanswered')"""
_AFTER = f"o.order_no > %(after)s AND {_UNASKED} ORDER BY o.order_no LIMIT %(limit)s"
_OF_SCOPE = {
    HoldScope.CHANNEL: f"""SELECT o.order_no FROM orders o
        WHERE o.channel = ANY(%(names)s::text[]) AND o.status = ANY(%(statuses)s::text[]) AND {_AFTER}""".encode(),
    HoldScope.WAREHOUSE: f"""SELECT o.order_no FROM orders o
        WHERE o.status = ANY(%(statuses)s::text[]) AND EXISTS (SELECT FROM reservations v
            WHERE v.order_no = o.order_no AND v.warehouse = ANY(%(names)s::text[]) AND v.state = 'held')
        AND {_AFTER}""".encode(),
}
_NAMED = f"SELECT o.order_no FROM unnest(%(names)s::text[]) AS o (order_no) WHERE {_AFTER}".encode()
_FALL_UNDER = """
WITH standing AS (
    SELECT h.* FROM bulk_holds h JOIN orders o ON o.order_no = %(order_no)s
    WHERE h.state IN ('holding', 'standing') AND (
        (h.scope = 'channel' AND o.channel = ANY(h.names))
        OR (h.scope = 'warehouse' AND EXISTS (SELECT FROM reservations v
            WHERE v.order_no = o.order_no AND v.warehouse = ANY(h.names) AND v.state = 'held')))
), held AS (
    INSERT INTO bulk_hold_orders (hold_id, order_no, state, detail, at)
    SELECT hold_id, %(order_no)s, 'held', 'came in meanwhile', %(at)s FROM standing
    ON CONFLICT (hold_id, order_no) DO NOTHING RETURNING hold_id
)
SELECT hold_id, reason, clocks FROM standing JOIN held USING (hold_id) ORDER BY hold_id
"""
_VIEW = """
SELECT h.*, n.* FROM bulk_holds h CROSS JOIN LATERAL (
    SELECT count(*) AS asked, count(*) FILTER (WHERE r.state = 'held') AS held,
        count(*) FILTER (WHERE r.state = 'refused') AS refused,
        count(*) FILTER (WHERE r.state = 'unanswered') AS unanswered,
        count(*) FILTER (WHERE r.state = 'released') AS let_go,
        count(*) FILTER (WHERE r.state = 'release_refused') AS release_refused
    FROM bulk_hold_orders r WHERE r.hold_id = h.hold_id) n
"""
