"""Refunds on record: asked, approved by a second person, ordered, done (R16, accident 6).

The row says how far it has come and who decided; the money is in the ledger (store.payments).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from psycopg.errors import CheckViolation
from psycopg.types.json import Jsonb

from domain.errors import MoreThanLeft
from domain.refund_amounts import needs_second_person
from models.base import SYSTEM, Actor
from models.news import PaymentNews
from models.payments import CameBack, RefundPayment, Sums
from models.refunds import AskRefund, MoveRefund, RefundAsked, RefundState
from store import alerts, payments
from store.pool import Connection, Row

DEPARTMENT = "finance"


def ledger_key(refund_id: str, attempt: int = 1) -> str:
    """Under which key the ledger and the provider know this attempt."""
    return f"{refund_id}:{attempt}"


async def ask(conn: Connection, request: AskRefund, limits: Mapping[str, int]) -> RefundAsked:
    """Keep the refund; order it in the ledger unless a second person has to approve it.

    ``limits`` are minor units by currency; of a currency without one every refund waits.
    The same refund again changes nothing. Raises MoreThanLeft, and then nothing was kept.
    """
    await payments.lock(conn, request.step.order_no)
    if (known := await _row(conn, request.refund_id)) is not None:
        return RefundAsked(waits=known["state"] == RefundState.WAITING)
    money = await _money(conn, request.step.order_no)
    if request.amount > money["free"]:
        raise MoreThanLeft(f"only {max(money['free'], 0)} {money['currency']} minor units are left to give back")
    await _take_pieces(conn, request.step.order_no, dict(request.lines))
    waits = request.step.by != SYSTEM and needs_second_person(
        request.amount, money["alone"], limits.get(money["currency"], 0)
    )
    await _keep(conn, request, money["currency"], waits=waits)
    if not waits:
        key = ledger_key(request.refund_id)
        await payments.order_exactly(conn, request.step.order_no, key, request.amount, request.step.at)
    return RefundAsked(waits=waits)


async def move(conn: Connection, request: MoveRefund) -> Sums:
    """Take a refund on: order it, let it go, or book that it was done by another road."""
    step = request.step
    await payments.lock(conn, step.order_no)
    await conn.execute(
        _MOVE,
        {
            "refund_id": request.refund_id,
            "state": request.to,
            "problem": request.problem,
            "by": step.by.id if step.act in _DECIDING else None,
            "at": step.at,
        },
    )
    if request.to is RefundState.ORDERED:
        await payments.order_exactly(conn, step.order_no, request.key, request.amount, step.at)
    elif request.to is RefundState.DECLINED:
        await _give_pieces_back(conn, request.refund_id)
    elif request.to is RefundState.DONE and request.reference:
        road = payments.OtherRoad(request.refund_id, request.amount, request.reference)
        await payments.compensate(conn, step.order_no, road, step.at)
    return await payments.sums(conn, step.order_no)


async def paying(conn: Connection, request: RefundPayment) -> None:
    """The provider is about to be asked: a refund that nobody had to ask for gets its row now."""
    await conn.execute(
        "INSERT INTO refunds (refund_id, order_no, state, amount, currency, lines, shipping, reason, cause, asked_by,"
        " asked_role, asked_at, updated_at)"
        " SELECT %(refund_id)s, order_no, 'ordered', %(amount)s, currency, '[]', false, %(why)s, '', %(by)s, %(role)s,"
        " %(at)s, %(at)s FROM payments WHERE order_no = %(order_no)s ON CONFLICT (refund_id) DO NOTHING",
        request.model_dump() | {"by": request.by.id, "role": request.by.role},
    )


async def came_back(conn: Connection, order_no: str, news: PaymentNews) -> CameBack | None:
    """Its money is here again: it is a problem now, under the id it was asked under, or one of its own.

    A refund that was made at the provider's own desk was never asked for here. None for one that failed
    before it counted as given back: whoever asked for it knows.
    """
    given = await conn.execute(_WAS_GIVEN, {"provider": news.provider, "reference": news.refund_reference})
    if await given.fetchone() is None:
        return None
    cursor = await conn.execute(_ASKED_AS, {"order_no": order_no, "reference": news.refund_reference})
    known = await cursor.fetchone()
    refund_id = known["refund_id"] if known else f"{order_no}-back-{news.refund_reference or news.event_id}"
    facts = {"refund_id": refund_id, "order_no": order_no, "amount": news.amount, "currency": news.currency}
    by = {"by": SYSTEM.id, "role": SYSTEM.role, "at": news.at, "problem": f"came back: {news.why}"}
    await conn.execute(_IS_BACK, facts | by)
    return CameBack(refund_id=refund_id, next_attempt=known["attempts"] + 1 if known else 1)


async def paid(conn: Connection, refund_id: str, at: datetime) -> None:
    """All of it has gone back; money that has come back meanwhile stays a problem."""
    await conn.execute(
        "UPDATE refunds SET state = 'done', updated_at = %s WHERE refund_id = %s AND state = 'ordered'", (at, refund_id)
    )


async def _row(conn: Connection, refund_id: str) -> Row | None:
    cursor = await conn.execute("SELECT * FROM refunds WHERE refund_id = %s", (refund_id,))
    return await cursor.fetchone()


async def _money(conn: Connection, order_no: str) -> Row:
    cursor = await conn.execute(_MONEY, {"order_no": order_no, "system": SYSTEM.role})
    row = await cursor.fetchone()
    assert row is not None, "the ledger's row was locked just before"
    return row


async def _keep(conn: Connection, request: AskRefund, currency: str, *, waits: bool) -> None:
    step = request.step
    by: Actor = step.by
    state = RefundState.WAITING if waits else RefundState.ORDERED
    await conn.execute(
        "INSERT INTO refunds (refund_id, order_no, state, amount, currency, lines, shipping, reason, cause, asked_by,"
        " asked_role, asked_at, updated_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            request.refund_id, step.order_no, state, request.amount, currency, Jsonb(request.lines),
            request.shipping, step.why, request.cause, by.id, by.role, step.at, step.at,
        ),
    )  # fmt: skip
    if waits:
        await alerts.raise_alert(
            conn,
            at=step.at,
            department=DEPARTMENT,
            kind="refund_waits",
            order_no=step.order_no,
            text=f"{request.refund_id}: {request.amount} {currency} minor units wait for a second person",
            key=f"{request.refund_id}:waits",
        )


async def _take_pieces(conn: Connection, order_no: str, pieces: Mapping[int, int]) -> None:
    try:
        for line_no, quantity in sorted(pieces.items()):
            await conn.execute(_PIECES, {"order_no": order_no, "line_no": line_no, "quantity": quantity})
    except CheckViolation:
        raise MoreThanLeft(f"not so many pieces of {order_no} are left to refund") from None


async def _give_pieces_back(conn: Connection, refund_id: str) -> None:
    row = await _row(conn, refund_id)
    for line_no, quantity in row["lines"] if row else ():
        parameters = {"order_no": row["order_no"] if row else "", "line_no": line_no, "quantity": -quantity}
        await conn.execute(_PIECES, parameters)


# A ledger key is the refund's id, the attempt and the part: "web-1-R0a1b2c3d4:1#1".
_ASKED_AS = """
SELECT r.refund_id, (
    SELECT count(DISTINCT regexp_replace(o.key, '#[0-9]+$', '')) FROM payment_entries o
    WHERE o.order_no = r.order_no AND o.kind = 'refund_ordered' AND starts_with(o.key, r.refund_id || ':')
)::int AS attempts
FROM payment_entries e JOIN refunds r ON r.order_no = e.order_no AND starts_with(e.key, r.refund_id || ':')
WHERE e.order_no = %(order_no)s AND e.kind = 'refund_ordered' AND e.refund_reference = %(reference)s
LIMIT 1
"""

_WAS_GIVEN = """
SELECT 1 FROM payment_entries
WHERE kind = 'refunded' AND provider = %(provider)s AND refund_reference = %(reference)s
"""

_IS_BACK = """
INSERT INTO refunds (refund_id, order_no, state, amount, currency, lines, shipping, reason, cause, asked_by, asked_role,
    asked_at, updated_at, problem)
