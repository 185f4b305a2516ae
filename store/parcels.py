"""Parcels: what is in them, who carries them, where they are (R10 to R14)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from models.state import ParcelState
from store.pool import Connection, Row

CANCELLED = "cancelled"
"""A parcel that was never sent: its order ended, or its picking fell short."""

BOOKABLE = frozenset({ParcelState.TO_PICK, ParcelState.PACKED})
_LEFT_THE_HOUSE = frozenset(
    {
        ParcelState.HANDED_OVER,
        ParcelState.OUT_FOR_DELIVERY,
        ParcelState.SIGNED,
        ParcelState.PROBLEM,
        ParcelState.RETURNED,
    }
)


@dataclass(frozen=True)
class ToBook:
    """What the choice and the booking of a carrier need to know of a parcel.

    Grams, cubic centimetres, minor units; ``collect`` is what is due at the door with this parcel.
    """

    parcel_no: str
    order_no: str
    contact_id: str
    warehouse_name: str
    warehouse_place: str
    state: str
    weight_g: int
    volume_cm3: int
    pieces: int
    cargo: str
    value_minor: int
    currency: str
    promised_speed: str
    carrier_wish: str | None
    collect: int


async def to_book(conn: Connection, parcel_no: str, due: int | None = None) -> ToBook | None:
    """The facts of a parcel; None when there is no such parcel.

    ``due``: what an order paid at the door comes to for all that ships up to now; None: the whole order.
    """
    cursor = await conn.execute(_TO_BOOK, {"parcel_no": parcel_no, "due": due})
    row = await cursor.fetchone()
    return None if row is None else ToBook(**row)


async def book(
    conn: Connection,
    parcel_no: str,
    *,
    carrier: str,
    tracking_no: str,
    insured: bool,
    choice: Mapping[str, Any],
    collect: int,
    at: datetime,
) -> bool:
    """Write the booking on the parcel; False if the parcel was cancelled meanwhile (R11, R12)."""
    cursor = await conn.execute(
        "UPDATE parcels SET carrier = %s, tracking_no = %s, insured = %s, choice = %s, collect_minor = %s,"
        " booked_at = %s,"
        " state = CASE WHEN state = ANY(%s) THEN %s ELSE state END WHERE parcel_no = %s AND state <> %s",
        (
            carrier, tracking_no, insured, Jsonb(dict(choice)), collect, at, list(BOOKABLE), ParcelState.BOOKED,
            parcel_no, CANCELLED,
        ),
    )  # fmt: skip
    return cursor.rowcount == 1


async def pack(conn: Connection, parcel_no: str, *, packaging: str, weight_g: int) -> None:
    """The recheck passed: how it is packed, and what it weighs by the scale (0: keep the sum of the goods)."""
    await conn.execute(
        "UPDATE parcels SET state = %s, packaging = %s, weight_g = coalesce(nullif(%s, 0), weight_g)"
        " WHERE parcel_no = %s AND state = %s",
        (ParcelState.PACKED, packaging, weight_g, parcel_no, ParcelState.TO_PICK),
    )


async def move(conn: Connection, parcel_no: str, state: ParcelState, event_id: str, code: str, at: datetime) -> bool:
    """Record a carrier's event; True if by it the parcel has left the house (R12).

    The event may be on record already, with its sealed text and the carrier's own time.
    The first signature's time stays (R14).
    """
    cursor = await conn.execute(
        _MOVE,
        {
            "parcel_no": parcel_no,
            "event_id": event_id,
            "state": state,
            "code": code,
            "at": at,
            "left": state in _LEFT_THE_HOUSE,
            "signed": state is ParcelState.SIGNED,
        },
    )
    row = await cursor.fetchone()
    return row is not None and bool(row["has_left"])


async def cancel(conn: Connection, order_no: str) -> tuple[tuple[str, str], ...]:
    """Cancel the order's parcels that are still here; the bookings (carrier, tracking number) to void."""
    cursor = await conn.execute(
        "UPDATE parcels SET state = %s WHERE order_no = %s AND handed_over_at IS NULL AND state = ANY(%s)"
        " RETURNING carrier, tracking_no",
        (CANCELLED, order_no, [ParcelState.TO_PICK, ParcelState.PACKED, ParcelState.BOOKED]),
    )
    booked = [(row["carrier"], row["tracking_no"]) for row in await cursor.fetchall() if row["tracking_no"]]
    return tuple(sorted(booked))


