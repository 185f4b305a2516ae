"""Orders of the past, recorded as archived: no workflow, yet ledger and audit like any order's (decision 0009).

The file's rows wait in a table of the connection until all of them are read, since the rows
of one invoice may be scattered; memory holds one invoice at a time. What is recorded is
recorded in batches of one transaction each: a run that is killed leaves whole orders, and
the next run finds them there.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from psycopg.errors import LockNotAvailable
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Composed, Identifier

from domain.csv_orders import Reason, Refusal, Row, SoldOrder
from domain.money import PaymentMethod
from domain.order_status import OrderStatus
from models.base import Actor
from models.order import Policy, order_number
from runtime.crypto import Indexed, Vault
from store import audit, contacts
from store.pool import Connection

IMPORTED = "imported"
"""The act under which such an order stands in the record; its status before was none."""

_ONE_AT_A_TIME = 7_093_001
_STAGED_AT_ONCE = 50_000
# ASCII's own sign for it: a row that holds one in a cell has too many columns, and is refused.
_CELL_ENDS = "\x1f"
# Terms of an order placed under terms that nobody here has seen (R29).
_UNKNOWN_TERMS = Policy(terms_version="unknown")


class AnotherImport(Exception):
    """An import is under way on this database."""


@dataclass(frozen=True)
class Origin:
    """Where the orders come from: ``channel`` names them, ``at`` is the time of the import, ``by`` who runs it."""

    channel: str
    at: datetime
    by: Actor


@dataclass(frozen=True)
class Recorded:
    """What became of a batch: written now, there before, or refused."""

    new: int = 0
    known: int = 0
    refused: tuple[Refusal, ...] = ()


def unfit(order: SoldOrder, problem: str) -> Refusal:
    """An order that reads well and still cannot be taken; line 0 is the invoice as a whole."""
    return Refusal(order.channel_order_id, (Reason(0, "InvoiceNo", problem),))


DIFFERS = "is on record with another content: nothing was changed"


@dataclass
class Staged:
    """How much was staged."""

    rows: int = 0
    invoices: int = 0


async def begin(conn: Connection) -> None:
    """Open the transaction's table for rows; raises :class:`AnotherImport`."""
    await conn.execute("SET LOCAL statement_timeout = 0")
    await conn.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    await conn.execute("SET LOCAL lock_timeout = '5s'")
    await conn.execute("SET LOCAL work_mem = '64MB'")
    try:
        # A run that was killed holds the lock until the server has noticed.
        await conn.execute("SELECT pg_advisory_xact_lock(%s)", (_ONE_AT_A_TIME,))
    except LockNotAvailable:
        raise AnotherImport from None
    await conn.execute(
        'CREATE TEMP TABLE staged_rows (line bigint, invoice text COLLATE "C", cells text) ON COMMIT DROP'
    )


async def stage(conn: Connection, rows: Iterable[Row]) -> Staged:
    """Put every row aside; reads the rows once."""
    staged, remaining = Staged(), iter(rows)
    while chunk := list(islice(remaining, _STAGED_AT_ONCE)):
        written = ((row.line, _storable(row.invoice), _storable(_CELL_ENDS.join(row.values))) for row in chunk)
        await _copy(conn, "staged_rows", ("line", "invoice", "cells"), written)
        staged.rows += len(chunk)
    cursor = await conn.execute("SELECT count(DISTINCT invoice) AS invoices FROM staged_rows")
    counted = await cursor.fetchone()
    staged.invoices = counted["invoices"] if counted else 0
    return staged


async def invoices(conn: Connection) -> AsyncIterator[list[Row]]:
    """The rows of one invoice after the other, those of each in the order of the file."""
    async with conn.cursor("staged", row_factory=tuple_row) as found:
        found.itersize = 5_000
        await found.execute("SELECT line, invoice, cells FROM staged_rows ORDER BY invoice, line")
        current: str | None = None
        gathered: list[Row] = []
        async for line, invoice, cells in found:
            if invoice != current and gathered:
                yield gathered
                gathered = []
            current = invoice
            gathered.append(Row(line, tuple(cells.split(_CELL_ENDS))))
        if gathered:
            yield gathered


async def record(conn: Connection, vault: Vault, orders: Sequence[SoldOrder], origin: Origin) -> Recorded:
    """Record the orders that are not there yet, in one transaction; the same again changes nothing (R5)."""
    there = await _there(conn, orders, origin.channel)
    fresh, known, refused = [], 0, []
    for order in orders:
        if order.channel_order_id not in there:
            fresh.append(order)
        elif there[order.channel_order_id] == _essence(order):
            known += 1
        else:
            refused.append(unfit(order, DIFFERS))
    if fresh:
        await _write(conn, vault, fresh, origin)
    return Recorded(len(fresh), known, tuple(refused))


def _essence(order: SoldOrder) -> tuple[Any, ...]:
    return order.total, order.currency, order.placed_at, len(order.lines)


async def _there(conn: Connection, orders: Sequence[SoldOrder], channel: str) -> dict[str, tuple[Any, ...]]:
    cursor = await conn.execute(
        """SELECT o.channel_order_id, o.total, o.currency, o.placed_at, count(l.line_no) AS lines
           FROM orders o LEFT JOIN order_lines l USING (order_no)
           WHERE o.channel = %s AND o.channel_order_id = ANY(%s) GROUP BY o.order_no""",
        (channel, [order.channel_order_id for order in orders]),
    )
    return {
        row["channel_order_id"]: (row["total"], row["currency"], row["placed_at"], row["lines"])
        for row in await cursor.fetchall()
    }


