"""What has just happened, for whoever watches: each entry of the record wakes the listeners (R23, R33).

The database tells of an entry when its transaction is committed, never before, and tells its id
only; what is shown is read then: the order, case or pick task as it stands. Of a list that is no part of
the record it tells the name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from store.pool import Connection, Row
from store.scopes import GOODS, WAREHOUSES_OF_CASE

MOST_MISSED = 1_000
"""Whoever has missed more entries than that reads the lists anew."""

# Numbers are given before the commit: an entry with a smaller number can be told of after one with a greater.
_OVERLAP_ENTRIES, _OVERLAP_S = 500, 10


@dataclass(frozen=True)
class Happening:
    """Something that listeners show, without a person (R21).

    ``kind`` is order, case or task, and ``data`` how it stands; or record, of an act that is about none of these:
    ``data`` then names its chain and nothing that was done. A list of that name, which is no part of the record,
    is told of alike.
    """

    kind: str
    data: dict[str, Any]
    place: Place | None = None

    @property
    def about(self) -> str:
        """What it is about: order, case, task, or the name of another part."""
        return str(self.data.get("about", self.kind))


@dataclass(frozen=True)
class Place:
    """Where an order or a case belongs: it is asked for, and told to nobody."""

    warehouses: frozenset[str]
    opened_by: str | None


async def of_entries(conn: Connection, ids: Sequence[int]) -> list[Happening]:
    """The orders, cases, tasks and other chains that these entries are about, each once, as they stand now."""
    told = [
        _placed(kind, row)
        for kind, query in (("order", _ORDERS), ("case", _CASES), ("task", _TASKS))
        for row in await _rows(conn, query, ids)
    ]
    return told + [Happening("record", row) for row in await _rows(conn, _OTHERS, ids)]


def of_part(name: str, at: datetime) -> Happening:
    """That a list of that name reads otherwise now, or more was done in that part of the record."""
    return Happening("record", {"about": name, "at": _text(at)})


def _placed(kind: str, row: Row) -> Happening:
    place = Place(frozenset(row.pop("warehouses")), row.pop("opened_by", None))
    return Happening(kind, row, place)


async def missed(conn: Connection, last_id: int) -> list[int] | None:
    """The entries since that id, with some that may have been heard; None when they are too many to tell."""
    cursor = await conn.execute(
        _SINCE, {"last": last_id, "overlap": _OVERLAP_ENTRIES, "seconds": _OVERLAP_S, "most": MOST_MISSED + 1}
    )
    ids = [int(row["id"]) for row in await cursor.fetchall()]
    return ids if len(ids) <= MOST_MISSED else None


async def newest(conn: Connection) -> int:
    """The id of the newest entry of the record; 0 when there is none."""
    cursor = await conn.execute("SELECT coalesce(max(id), 0) AS id FROM audit_entries")
    row = await cursor.fetchone()
    assert row is not None
    return int(row["id"])


async def _rows(conn: Connection, query: str, ids: Sequence[int]) -> list[Row]:
    cursor = await conn.execute(query.encode(), (list(ids),))
    return [{**row, "at": _text(row["at"])} for row in await cursor.fetchall()]


def _text(at: datetime) -> str:
    return at.isoformat()


_ORDERS = f"""
SELECT o.order_no, o.status, o.step_seq AS seq, o.updated_at AS at,
    ARRAY(SELECT warehouse FROM {GOODS} g WHERE g.order_no = o.order_no) AS warehouses FROM orders o
WHERE o.order_no IN (SELECT order_no FROM audit_entries WHERE id = ANY(%s)) ORDER BY o.order_no
"""
_CASES = f"""
SELECT case_no, kind, state, order_no, updated_at AS at, opened_by, {WAREHOUSES_OF_CASE} AS warehouses FROM cases
WHERE case_no IN (
    SELECT substr(subject, 6) FROM audit_entries WHERE id = ANY(%s) AND subject LIKE 'case:%%'
) ORDER BY case_no
"""
_TASKS = """
SELECT task_no, state, warehouse, order_no, updated_at AS at, ARRAY[warehouse] AS warehouses FROM pick_tasks
WHERE order_no IN (SELECT order_no FROM audit_entries WHERE id = ANY(%s)) ORDER BY task_no
"""
_OTHERS = """
SELECT split_part(subject, ':', 1) AS about, max(at) AS at FROM audit_entries
WHERE id = ANY(%s) AND order_no IS NULL AND subject NOT LIKE 'case:%%' GROUP BY 1 ORDER BY 1
"""
_SINCE = """
SELECT id FROM audit_entries
WHERE id > %(last)s OR (id > %(last)s - %(overlap)s AND wall_at > (
    SELECT wall_at FROM audit_entries WHERE id = %(last)s) - make_interval(secs => %(seconds)s))
ORDER BY id LIMIT %(most)s
"""
