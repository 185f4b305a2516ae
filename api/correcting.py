"""POST /v1/orders/{no}/address: the vault first, then the order is told; a refusal takes it back (R2)."""

from __future__ import annotations

from api.auth import Staff
from api.commanding import Ask, OutcomeUnknown, as_it_stands, noted, tell, unknown, write_note
from api.house import House
from api.once import Answer
from api.placing import address_of
from api.problems import NotThere, Problem
from api.schemas.commands import NewPlace
from models.commands import CorrectAddress
from models.person import Person
from models.workflow_names import CORRECT_ADDRESS
from store import contacts, views
from store.contacts import Correction


async def correct_address(house: House, order_no: str, place: NewPlace, *, key: str, by: Staff) -> Answer:
    """Write the new place and tell the order, which looks again at what was missing."""
    correction = await _write(house, order_no, place)
    note_id = await write_note(house, order_no, place.note, key, by)
    command = CorrectAddress(
        by=by.actor, reason=place.reason, note_id=note_id, key=key, contact_id=correction.contact_id
    )
    try:
        async with noted(house, note_id):
            await tell(house, Ask(order_no, CORRECT_ADDRESS, command))
    except OutcomeUnknown:
        return unknown(order_no)
    except Problem as problem:
        # An order that may have been told goes to the new place: the old one must not come back.
        if not problem.open_outcome:
            await _take_back(house, correction)
        raise
    return await as_it_stands(house, order_no)


async def _write(house: House, order_no: str, place: NewPlace) -> Correction:
    person = Person(name=place.name, phone=place.phone, address=address_of(place.address))
    async with house.pool.connection() as conn:
        contact_id = await views.contact_of(conn, order_no)
        if contact_id is None:
            raise NotThere(f"there is no order {order_no}")
        try:
            return await contacts.correct(conn, house.vault, contact_id, person)
        except contacts.UnknownContact:
            raise NotThere("the order's contact was erased") from None


async def _take_back(house: House, correction: Correction) -> None:
    async with house.pool.connection() as conn:
        await contacts.take_back(conn, correction)