async def give_up(conn: Connection, task_no: str) -> tuple[str, dict[str, int]] | None:
    """Cancel the one parcel of a task; its number and its pieces by SKU, None if it is not here any more."""
    cursor = await conn.execute(
        "UPDATE parcels SET state = %s FROM pick_tasks t WHERE t.task_no = %s AND t.parcel_no = parcels.parcel_no"
        " AND handed_over_at IS NULL AND parcels.state = %s RETURNING parcels.parcel_no",
        (CANCELLED, task_no, ParcelState.TO_PICK),
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    cursor = await conn.execute(
        "SELECT sku, sum(quantity)::integer AS pieces FROM parcel_lines WHERE parcel_no = %s GROUP BY sku",
        (row["parcel_no"],),
    )
    return row["parcel_no"], {line["sku"]: line["pieces"] for line in await cursor.fetchall()}


async def of_order(conn: Connection, order_no: str) -> list[Row]:
    """The order's parcels, cancelled ones included, by number."""
    cursor = await conn.execute("SELECT * FROM parcels WHERE order_no = %s ORDER BY parcel_no", (order_no,))
    return await cursor.fetchall()


# What is due at the door is asked for once, with the first parcel of each shipment: what other parcels
# collect is theirs, and what was paid by another road is not asked for again (R4, R9, R14).
_TO_BOOK = """
SELECT p.parcel_no, p.order_no, o.contact_id, w.name AS warehouse_name,
    concat_ws(' ', nullif(w.region, ''), nullif(w.city, '')) AS warehouse_place,
    p.state, p.weight_g, p.value_minor, o.currency, o.promised_speed, o.carrier_wish,
    coalesce(goods.volume_cm3, 0)::integer AS volume_cm3, coalesce(goods.pieces, 0)::integer AS pieces,
    coalesce(goods.cargo, '') AS cargo,
    CASE WHEN o.payment_method = 'cod'
        THEN greatest(0, coalesce(%(due)s::bigint, o.total) - elsewhere.collect - paid.otherwise) ELSE 0
    END AS collect
FROM parcels p
JOIN orders o USING (order_no)
JOIN payments pay USING (order_no)
CROSS JOIN LATERAL (
    SELECT coalesce(sum(collect_minor), 0)::bigint AS collect FROM parcels other
    WHERE other.order_no = p.order_no AND other.parcel_no <> p.parcel_no AND other.state <> 'cancelled'
) elsewhere
CROSS JOIN LATERAL (
    SELECT pay.captured - coalesce(sum(e.amount), 0)::bigint AS otherwise FROM payment_entries e
    WHERE e.order_no = p.order_no AND e.kind = 'collected'
) paid
JOIN warehouses w ON w.code = p.warehouse
LEFT JOIN LATERAL (
    SELECT sum(l.quantity) AS pieces, sum(l.quantity * g.volume_cm3) AS volume_cm3,
        string_agg(DISTINCT nullif(g.category, ''), ', ') AS cargo
    FROM parcel_lines l JOIN products g USING (sku) WHERE l.parcel_no = p.parcel_no
) goods ON true
WHERE p.parcel_no = %(parcel_no)s
"""

_MOVE = """
WITH heard AS (
    INSERT INTO tracking_events (parcel_no, event_id, at, state, code)
    VALUES (%(parcel_no)s, %(event_id)s, %(at)s, %(state)s, %(code)s)
    ON CONFLICT (parcel_no, event_id) DO UPDATE SET event_id = excluded.event_id
    RETURNING at
), before AS (
    SELECT handed_over_at IS NULL AS was_here FROM parcels WHERE parcel_no = %(parcel_no)s FOR UPDATE
)
UPDATE parcels SET
    state = %(state)s,
    last_event_at = greatest(last_event_at, heard.at),
    handed_over_at = CASE WHEN %(left)s THEN coalesce(handed_over_at, %(at)s) ELSE handed_over_at END,
    signed_at = CASE WHEN %(signed)s THEN coalesce(signed_at, %(at)s) ELSE signed_at END
FROM heard, before WHERE parcel_no = %(parcel_no)s
RETURNING (before.was_here AND handed_over_at IS NOT NULL) AS has_left
"""