async def _write(conn: Connection, vault: Vault, orders: Sequence[SoldOrder], origin: Origin) -> None:
    """Each table gets its rows in one stroke."""
    records = [_Record.of(order, vault, origin) for order in orders]
    for table, columns in _COLUMNS.items():
        await _copy(conn, table, columns, (row for record in records for row in record.rows[table]))


@dataclass
class _Record:
    """The rows of one order, by table."""

    order_no: str
    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)

    @classmethod
    def of(cls, order: SoldOrder, vault: Vault, origin: Origin) -> _Record:
        made = cls(order_number(origin.channel, order.channel_order_id))
        contact_id = contacts.new_contact_id()
        made.rows = {
            "contacts": [_contact(contact_id, order, vault, origin)],
            "orders": [made._order(order, contact_id, origin)],
            "order_lines": [
                (made.order_no, number, line.sku, line.title, line.quantity, line.unit_price, 0)
                for number, line in enumerate(order.lines, start=1)
            ],
            "payments": [(made.order_no, order.currency, order.total, 0, 0)],
            "payment_entries": made._payment(order, origin),
            **made._audit(order, origin),
        }
        return made

    def _order(self, order: SoldOrder, contact_id: str, origin: Origin) -> tuple[Any, ...]:
        # Recorded when it was placed: a list of the newest orders must not begin with those of years ago.
        return (
            self.order_no, origin.channel, order.channel_order_id, contact_id, str(OrderStatus.ARCHIVED),
            str(PaymentMethod.ONLINE), order.currency, 0, 0, 0, order.total, False, "standard", order.placed_at,
            _UNKNOWN_TERMS.model_dump_json(), _UNKNOWN_TERMS.terms_version, order.placed_at, order.placed_at, 0,
            "none", "", origin.at,
        )  # fmt: skip

    def _payment(self, order: SoldOrder, origin: Origin) -> list[tuple[Any, ...]]:
        """A sale in the books was paid: told again by its channel, it is the same payment (accident 5)."""
        if not order.total:
            return []
        key = f"captured:{origin.channel}:{order.channel_order_id}:{order.total}"
        told = (origin.channel, order.channel_order_id, key, order.placed_at)
        return [(self.order_no, "captured", order.total, order.currency, *told)]

    def _audit(self, order: SoldOrder, origin: Origin) -> dict[str, list[tuple[Any, ...]]]:
        """The first entry of the order's own chain (R23)."""
        subject = f"order:{self.order_no}"
        entry: dict[str, Any] = dict.fromkeys(_ENTRY) | {
            "subject": subject,
            "order_no": self.order_no,
            "chain_no": 1,
            "step_key": f"{subject}#{IMPORTED}",
            "at": origin.at,
            "wall_at": origin.at,
            "actor": origin.by.id,
            "role": origin.by.role,
            "act": IMPORTED,
            "after": str(OrderStatus.ARCHIVED),
            "why": "",
            "details": {"lines": len(order.lines), "total": order.total, "currency": order.currency},
        }
        head = audit.chain_hash(audit.GENESIS, entry)
        details = entry | {"details": json.dumps(entry["details"])}
        row = (*(details[name] for name in _ENTRY), audit.GENESIS, head)
        return {"audit_entries": [row], "audit_chains": [(subject, 1, head)]}


def _contact(contact_id: str, order: SoldOrder, vault: Vault, origin: Origin) -> tuple[Any, ...]:
    """A buyer known by an account alone, matched without being read (R27); the rest can be added later."""
    _, wrapped = vault.new_key(contact_id)
    account = vault.blind_index(Indexed.ACCOUNT, f"{origin.channel}:{order.account}")
    return contact_id, origin.channel, wrapped.wrapped, wrapped.version, account, order.country or None, origin.at


async def _copy(conn: Connection, table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    async with conn.cursor() as cursor, cursor.copy(_copy_into(table, columns)) as copy:
        for row in rows:
            await copy.write_row(row)


def _copy_into(table: str, columns: Sequence[str]) -> Composed:
    return SQL("COPY {} ({}) FROM STDIN").format(Identifier(table), SQL(", ").join(map(Identifier, columns)))


def _storable(text: str) -> str:
    """PostgreSQL has no text with a NUL in it."""
    return text.replace("\0", "\ufffd") if "\0" in text else text


_ENTRY = (
    "subject", "order_no", "chain_no", "step_key", "at", "wall_at", "actor", "role", "act", "before", "after",
    "why", "note_id", "details", "outcome", "request_id", "update_id",
)  # fmt: skip

_COLUMNS: dict[str, tuple[str, ...]] = {
    "contacts": (
        "contact_id", "channel", "wrapped_key", "key_version", "account_index", "country", "created_at",
    ),
    "orders": (
        "order_no", "channel", "channel_order_id", "contact_id", "status", "payment_method", "currency", "shipping",
        "tax", "discount", "total", "promotion", "promised_speed", "placed_at", "policy", "terms_version",
        "recorded_at", "updated_at", "step_seq", "risk", "waiting_for", "archived_at",
    ),
    "order_lines": ("order_no", "line_no", "sku", "title", "quantity", "unit_price", "discount"),
    "payments": ("order_no", "currency", "captured", "refunding", "refunded"),
    "payment_entries": ("order_no", "kind", "amount", "currency", "provider", "reference", "key", "at"),
    "audit_chains": ("subject", "length", "head"),
    "audit_entries": (*_ENTRY, "prev_hash", "hash"),
}  # fmt: skip
