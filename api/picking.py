"""The warehouse's acts: scans, short picks, rechecks, labels (R8 to R10).

A recheck that passed and a short pick are told to the order through the inbox, whose row
is written in the same transaction: the order hears of it, whatever happens next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from api.auth import Staff
from api.commanding import REFUSALS
from api.house import House
from api.masking import seen
from api.once import Answer
from api.problems import Conflicting, NotThere, Problem, Unprocessable
from api.schemas.warehouse import Expected, NewRecheck, NewScan, NewShortage, NewSplit, ScanView, TaskLineView, TaskView
from domain.errors import OrderRuleError
from domain.money import decimal_text
from domain.packing import CannotSplit
from domain.permissions import Permission
from domain.personal import PersonField
from domain.picking import Scan, WrongContents
from models.base import Actor
from models.inbox import Envelope
from models.news import ParcelPacked, ParcelSplit, ShortPick, WrongGoods
from models.person import Person
from runtime.labels import Label, LabelLine, render_label
from store import audit, contacts, forwarding, inbox, parcel_split, pick_tasks, receiving, task_views
from store.errors import UnknownTask
from store.pool import Connection, Row
from store.task_views import LabelRows

SOURCE = "warehouse"


async def scan(house: House, task_no: str, new: NewScan, *, key: str, by: Staff) -> Answer:
    """One scan: right or wrong, counted once."""
    scanned = Scan(bin=new.bin, barcode=new.barcode, lot=new.lot)
    # Keys are the person's own; the table of scans is everybody's.
    scan_key = f"{by.id}:{key}"
    with refusals():
        async with house.pool.connection() as conn:
            result = await pick_tasks.scan(conn, task_no, scanned, by=by.actor, at=house.now(), key=scan_key)
    expected = Expected.model_validate(dict(result.expected)) if result.expected else None
    return Answer.of(
        ScanView.model_validate(
            {"verdict": result.verdict, "expected": expected, "remaining": result.remaining, "state": result.state}
        )
    )


async def short(house: House, task_no: str, new: NewShortage, *, by: Staff) -> Answer:
    """Too little is there: the task ends short, and the order hears of it (R9)."""
    with refusals():
        async with house.pool.connection() as conn:
            at = house.now()
            order_no = await pick_tasks.short(conn, task_no, new.sku, new.missing, by=by.actor, at=at)
            news = ShortPick(task_no=task_no, sku=new.sku, missing=new.missing, by=by.actor)
            envelope = Envelope(order_no=order_no, short_pick=news)
            received = await _tell(conn, house, "short_pick", f"{task_no}:{new.sku}", envelope)
    return await _after(house, task_no, received)


async def split(house: House, task_no: str, new: NewSplit, *, key: str, by: Staff) -> Answer:
    """The packer puts part of a parcel into a further one, and the order hears of it (R10)."""
    with refusals():
        async with house.pool.connection() as conn:
            made = await parcel_split.split(
                conn, task_no, new.by_sku(), by=by.actor, at=house.now(), key=f"{by.id}:{key}"
            )
            news = ParcelSplit(
                parcel_no=made.parcel_no,
                new_parcel_no=made.new_parcel_no,
                task_no=made.task_no,
                warehouse=made.warehouse,
                by=by.actor,
            )
            received = await _tell(conn, house, "split", made.task_no, Envelope(order_no=made.order_no, split=news))
    return await _after(house, made.task_no, received)


async def recheck(house: House, task_no: str, new: NewRecheck, *, by: Staff) -> Answer:
    """The second person's count: the parcel is packed, and the order hears of it (R10).

    A count that is not what was ordered is refused, and is a mistake to be reported (R24).
    """
    try:
        return await _recheck(house, task_no, new, by)
    except WrongContents as error:
        await _report_mistake(house, task_no, by)
        raise _problem(error) from None


async def _report_mistake(house: House, task_no: str, by: Staff) -> None:
    """One for each task: counting wrongly again is the same mistake."""
    async with house.pool.connection() as conn:
        task = await task_views.task(conn, task_no)
        assert task is not None, "its recheck has just been refused"
        news = WrongGoods(task_no=task_no, picker=task["picker"], by=by.actor)
        envelope = Envelope(order_no=task["order_no"], wrong_goods=news)
        received = await _tell(conn, house, "wrong_goods", task_no, envelope)
    _forward(house, received)


async def _recheck(house: House, task_no: str, new: NewRecheck, by: Staff) -> Answer:
    with refusals(but=WrongContents):
        async with house.pool.connection() as conn:
            packed = await pick_tasks.recheck(
                conn, task_no, new.barcodes, packaging=new.packaging, weight_g=new.weight_g, by=by.actor, at=house.now()
            )
            news = ParcelPacked(
                parcel_no=packed.parcel_no,
                task_no=task_no,
                picker=Actor(id=packed.picker, role=by.role.value),
                rechecker=by.actor,
                packaging=new.packaging,
                weight_g=packed.weight_g,
            )
            received = await _tell(conn, house, "packed", task_no, Envelope(order_no=packed.order_no, packed=news))
    return await _after(house, task_no, received)


async def print_label(house: House, parcel_no: str, by: Staff, request_id: str) -> bytes:
    """The label as PDF. It reveals the recipient, so the printing goes on record (R10, R21)."""
    async with house.pool.connection() as conn:
        rows = await task_views.label(conn, parcel_no)
        if rows is None:
            raise NotThere(f"there is no parcel {parcel_no}")
        if rows.parcel["tracking_no"] is None:
            raise Conflicting(f"the parcel {parcel_no} has no carrier yet", slug="not-booked")
        person = await _recipient(conn, house, rows.parcel["contact_id"])
        await audit.append(conn, _printed(house, rows.parcel, by, request_id))
    # Rendering takes half a second of CPU: other requests go on meanwhile.
    return await asyncio.to_thread(render_label, _label(house, rows, person, by))


def task_view(row: Row) -> TaskView:
    """A pick task as its readers see it."""
    lines = [
        TaskLineView.model_validate({name: line[name] for name in TaskLineView.model_fields}) for line in row["lines"]
    ]
    plain = {name: row[name] for name in TaskView.model_fields if name != "lines"}
    return TaskView.model_validate({**plain, "lines": lines})


async def read_task(house: House, task_no: str) -> TaskView:
    """One task; raises :class:`NotThere`."""
    async with house.pool.connection() as conn:
        row = await task_views.task(conn, task_no)
    if row is None:
        raise NotThere(f"there is no pick task {task_no}")
    return task_view(row)


@contextmanager
def refusals(but: type[OrderRuleError] | None = None) -> Iterator[None]:
    """Rules of the warehouse, told in HTTP by their type; ``but`` is left to the caller."""
    try:
        yield
    except UnknownTask as error:
        raise NotThere(str(error)) from None
    except OrderRuleError as error:
        if but is not None and isinstance(error, but):
            raise
        raise _problem(error) from None


def _problem(error: OrderRuleError) -> Problem:
    known = REFUSALS.get(type(error).__name__)
    if isinstance(error, CannotSplit):
        return Unprocessable(str(error), slug="cannot-split")
    if known is None:
        # WrongContents and WrongPackaging: what was counted is not what the task asks for.
        return Unprocessable(str(error), slug="wrong-recheck")
    return known.problem(str(error), slug=known.slug)


async def _tell(conn: Connection, house: House, topic: str, key: str, envelope: Envelope) -> inbox.Received:
    incoming = inbox.Incoming(
        source=SOURCE, topic=topic, dedupe_key=f"{SOURCE}:{topic}:{key}", envelope=envelope, at=house.now()
    )
    return await receiving.receive(conn, house.vault, incoming)


async def _after(house: House, task_no: str, received: inbox.Received) -> Answer:
    _forward(house, received)
    return Answer.of(await read_task(house, task_no))


def _forward(house: House, received: inbox.Received) -> None:
    if received.taken is not None:
        house.errands.send(forwarding.forward_taken(house.client, house.pool, house.vault, received.taken))


async def _recipient(conn: Connection, house: House, contact_id: str) -> Person:
    try:
        person = await contacts.reveal(conn, house.vault, contact_id)
    except contacts.UnknownContact:
        raise NotThere("the recipient was erased") from None
    if person.address is None:
        raise Conflicting("the recipient's address is missing", slug="incomplete-order")
    return person


def _printed(house: House, parcel: Row, by: Staff, request_id: str) -> audit.Entry:
    return audit.Entry(
        subject=f"contact:{parcel['contact_id']}",
        order_no=parcel["order_no"],
        at=house.now(),
        by=by.actor,
        act="label_printed",
        why="printing the label",
        details={"parcel": parcel["parcel_no"], "purpose": "print_label"},
        request_id=request_id,
    )


def _label(house: House, rows: LabelRows, person: Person, by: Staff) -> Label:
    parcel = rows.parcel
    address = _on_label(PersonField.ADDRESS, person.address, person, by)
    return Label(
        order_no=parcel["order_no"],
        parcel_no=parcel["parcel_no"],
        carrier=parcel["carrier"],
        tracking_no=parcel["tracking_no"],
        recipient_name=_on_label(PersonField.NAME, person.name, person, by) or "",
        recipient_phone=_on_label(PersonField.PHONE, person.phone, person, by) or "",
        recipient_address=address.one_line if address else "",
        contents=[LabelLine(line["sku"], line["title"], line["quantity"]) for line in rows.contents],
        fragile=any(line["fragile"] for line in rows.contents),
        warehouse=parcel["warehouse"],
        collect=_collects(parcel),
        printed_at=house.now().astimezone(house.shop_zone()),
    )


def _on_label(field: PersonField, value: Any, person: Person, by: Staff) -> Any:
    return seen(field, Permission.LABEL_PRINT, by.permissions, value, person)


def _collects(parcel: Row) -> str:
    """``CNY 49.00``: what the courier is to collect; empty when the order is paid (R14)."""
    if not parcel["collect_minor"]:
        return ""
    return f"{parcel['currency']} {decimal_text(parcel['collect_minor'], parcel['currency'])}"
