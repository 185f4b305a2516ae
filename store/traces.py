"""Tracking events of a parcel: which are new, and their sealed texts (R13, R21)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from models.inbox import Trace
from models.news import CarrierNews
from runtime.crypto import Vault, place
from store import audit, contacts
from store.pool import Connection, Row


@dataclass(frozen=True)
class Told:
    """An event of a parcel as the carrier told it; ``text`` may hold persons, and is empty once they were erased."""

    parcel_no: str
    at: datetime
    state: str
    code: str
    text: str = field(default="", repr=False)


async def of_order(conn: Connection, order_no: str) -> list[Told]:
    """The events of an order's parcels, the newest first, without their texts."""
    return [Told(row["parcel_no"], row["at"], row["state"], row["code"]) for row in await _events(conn, order_no)]


async def in_full(conn: Connection, vault: Vault, order_no: str, contact_id: str) -> list[Told]:
    """The same with their texts opened; whoever shows them masks them (R21)."""
    rows = await _events(conn, order_no)
    sealed = [(bytes(row["text_sealed"] or b""), _where(row["parcel_no"], row["event_id"])) for row in rows]
    try:
        texts: Sequence[str] = await contacts.open_for(conn, vault, contact_id, sealed)
    except contacts.UnknownContact:
        texts = [""] * len(rows)
    return [
        Told(row["parcel_no"], row["at"], row["state"], row["code"], text)
        for row, text in zip(rows, texts, strict=True)
    ]


async def news(conn: Connection, trace: Trace) -> list[CarrierNews]:
    """The events of a push that are not on record yet, oldest first."""
    parcel = await _parcel(conn, trace.tracking_no)
    if parcel is None:
        return []
    cursor = await conn.execute(
        "SELECT event_id FROM tracking_events WHERE parcel_no = %s AND text_sealed IS NOT NULL", (parcel["parcel_no"],)
    )
    known = {row["event_id"] async for row in cursor}
    return [
        CarrierNews(
            event_id=event.event_id,
            parcel_no=parcel["parcel_no"],
            tracking_no=trace.tracking_no,
            state=event.state,
            code=event.code,
            at=event.at,
        )
        for event in trace.events
        if event.event_id not in known
    ]


async def keep(conn: Connection, vault: Vault, trace: Trace) -> None:
    """Put the events on record with their texts sealed, after the order was told of them.

    An event whose text is on record is one the order has heard; so this comes last. What the order wrote of it
    first says where its parcel stands; what the carrier said is told.
    """
    parcel = await _parcel(conn, trace.tracking_no)
    if parcel is None:
        return
    for event in trace.events:
        where = _where(parcel["parcel_no"], event.event_id)
        await conn.execute(
            """INSERT INTO tracking_events (parcel_no, event_id, at, state, code, text_sealed)
               VALUES (%s, %s, %s, %s, %s, %s)
               ON CONFLICT (parcel_no, event_id) DO UPDATE
                  SET state = EXCLUDED.state,
                      text_sealed = COALESCE(tracking_events.text_sealed, EXCLUDED.text_sealed)""",
            (
                parcel["parcel_no"], event.event_id, event.at, event.state.value, event.code,
                await _sealed(conn, vault, parcel["contact_id"], event.text, where),
            ),
        )  # fmt: skip
    await audit.tell_again(conn, parcel["order_no"])


async def append_once(conn: Connection, entry: audit.Entry) -> None:
    """Append an audit entry unless its key is on record already."""
    chain = await audit.lock(conn, entry.subject)
    cursor = await conn.execute("SELECT 1 FROM audit_entries WHERE step_key = %s", (entry.step_key,))
    if await cursor.fetchone() is None:
        await audit.append(conn, entry, chain)


def _where(parcel_no: str, event_id: str) -> str:
    return place("tracking_events", "text_sealed", f"{parcel_no}/{event_id}")


async def _events(conn: Connection, order_no: str) -> list[Row]:
    cursor = await conn.execute(
        "SELECT t.* FROM tracking_events t JOIN parcels USING (parcel_no) WHERE order_no = %s"
        " ORDER BY t.at DESC, t.event_id DESC",
        (order_no,),
    )
    return await cursor.fetchall()


async def _sealed(conn: Connection, vault: Vault, contact_id: str, text: str, where: str) -> bytes:
    try:
        return await contacts.seal_for(conn, vault, contact_id, text, where)
    except contacts.UnknownContact:
        # The person was erased (R29): nothing more about them is kept, only that the event was heard.
        return b""


async def _parcel(conn: Connection, tracking_no: str) -> Row | None:
    cursor = await conn.execute(
        "SELECT parcel_no, order_no, contact_id FROM parcels JOIN orders USING (order_no)"
        " WHERE tracking_no = %s LIMIT 1",
        (tracking_no,),
    )
    return await cursor.fetchone()
