"""Linked replacement orders: numbered within the order they replace, one for each remedy (R13, R15, R16, R24)."""

from __future__ import annotations

from collections.abc import Sequence

from domain.money import PaymentMethod
from domain.order_status import BEFORE_HAND_OVER, ENDED, OrderStatus
from models.order import Line, PlaceOrder, order_number
from models.remedies import PlanReplacement
from store import orders
from store.errors import NothingSent, UnknownLines
from store.pool import Connection, Row

NOTHING_SENT = (BEFORE_HAND_OVER | ENDED) - {OrderStatus.ARCHIVED}

_LONGEST = 74
"""So much of a channel's own order id is kept, to leave room for ``-R1``."""


async def plan(conn: Connection, request: PlanReplacement) -> PlaceOrder:
    """The order that replaces these pieces, at no charge; the same ``key`` is the same order again.

    Raises UnknownOrder, UnknownLines, and NothingSent: goods go out twice only where they went out once.
    """
    async with conn.transaction():
        row = await orders.row_of(conn, request.order_no)
        await conn.execute("SELECT FROM orders WHERE order_no = %s FOR NO KEY UPDATE", (request.order_no,))
        if OrderStatus(row["status"]) in NOTHING_SENT:
            raise NothingSent(request.order_no)
        number = await _number(conn, request, row)
        return _replacement(request, row, await _lines(conn, request), number)


async def of_order(conn: Connection, order_no: str) -> Sequence[Row]:
    """The order's replacements, the first first: order_no, status, case_no."""
    cursor = await conn.execute(
        "SELECT replacement_no AS order_no, case_no, status FROM replacements r"
        " JOIN orders o ON o.order_no = r.replacement_no WHERE r.order_no = %s ORDER BY number",
        (order_no,),
    )
    return await cursor.fetchall()


async def _number(conn: Connection, request: PlanReplacement, row: Row) -> int:
    cursor = await conn.execute("SELECT number FROM replacements WHERE key = %s", (request.key,))
    if known := await cursor.fetchone():
        return int(known["number"])
    cursor = await conn.execute(
        "SELECT count(*) + 1 AS next FROM replacements WHERE order_no = %s", (request.order_no,)
    )
    found = await cursor.fetchone()
    assert found is not None
    number = int(found["next"])
    await conn.execute(
        "INSERT INTO replacements (order_no, number, replacement_no, key, case_no, at) VALUES (%s, %s, %s, %s, %s, %s)",
        (
            request.order_no, number, order_number(row["channel"], _own_id(row, number)), request.key,
            request.case_no, request.at,
        ),
    )  # fmt: skip
    return number


def _own_id(row: Row, number: int) -> str:
    return f"{row['channel_order_id'][:_LONGEST]}-R{number}"


async def _lines(conn: Connection, request: PlanReplacement) -> list[Row]:
    """What is to be sent: the pieces named, else what is in the parcel, else the whole order."""
    cursor = await conn.execute(_LINES, {"order_no": request.order_no, "parcel_no": request.parcel_no})
    rows = await cursor.fetchall()
    if not request.lines:
        return [row for row in rows if row["quantity"]] or [row | {"quantity": row["bought"]} for row in rows]
    named = {pieces.line_no: pieces.quantity for pieces in request.lines}
    if not named.keys() <= {row["line_no"] for row in rows}:
        raise UnknownLines(request.order_no)
    return [row | {"quantity": min(named[row["line_no"]], row["bought"])} for row in rows if row["line_no"] in named]


def _replacement(request: PlanReplacement, row: Row, lines: Sequence[Row], number: int) -> PlaceOrder:
    own_id = _own_id(row, number)
    return PlaceOrder(
        order_no=order_number(row["channel"], own_id),
        channel=row["channel"],
        channel_order_id=own_id,
        contact_id=row["contact_id"],
        lines=tuple(_line(at, line) for at, line in enumerate(lines, start=1)),
        currency=row["currency"],
        total=0,
        payment_method=PaymentMethod.ONLINE,
        promised_speed=row["promised_speed"],
        carrier_wish=row["carrier_wish"],
        placed_at=request.at,
        policy=request.policy,
        replaces=request.order_no,
        for_case=request.case_no,
    )


def _line(line_no: int, line: Row) -> Line:
    """The goods at their price, and the price taken off whole: nothing is due, and what they are worth is known."""
    price = line["quantity"] * line["unit_price"]
    named = {name: line[name] for name in ("sku", "title", "quantity", "unit_price")}
    return Line(line_no=line_no, discount=price, **named)


_LINES = """
SELECT l.line_no, l.sku, l.title, l.unit_price, l.quantity AS bought,
    CASE WHEN %(parcel_no)s = '' THEN l.quantity ELSE coalesce(p.quantity, 0) END AS quantity
FROM order_lines l LEFT JOIN parcel_lines p ON p.parcel_no = %(parcel_no)s AND p.line_no = l.line_no
WHERE l.order_no = %(order_no)s ORDER BY l.line_no
"""