VALUES (%(refund_id)s, %(order_no)s, 'problem', %(amount)s, %(currency)s, '[]', false, 'refund_came_back', '', %(by)s,
    %(role)s, %(at)s, %(at)s, %(problem)s)
ON CONFLICT (refund_id) DO UPDATE SET state = 'problem', problem = excluded.problem, updated_at = excluded.updated_at
"""

_DECIDING = frozenset({"refund_approved", "refund_declined"})

_PIECES = """
UPDATE order_lines SET refunded_quantity = refunded_quantity + %(quantity)s
WHERE order_no = %(order_no)s AND line_no = %(line_no)s
"""

# What one person alone has let go of this order counts against the limit of four eyes.
_MONEY = """
SELECT p.currency,
    (p.captured - p.refunded - p.refunding - coalesce(sum(r.amount) FILTER (WHERE r.state = 'waiting'), 0))::bigint
        AS free,
    coalesce(sum(r.amount) FILTER (
        WHERE r.state IN ('ordered', 'problem', 'done') AND r.decided_by IS NULL AND r.asked_role <> %(system)s
    ), 0)::bigint AS alone
FROM payments p LEFT JOIN refunds r USING (order_no)
WHERE p.order_no = %(order_no)s GROUP BY p.order_no
"""

_MOVE = """
UPDATE refunds SET
    state = %(state)s, problem = %(problem)s, updated_at = %(at)s,
    decided_by = coalesce(%(by)s, decided_by),
    decided_at = CASE WHEN %(by)s::text IS NULL THEN decided_at ELSE %(at)s END
WHERE refund_id = %(refund_id)s
"""
