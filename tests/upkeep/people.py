"""Invented persons with everything that can hang on them: order, note, message, parcel, tracking text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.deadlines import DeadlineId
from models.inbox import Envelope, Trace, TrackingEvent
from models.news import CarrierState
from models.order import Policy
from models.person import Address, Person
from runtime.crypto import Vault
from store import contacts, inbox, notes, orders, receiving, traces
from store.inbox import Incoming
from store.notes import Note
from store.pool import Connection, Pool
from tests.fixtures.orders import NOON, an_order

OLD_KEY, NEW_KEY, INDEX_KEY = b"o" * 32, b"n" * 32, b"i" * 32
PHONE, ACCOUNT = "+8613800138000", "invented-account"
BUYER = Person(
    name="測試甲",
    phone=PHONE,
    address=Address(country="CN", region="上海市", city="上海市", street="虛構路 1 號", postcode="200001"),
    remark="放在虛構的門口",
    email="invented@example.com",
    account=ACCOUNT,
)
NOTE, TEXT = "電話裡說的虛構的話", "快遞員 13900139000 派件中"


def vault(active: str = "1", *, old: bool = True, new: bool = True) -> Vault:
    """A vault with master key 1, 2, or both."""
    keys = {version: key for version, key, there in (("1", OLD_KEY, old), ("2", NEW_KEY, new)) if there}
    return Vault(keys, active, INDEX_KEY)


@dataclass(frozen=True)
class Known:
    """What is known of one buyer's order."""

    order_no: str
    contact_id: str
    note_id: str
    message_id: str
    parcel_no: str


async def a_buyer(
    pool: Pool,
    sealing: Vault,
    number: str = "web-1",
    *,
    status: str = "archived",
    ended: datetime = NOON,
    kept: Any = None,
    person: Person = BUYER,
) -> Known:
    """A buyer whose order stands in this status since ``ended``; ``kept`` is the order's own T21."""
    contact_id, parcel_no = f"ct_{number}", f"{number}-p1"
    policy = Policy(durations={DeadlineId.T21: kept}) if kept is not None else Policy()
    async with pool.connection() as conn:
        await contacts.keep(conn, sealing, contact_id, person, channel="web", at=NOON)
        await orders.record(conn, an_order(number, contact_id=contact_id, policy=policy), status=status, at=NOON)
        await conn.execute(
            "UPDATE orders SET updated_at = %s, archived_at = %s WHERE order_no = %s",
            (ended, ended if status == "archived" else None, number),
        )
        note = Note(f"nt_{number}", number, NOTE, "service-1", NOON)
        await notes.write(conn, sealing, note)
        trace = await _parcel(conn, number, parcel_no)
        await traces.keep(conn, sealing, trace)
        message_id = await _message(conn, sealing, number, trace)
    return Known(number, contact_id, note.note_id, message_id, parcel_no)


async def _parcel(conn: Connection, number: str, parcel_no: str) -> Trace:
    await conn.execute("INSERT INTO warehouses VALUES ('SZ', 'Shenzhen', 'South', 'Shenzhen') ON CONFLICT DO NOTHING")
    await conn.execute(
        """INSERT INTO parcels (parcel_no, order_no, warehouse, state, weight_g, value_minor, insured, tracking_no)
           VALUES (%s, %s, 'SZ', 'signed', 500, 1000, false, %s)""",
        (parcel_no, number, f"SF{parcel_no}"),
    )
    event = TrackingEvent(event_id=f"{number}-e1", state=CarrierState.PICKED_UP, code="1", at=NOON, text=TEXT)
    return Trace(tracking_no=f"SF{parcel_no}", events=(event,))


async def _message(conn: Connection, sealing: Vault, number: str, trace: Trace) -> str:
    incoming = Incoming("web", "trace", f"web:trace:{number}", Envelope(order_no=number, trace=trace), NOON)
    received = await receiving.receive(conn, sealing, incoming)
    await inbox.forwarded(conn, received.message_id, NOON, number)
    return received.message_id


async def sealed_bytes(conn: Connection) -> dict[str, bytes]:
    """Every byte of every column that can hold something sealed, by table and column."""
    cursor = await conn.execute(
        """SELECT table_name, column_name FROM information_schema.columns
           WHERE table_schema = 'public' AND data_type = 'bytea'
             AND table_name IN ('contacts', 'notes', 'inbox', 'tracking_events')"""
    )
    found = {}
    for table, column in [(row["table_name"], row["column_name"]) for row in await cursor.fetchall()]:
        joined = await conn.execute(f"SELECT string_agg({column}, ''::bytea) AS all FROM {table}".encode())
        row = await joined.fetchone()
        found[f"{table}.{column}"] = bytes(row["all"] or b"") if row else b""
    return found
