"""What the board counts (R33): the steps of the way, which time is the shop's own, when a parcel is on time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from domain.order_status import OrderStatus

_S = OrderStatus


@dataclass(frozen=True)
class Step:
    """A step of the way of an order that goes well, and the statuses in which it has been taken."""

    code: str
    chinese: str
    english: str
    statuses: frozenset[OrderStatus]


WAY: Sequence[Step] = (
    Step("placed", "已下單", "placed", frozenset({_S.AWAITING_PAYMENT})),
    # Paid, or to be paid at the door.
    Step("cleared", "款項確認", "payment settled", frozenset({_S.PAID, _S.MANUAL_REVIEW})),
    Step("approved", "審核通過", "approved", frozenset({_S.APPROVED, _S.PICKING})),
    Step("packed", "已打包", "packed", frozenset({_S.PACKED, _S.PARTLY_SHIPPED})),
    Step("shipped", "已發貨", "shipped", frozenset({_S.SHIPPED, _S.PARTLY_SIGNED})),
    Step("signed", "已簽收", "signed", frozenset({_S.SIGNED})),
    Step("archived", "已歸檔", "archived", frozenset({_S.ARCHIVED})),
)
"""In order; an order that took a step has taken all before it."""

SHOPS_OWN = frozenset({_S.PAID, _S.MANUAL_REVIEW, _S.SHORTAGE, _S.APPROVED, _S.PICKING, _S.PACKED})
"""Statuses in which an order waits for the shop itself: among these is the bottleneck."""

ON_TIME: Mapping[str, timedelta] = MappingProxyType(
    {"same_day": timedelta(hours=24), "express": timedelta(hours=48), "standard": timedelta(hours=120)}
)
"""From hand-over to signature, by the promised speed."""

LONGEST = timedelta(days=92)
"""What one look at the board spans at most."""

_BY_THE_HOUR = timedelta(hours=72)


def stage(status: OrderStatus) -> int:
    """Which step of the way the status is, from 1; 0 where it is none."""
    return next((number for number, step in enumerate(WAY, 1) if status in step.statuses), 0)


def bucket(span: timedelta) -> str:
    """``hour`` for a few days, ``day`` for more: what a chart can show."""
    return "hour" if span <= _BY_THE_HOUR else "day"


def bottleneck(mean_seconds: Mapping[str, float]) -> str | None:
    """The shop's own status in which orders stay longest on average; None while none was left."""
    own = {status: mean for status, mean in mean_seconds.items() if status in SHOPS_OWN}
    return max(own, key=lambda status: own[status]) if own else None


def share(part: int, whole: int) -> float | None:
    """``part`` of ``whole``, to four places; None of nothing."""
    return round(part / whole, 4) if whole else None
