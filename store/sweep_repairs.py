"""Repairs: each makes one record say what the other records prove, and nothing more (accident 9).

A mend runs under the locks of what it mends: the order's audit chain, which every step of
the order takes too, or the row of the stock counter. Under the lock it looks again, mends,
looks once more, and only then goes on record with its reason (R23). A nudge lets something
be tried again at once that is harmless to repeat; the next sweep says whether it helped.

StoreError
├── UnknownDifference    there is no open difference of that number
├── NoSafeRepair         this kind needs a person's decision; the suggestion says which
├── NoLongerDiffers      it was gone when the repair began
└── RepairDidNotHelp     nothing was changed; the difference stays open
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

import psycopg
from temporalio.client import Client

from domain.sweep import MEANINGS, Difference, Repair
from models.base import Actor
from runtime.crypto import Vault
from store import audit, forwarding, notices, payments, stock, stock_out, sweep
from store.errors import StoreError
from store.pool import Connection, Pool, Row


class NoSafeRepair(StoreError):
    """A person has to decide; the text says what to do."""

    def __init__(self, kind: Difference) -> None:
        super().__init__(f"{kind} has no safe repair: {MEANINGS[kind].suggestion}")


class NoLongerDiffers(StoreError):
    """The records agree by now; the next sweep closes the difference."""

    def __init__(self, number: int) -> None:
        super().__init__(f"difference {number} is gone already; run the sweep again")


class RepairDidNotHelp(StoreError):
    """The records still disagree, or the database forbids the repair; nothing was changed."""

    def __init__(self, number: int, repair: Repair) -> None:
        super().__init__(f"{repair} cannot mend difference {number}; nothing was changed")


@dataclass(frozen=True)
class Order:
    """Who repairs which difference, why and when."""

    number: int
    by: Actor
    why: str
    at: datetime


@dataclass(frozen=True)
class Bench:
    """What repairs work with; ``client`` is needed by those that forward."""

    pool: Pool
    client: Client
    vault: Vault


Act = Callable[[Connection, Row, datetime, str], Awaitable[None]]
"""(connection, difference, when, key of the effect)."""


async def repair(bench: Bench, order: Order) -> Repair:
    """Repair one open difference, or raise why not; returns which repair was done."""
    async with bench.pool.connection() as conn:
        row = await sweep.open_difference(conn, order.number)
        chosen = MEANINGS[Difference(row["kind"])].repair
        if chosen is None:
            raise NoSafeRepair(Difference(row["kind"]))
        await _lock(conn, row)
        await _do(conn, row, chosen, order)
        await sweep.record(conn, row, "repaired", by=order.by, why=order.why, at=order.at, details={"repair": chosen})
        await sweep.resolve(conn, order.number, "repaired", by=order.by, why=order.why, at=order.at)
    if chosen is Repair.FORWARD_AGAIN:
        # What does not reach its order now is due in the inbox, and the Schedule tries on.
        await forwarding.forward(bench.client, bench.pool, bench.vault, row["about"]["message_id"])
    return chosen


async def _do(conn: Connection, row: Row, chosen: Repair, order: Order) -> None:
    if not await _differs(conn, row, order.at):
        raise NoLongerDiffers(order.number)
    if chosen in NUDGES:
        await NUDGES[chosen](conn, row, order.at, "")
        return
    try:
        await MENDS[chosen](conn, row, order.at, f"sweep:{row['id']}")
    except psycopg.errors.CheckViolation as error:
        raise RepairDidNotHelp(order.number, chosen) from error
    if await _differs(conn, row, order.at):
        raise RepairDidNotHelp(order.number, chosen)


async def _differs(conn: Connection, row: Row, at: datetime) -> bool:
    # Under the lock nothing is in motion, so nobody is given any grace.
    return bool(await sweep.look(conn, Difference(row["kind"]), at, at, subject=row["subject"]))


async def _lock(conn: Connection, row: Row) -> None:
    """Whoever changes the same thing waits: an order's steps take its chain, reservations take the counter."""
    await audit.lock(conn, sweep.subject_of(row))
    if "sku" in row["about"]:
        await conn.execute(
            "SELECT FROM stock_items WHERE warehouse = %(warehouse)s AND sku = %(sku)s FOR UPDATE", row["about"]
        )


