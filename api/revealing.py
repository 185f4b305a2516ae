"""The buyer behind an order: in full for a purpose and on record, notes masked (R7, R21, R23)."""

from __future__ import annotations

from dataclasses import asdict

from api.auth import Staff
from api.house import House
from api.masking import of_person, seen
from api.problems import KeyReused, NotThere, TooMany
from api.schemas.buyers import (
    AddressView,
    NewNote,
    NoteKept,
    Notes,
    NoteView,
    RevealedBuyer,
    RevealRequest,
)
from domain.permissions import Permission
from domain.personal import PersonField
from store import audit, contacts, notes, reveals, steps, views
from store.contacts import Person
from store.notes import Note
from store.pool import Connection
from store.reveals import Reveal


async def reveal(
    house: House, order_no: str, asked: RevealRequest, *, key: str, by: Staff, request_id: str
) -> RevealedBuyer:
    """The fields asked for, after the reveal is on record; the answer itself is kept nowhere.

    Raises NotThere (no such order, or the buyer was erased), TooMany, KeyReused.
    """
    wanted = sorted({field.value for field in asked.fields})
    look = Reveal(
        order_no, by.actor, asked.purpose.value, asked.reason, wanted, key, house.now(), request_id
    )  # fmt: skip
    async with house.pool.connection() as conn:
        person = await _person(conn, house, order_no)
        try:
            await reveals.record(conn, look, limit=house.settings.reveals_per_hour)
        except reveals.TooManyReveals as error:
            raise TooMany(str(error), error.again_in) from None
        except reveals.RevealedOtherwise:
            raise KeyReused from None
    return _revealed(order_no, person, wanted, by)


async def read_notes(house: House, order_no: str, by: Staff) -> Notes:
    """The remark and the notes, masked; raises :class:`NotThere`."""
    async with house.pool.connection() as conn:
        person = await _person_if_known(conn, house, order_no)
        found = await notes.of_order(conn, house.vault, order_no)
    items = [NoteView(**_kept(note).model_dump(), text=_text(note, person, by)) for note in found]
    return Notes(order_no=order_no, items=items, **of_person(Notes, person, by.permissions))


async def write_note(house: House, order_no: str, new: NewNote, *, key: str, by: Staff, request_id: str) -> NoteKept:
    """Seal the note and put it on the order's record; raises :class:`NotThere`."""
    note = Note(notes.note_id_for(order_no, f"{by.id}:{key}"), order_no, new.note, by.id, house.now())
    async with house.pool.connection() as conn:
        if not await views.exists(conn, order_no):
            raise NotThere(f"there is no order {order_no}")
        chain = await audit.lock(conn, steps.subject_of(order_no))
        if await steps.outcome(conn, note.note_id) is None:
            await notes.write(conn, house.vault, note)
            await audit.append(conn, _written(note, by, request_id), chain)
    return _kept(note)


async def _person(conn: Connection, house: House, order_no: str) -> Person:
    contact_id = await views.contact_of(conn, order_no)
    if contact_id is None:
        raise NotThere(f"there is no order {order_no}")
    try:
        return await contacts.reveal(conn, house.vault, contact_id)
    except contacts.UnknownContact:
        raise NotThere("the order's contact was erased") from None


async def _person_if_known(conn: Connection, house: House, order_no: str) -> Person:
    if not await views.exists(conn, order_no):
        raise NotThere(f"there is no order {order_no}")
    try:
        return await _person(conn, house, order_no)
    except NotThere:
        return Person()


def _text(note: Note, person: Person, by: Staff) -> str:
    return str(seen(PersonField.NOTE, Permission.NOTE_KEEP, by.permissions, note.text, person) or "")


def _revealed(order_no: str, person: Person, wanted: list[str], by: Staff) -> RevealedBuyer:
    shown = of_person(RevealedBuyer, person, by.permissions)
    values = {name: value for name, value in shown.items() if name in wanted}
    if values.get("address") is not None:
        values["address"] = AddressView(**asdict(values["address"]))
    return RevealedBuyer(order_no=order_no, **values)


def _kept(note: Note) -> NoteKept:
    return NoteKept(note_id=note.note_id, created_by=note.created_by, created_at=note.created_at)


def _written(note: Note, by: Staff, request_id: str) -> audit.Entry:
    return audit.Entry(
        subject=steps.subject_of(note.order_no),
        order_no=note.order_no,
        step_key=note.note_id,
        at=note.created_at,
        by=by.actor,
        act="note_written",
        note_id=note.note_id,
        outcome={},
        request_id=request_id,
    )
