"""Lists of orders: filtered, in keyset pages, counted as far as counting is cheap (accident 10).

A page begins after the last key of the page before, so the thousandth costs what the first
did. Statements are planned anew with their values: a plan for any status is wrong for a rare one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from store.pool import Connection, Pool, Row
from store.scopes import GOODS_WITHIN

COUNTED_TO = 10_000
"""Up to so many a count is exact; beyond it says "more than"."""
_EXPORT_PAGE = 1_000

Key = tuple[datetime, str]


class Sort(StrEnum):
    """``due``: the first due first, and only orders that have a clock. The others: the newest first."""

    RECORDED = "recorded"
    PLACED = "placed"
    DUE = "due"


@dataclass(frozen=True)
class OrderFilter:
    """None asks for all; instants are absolute. ``placed_to`` and ``due_before`` are exclusive.

    ``channels`` and ``warehouses`` are those the asker is confined to.
    """

    status: str | None = None
    channel: str | None = None
    channels: tuple[str, ...] | None = None
    warehouses: tuple[str, ...] | None = None
    waiting_for: str | None = None
    risk: str | None = None
    warehouse: str | None = None
    due_before: datetime | None = None
    placed_from: datetime | None = None
    placed_to: datetime | None = None
    held: bool | None = None
    has_case: bool | None = None


@dataclass(frozen=True)
class Counted:
    """``exact`` is False when there are more than ``number``."""

    number: int
    exact: bool


async def page(conn: Connection, wanted: OrderFilter, sort: Sort, *, after: Key | None, limit: int) -> list[Row]:
    """Orders after the key (the sort's instant, order_no) of the last page's last row, with their sums of money."""
    conditions, values = _asked(wanted)
    column, direction, beyond = _SORTS[sort]
    if sort is Sort.DUE:
        conditions.append("o.due_at IS NOT NULL")
    if after is not None:
        conditions.append(f"(o.{column}, o.order_no) {beyond} (%(after_at)s, %(after_no)s)")
        values |= {"after_at": after[0], "after_no": after[1]}
    order = f"o.{column} {direction}, o.order_no {direction}"
    query = _PAGE.format(where=_where(conditions), order=order)
    cursor = await conn.execute(query.encode(), {**values, "limit": limit}, prepare=False)
    return await cursor.fetchall()


def key_of(row: Row, sort: Sort) -> Key:
    """Where the page goes on after this row."""
    return row[_SORTS[sort][0]], row["order_no"]


async def count(conn: Connection, wanted: OrderFilter, *, up_to: int = COUNTED_TO) -> Counted:
    """How many orders; never looks at more than ``up_to`` + 1 of them."""
    conditions, values = _asked(wanted)
    query = f"SELECT count(*) AS number FROM (SELECT FROM orders o {_where(conditions)} LIMIT %(limit)s) counted"
    cursor = await conn.execute(query.encode(), {**values, "limit": up_to + 1}, prepare=False)
    row = await cursor.fetchone()
    assert row is not None
    return Counted(min(row["number"], up_to), row["number"] <= up_to)


async def every(pool: Pool, wanted: OrderFilter, sort: Sort) -> AsyncIterator[list[Row]]:
    """All of them, page by page; no connection is kept while the reader is slow."""
    after: Key | None = None
    while True:
        async with pool.connection() as conn:
            rows = await page(conn, wanted, sort, after=after, limit=_EXPORT_PAGE)
        if rows:
            yield rows
        if len(rows) < _EXPORT_PAGE:
            return
        after = key_of(rows[-1], sort)


def _asked(wanted: OrderFilter) -> tuple[list[str], dict[str, object]]:
    values = {name: _plain(value) for name, value in vars(wanted).items() if value is not None}
    return [_condition(name, value) for name, value in values.items()], values


def _plain(value: object) -> object:
    """A tuple is a record to the database; what is meant is an array."""
    return list(value) if isinstance(value, tuple) else value


def _condition(name: str, value: object) -> str:
    if value is False:
        return f"NOT ({_CONDITIONS[name]})"
    # The index holds marked orders only; the planner takes it when the words say that these are meant.
    if name == "risk" and value != _UNMARKED:
        return f"{_CONDITIONS[name]} AND o.risk <> '{_UNMARKED}'"
    return _CONDITIONS[name]


def _where(conditions: list[str]) -> str:
    return f"WHERE {' AND '.join(conditions)}" if conditions else ""


_UNMARKED = "none"
_CONDITIONS: Mapping[str, str] = MappingProxyType(
    {
        "status": "o.status = %(status)s",
        "channel": "o.channel = %(channel)s",
        "channels": "o.channel = ANY(%(channels)s)",
        "warehouses": GOODS_WITHIN.format(row="o"),
        "waiting_for": "o.waiting_for = %(waiting_for)s",
        "risk": "o.risk = %(risk)s",
        "warehouse": "o.order_no IN (SELECT order_no FROM reservations WHERE warehouse = %(warehouse)s)",
        "due_before": "o.due_at < %(due_before)s",
        "placed_from": "o.placed_at >= %(placed_from)s",
        "placed_to": "o.placed_at < %(placed_to)s",
        "held": "o.held IS NOT NULL",
        "has_case": "EXISTS (SELECT FROM cases c WHERE c.order_no = o.order_no AND c.closed_at IS NULL)",
    }
)
_SORTS: Mapping[Sort, tuple[str, str, str]] = MappingProxyType(
    {
        Sort.RECORDED: ("recorded_at", "DESC", "<"),
        Sort.PLACED: ("placed_at", "DESC", "<"),
        Sort.DUE: ("due_at", "ASC", ">"),
    }
)
# The page is cut before its money is looked up, whatever the planner thinks of the join.
_PAGE = """
SELECT o.*, COALESCE(p.captured, 0) AS captured, COALESCE(p.refunded, 0) AS refunded
FROM (SELECT o.* FROM orders o {where} ORDER BY {order} LIMIT %(limit)s) o
LEFT JOIN payments p USING (order_no) ORDER BY {order}
"""
