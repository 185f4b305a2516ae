"""Orders as CSV: exactly the filtered list, streamed page by page; a buyer only for a purpose, on record (R21)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

from api.auth import Staff
from api.csv_files import UTF8, written
from api.house import House
from api.order_views import row_view
from api.problems import Faulty, KeyReused, TooMany
from api.schemas.buyers import ExportRequest
from domain.intake import Fault
from domain.money import decimal_text
from store import contacts, order_lists, reveals
from store.contacts import Person
from store.order_lists import OrderFilter, Sort
from store.pool import Connection, Row
from store.reveals import Reveal

COLUMNS = (
    "order_no", "channel", "channel_order_id", "status", "status_zh", "payment_status", "currency", "total", "captured",
    "refunded", "waits_for", "due_at", "risk", "held", "claimed_by", "placed_at", "recorded_at", "archived_at",
)  # fmt: skip
PERSONAL = ("name", "phone", "address")

Persons = Mapping[str, Person]


async def lines(house: House, wanted: OrderFilter, sort: Sort, persons: Persons | None = None) -> AsyncIterator[str]:
    """The file in pieces, a page each; ``persons`` by order number, if they were revealed for it."""
    yield UTF8 + written([COLUMNS + (PERSONAL if persons is not None else ())])
    async for rows in order_lists.every(house.pool, wanted, sort):
        shown = rows if persons is None else [row for row in rows if row["order_no"] in persons]
        yield written(_values(row, persons) for row in shown)


async def reveal_all(house: House, wanted: OrderFilter, asked: ExportRequest, *, key: str, by: Staff) -> Persons:
    """Every buyer of the list, each reveal on record before the first line is written; all of them or none.

    Each counts as one of the person's reveals of the hour; the same ``key`` within five minutes is the same
    look. Raises :class:`Faulty` for a list that is longer than an hour's reveals, :class:`TooMany` when too
    few of them are left, :class:`KeyReused`.
    """
    limit = house.settings.reveals_per_hour
    async with house.pool.connection() as conn:
        rows = await order_lists.page(conn, wanted, Sort.RECORDED, after=None, limit=limit + 1)
        if len(rows) > limit:
            raise Faulty([Fault("purpose", f"reveals at most {limit} buyers an hour: narrow the filter")])
        try:
            return {row["order_no"]: await _revealed(conn, house, row, asked, key, by) for row in _by_number(rows)}
        except reveals.TooManyReveals as error:
            raise TooMany(str(error), error.again_in) from None
        except reveals.RevealedOtherwise:
            raise KeyReused from None


async def _revealed(conn: Connection, house: House, row: Row, asked: ExportRequest, key: str, by: Staff) -> Person:
    try:
        person = await contacts.reveal(conn, house.vault, row["contact_id"])
    except contacts.UnknownContact:
        return Person()
    why = asked.reason or "exported as CSV"
    look = Reveal(row["order_no"], by.actor, asked.purpose.value, why, PERSONAL, f"export:{key}", house.now())
    await reveals.record(conn, look, limit=house.settings.reveals_per_hour)
    return person


def _by_number(rows: Iterable[Row]) -> list[Row]:
    # Chains are locked in one order by everybody who locks several: nobody waits in a ring.
    return sorted(rows, key=lambda row: str(row["order_no"]))


def _values(row: Row, persons: Persons | None) -> Sequence[object]:
    view = row_view(row)
    values = view.model_dump() | {name: row[name] for name in ("channel_order_id", "archived_at")}
    values |= {name: decimal_text(row[name], row["currency"]) for name in ("total", "captured", "refunded")}
    values |= {"status": view.status.code, "status_zh": view.status.zh, "payment_status": view.payment_status.code}
    plain = [values[name] for name in COLUMNS]
    return plain if persons is None else plain + _personal(persons[row["order_no"]])


def _personal(person: Person) -> list[object]:
    return [person.name, person.phone, person.address.one_line if person.address else None]
