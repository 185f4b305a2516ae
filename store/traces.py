"""Tracking events of a parcel: which are new, and their sealed texts (R13, R21)."""

from __future__ import annotations

from models.inbox import Trace
from models.news import CarrierNews
from runtime.crypto import Vault, place
from store import audit, contacts
from store.pool import Connection, Row


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

    An event whose text is on record is one the order has heard; so this comes last.
    """
    parcel = await _parcel(conn, trace.tracking_no)
    if parcel is None:
        return
    for event in trace.events:
        where = place("tracking_events", "text_sealed", f"{parcel['parcel_no']}/{event.event_id}")
        await conn.execute(
            """INSERT INTO tracking_events (parcel_no, event_id, at, state, code, text_sealed)
               VALUES (%s, %s, %s, %s, %s, %s)
               ON CONFLICT (parcel_no, event_id) DO UPDATE
                  SET text_sealed = COALESCE(tracking_events.text_sealed, EXCLUDED.text_sealed)""",
            (
                parcel["parcel_no"], event.event_id, event.at, event.state.value, event.code,
                await _sealed(conn, vault, parcel["contact_id"], event.text, where),
            ),
        )  # fmt: skip


async def append_once(conn: Connection, entry: audit.Entry) -> None:
    """Append an audit entry unless its key is on record already."""
    chain = await audit.lock(conn, entry.subject)
    cursor = await conn.execute("SELECT 1 FROM audit_entries WHERE step_key = %s", (entry.step_key,))
    if await cursor.fetchone() is None:
        await audit.append(conn, entry, chain)


async def _sealed(conn: Connection, vault: Vault, contact_id: str, text: str, where: str) -> bytes:
    try:
        return await contacts.seal_for(conn, vault, contact_id, text, where)
    except contacts.UnknownContact:
        # The person was erased (R29): nothing more about them is kept, only that the event was heard.
        return b""


async def _parcel(conn: Connection, tracking_no: str) -> Row | None:
    cursor = await conn.execute(
        """SELECT parcel_no, contact_id FROM parcels JOIN orders USING (order_no) WHERE tracking_no = %s LIMIT 1""",
        (tracking_no,),
    )
    return await cursor.fetchone()
