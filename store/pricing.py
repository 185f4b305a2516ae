"""What pieces of an order cost its buyer: for refunds that a case has settled (R13, R15, R24)."""

from __future__ import annotations

from domain.returns import Liable, Piece, Sale, worth
from models.remedies import Price, PriceLines
from store import orders, returns
from store.pool import Connection


async def price(conn: Connection, request: PriceLines) -> Price:
    """The price of the pieces named, else of the parcel's contents, else of the whole order; minor units.

    The shop is to blame, so the shipping's share is in it.
    """
    row = await orders.row_of(conn, request.order_no)
    sale = await returns.sale(conn, request.order_no, but=request.but)
    pieces = [pieces.piece for pieces in request.lines] or await _contents(conn, request, sale)
    return Price(amount=worth(sale, pieces, Liable.SHOP), currency=row["currency"])


async def _contents(conn: Connection, request: PriceLines, sale: Sale) -> list[Piece]:
    if not request.parcel_no:
        return [Piece(line.line_no, line.quantity - line.returned) for line in sale.lines]
    cursor = await conn.execute(
        "SELECT line_no, sum(quantity)::integer AS quantity FROM parcel_lines WHERE parcel_no = %s GROUP BY line_no",
        (request.parcel_no,),
    )
    return [Piece(row["line_no"], row["quantity"]) for row in await cursor.fetchall()]
