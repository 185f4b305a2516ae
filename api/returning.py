"""A return comes in: refused at the door where it cannot be, else a case (R16)."""

from __future__ import annotations

from api import casework
from api.auth import Staff
from api.house import House
from api.once import Answer
from api.problems import Faulty, NotThere
from api.schemas.returns import NewReturn
from domain.case_reasons import return_wanted
from domain.case_shapes import CaseKind
from domain.returns import faults
from models.cases import OpenCase, reasoned
from models.returns import Application
from store import returns, views


async def apply(house: House, order_no: str, new: NewReturn, *, key: str, by: Staff) -> Answer:
    """Open the return. Raises NotThere, Faulty (no such line, too many pieces, not signed for), Away."""
    case_no = casework.number_for(by, key)
    await _can_be(house, order_no, new, case_no)
    lines = tuple(pieces.pieces for pieces in new.lines)
    note_id = await casework.write_note(house, order_no, new.note, key, by)
    opening = OpenCase(
        case_no=case_no,
        kind=CaseKind.RETURN,
        by=by.actor,
        order_no=order_no,
        note_id=note_id,
        key=key,
        goods=Application(lines=lines, reason=new.reason, wish=new.wish),
        policy=house.policy(),
        **reasoned(return_wanted(new.reason, new.wish)),
    )
    return await casework.begin(house, opening)


async def _can_be(house: House, order_no: str, new: NewReturn, case_no: str) -> None:
    async with house.pool.connection() as conn:
        replaced = await views.replaces(conn, order_no)
        if replaced is None:
            raise NotThere(f"there is no order {order_no}")
        # Asked again under its key after an answer that got lost, a return does not stand in its own way.
        sale = await returns.sale(conn, order_no, but=case_no)
    if replaced:
        raise Faulty([], f"{order_no} replaces {replaced}: apply for the return of {replaced}")
    if problems := faults(sale, [pieces.pieces.piece for pieces in new.lines]):
        raise Faulty(problems)