async def _release_held(conn: Connection, row: Row, at: datetime, key: str) -> None:
    await stock.release(conn, row["order_no"], at, key, "reconciled")


async def _book_shipment(conn: Connection, row: Row, at: datetime, _key: str) -> None:
    await stock_out.ship(conn, row["about"]["parcel_no"], at)


async def _recount_reserved(conn: Connection, row: Row, at: datetime, key: str) -> None:
    """The counter follows what orders hold, and the ledger keeps its balance with it."""
    await conn.execute(_FOLLOW_RESERVATIONS, row["about"])
    await conn.execute(_BALANCE, {**row["about"], "at": at, "key": key, "on_hand": False})


async def _explain_counter(conn: Connection, row: Row, at: datetime, key: str) -> None:
    """A person found the counter right: the ledger says so from now on. Never so against what orders hold."""
    await conn.execute(_BALANCE, {**row["about"], "at": at, "key": key, "on_hand": True})


async def _recount_money(conn: Connection, row: Row, _at: datetime, _key: str) -> None:
    await payments.count_again(conn, row["order_no"])


async def _forward_again(conn: Connection, row: Row, at: datetime, _key: str) -> None:
    await conn.execute(
        "UPDATE inbox SET state = 'received', parked_at = NULL, next_attempt_at = %s"
        " WHERE message_id = %s AND state <> 'refused'",
        (at, row["about"]["message_id"]),
    )


async def _tell_again(conn: Connection, row: Row, _at: datetime, _key: str) -> None:
    await conn.execute(notices.DUE_AT_ONCE, {"order_no": row["order_no"], "listen": notices.LISTEN})


MENDS: Mapping[Repair, Act] = MappingProxyType(
    {
        Repair.RELEASE_HELD: _release_held,
        Repair.BOOK_SHIPMENT: _book_shipment,
        Repair.RECOUNT_RESERVED: _recount_reserved,
        Repair.EXPLAIN_COUNTER: _explain_counter,
        Repair.RECOUNT_MONEY: _recount_money,
    }
)
NUDGES: Mapping[Repair, Act] = MappingProxyType({Repair.FORWARD_AGAIN: _forward_again, Repair.TELL_AGAIN: _tell_again})

_FOLLOW_RESERVATIONS = """
UPDATE stock_items s SET reserved = (
    SELECT coalesce(sum(quantity), 0) FROM reservations r
    WHERE (r.warehouse, r.sku, r.state) = (s.warehouse, s.sku, 'held')
) WHERE warehouse = %(warehouse)s AND sku = %(sku)s
"""

# One row brings the ledger's sums to what orders hold, and to the counter's pieces on hand if asked.
_BALANCE = """
INSERT INTO stock_ledger (warehouse, sku, on_hand_delta, reserved_delta, key, at, why)
SELECT s.warehouse, s.sku, d.on_hand, d.reserved, %(key)s, %(at)s, 'reconciled'
FROM stock_items s CROSS JOIN LATERAL (
    SELECT
        CASE WHEN %(on_hand)s THEN s.on_hand - coalesce(sum(on_hand_delta), 0) ELSE 0 END AS on_hand,
        (
            SELECT coalesce(sum(quantity), 0) FROM reservations r
            WHERE (r.warehouse, r.sku, r.state) = (s.warehouse, s.sku, 'held')
        ) - coalesce(sum(reserved_delta), 0) AS reserved
    FROM stock_ledger k WHERE (k.warehouse, k.sku) = (s.warehouse, s.sku)
) d
WHERE s.warehouse = %(warehouse)s AND s.sku = %(sku)s AND (d.on_hand, d.reserved) <> (0, 0)
"""
