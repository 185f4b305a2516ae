"""What a list of orders is asked for: the same filters for the page, the count and the export."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, cast

from fastapi import Depends, Query
from pydantic import AwareDatetime, StringConstraints

from api.auth import Staff, signed_in
from api.pages import cursor_of, key_of
from api.problems import Faulty
from domain.intake import Fault
from domain.order_status import OrderStatus
from store.order_lists import Key, OrderFilter, Sort
from store.order_lists import key_of as place_of
from store.pool import Row

Word = Annotated[str, StringConstraints(max_length=80, pattern=r"^[^\x00]*$")]
Moment = Annotated[AwareDatetime, Query(description="With its offset from UTC", examples=["2024-06-11T00:00:00+08:00"])]


def asked_for(
    by: Annotated[Staff, Depends(signed_in)],
    status: OrderStatus | None = None,
    channel: Annotated[str | None, Query(pattern=r"^[a-z0-9_]{1,20}$")] = None,
    waiting_for: Word | None = None,
    due_before: Annotated[Moment | None, Query(description="A clock falls before this instant")] = None,
    warehouse: Annotated[Word | None, Query(description="Goods were set aside there")] = None,
    risk: Annotated[Word | None, Query(examples=["review"])] = None,
    placed_from: Moment | None = None,
    placed_to: Annotated[Moment | None, Query(description="Exclusive")] = None,
    held: Annotated[bool | None, Query(description="Stopped by a person (R25)")] = None,
    has_case: Annotated[bool | None, Query(description="A case of the order is open")] = None,
) -> OrderFilter:
    """The filters of a request, within the channels and warehouses of whoever asks; all of them hold at once."""
    return OrderFilter(
        status=status, channel=channel, channels=_sorted(by.scope.channels),
        warehouses=_sorted(by.scope.warehouses), waiting_for=waiting_for, due_before=due_before, warehouse=warehouse,
        risk=risk, placed_from=placed_from, placed_to=placed_to, held=held, has_case=has_case,
    )  # fmt: skip


def _sorted(names: frozenset[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(sorted(names))


Asked = Annotated[OrderFilter, Depends(asked_for)]
_SORTS = (
    "`recorded`, `placed`: the newest first; `due`: the first due first, and only orders with a clock."
    " By default `recorded`, but `placed` where a range of it is asked for"
)


def sorted_by(
    wanted: Annotated[OrderFilter, Depends(asked_for)], sort: Annotated[Sort | None, Query(description=_SORTS)] = None
) -> Sort:
    """The order of the list. A range of placed times is read off the index by placed times, and stays quick."""
    ranged = wanted.placed_from is not None or wanted.placed_to is not None
    return sort or (Sort.PLACED if ranged else Sort.RECORDED)


SortedBy = Annotated[Sort, Depends(sorted_by)]


def after(cursor: str | None, sort: Sort) -> Key | None:
    """Where the page begins; raises :class:`Faulty` for a cursor of another order."""
    key = cast("tuple[str, datetime, str] | None", key_of(cursor, str, datetime, str))
    if key is None:
        return None
    if key[0] != sort:
        raise Faulty([Fault("query.cursor", "is not a cursor of this list in this order")])
    return key[1], key[2]


def following(rows: list[Row], limit: int, sort: Sort) -> str | None:
    """The cursor of the next page; None on the last. ``rows`` holds one more than a page if there is more."""
    return cursor_of(sort.value, *place_of(rows[limit - 1], sort)) if len(rows) > limit else None
