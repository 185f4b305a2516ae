"""The statuses of an order and the table of moves between them.

Only :func:`advance` moves an order. The table is the whole truth: a move that is
not in it does not happen, whoever asks (R22's forced adjustment goes past it by
name, with two persons and a trace).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from domain.errors import IllegalMove


class OrderStatus(StrEnum):
    """Where an order stands; the value is what the API, events and rows carry."""

    AWAITING_PAYMENT = "awaiting_payment"
    PAID = "paid"
    MANUAL_REVIEW = "manual_review"
    INTERCEPTED = "intercepted"
    REJECTED = "rejected"
    SHORTAGE = "shortage"
    APPROVED = "approved"
    PICKING = "picking"
    PACKED = "packed"
    PARTLY_SHIPPED = "partly_shipped"
    SHIPPED = "shipped"
    PARTLY_SIGNED = "partly_signed"
    SIGNED = "signed"
    CANCELLED = "cancelled"
    ARCHIVED = "archived"


_S = OrderStatus

CHINESE: Mapping[OrderStatus, str] = MappingProxyType(
    {
        _S.AWAITING_PAYMENT: "待付款",
        _S.PAID: "已付款",
        _S.MANUAL_REVIEW: "待人工審核",
        _S.INTERCEPTED: "已攔截",
        _S.REJECTED: "審核未通過",
        _S.SHORTAGE: "缺貨待處理",
        _S.APPROVED: "待配貨",
        _S.PICKING: "配貨中",
        _S.PACKED: "待發貨",
        _S.PARTLY_SHIPPED: "部分發貨",
        _S.SHIPPED: "已發貨",
        _S.PARTLY_SIGNED: "部分簽收",
        _S.SIGNED: "已簽收",
        _S.CANCELLED: "已取消",
        _S.ARCHIVED: "已歸檔",
    }
)

# A cash-on-delivery order leaves "awaiting payment" without being paid: the carrier
# collects at the door (R4, R14). That is why review can follow it directly.
NEXT: Mapping[OrderStatus, frozenset[OrderStatus]] = MappingProxyType(
    {
        _S.AWAITING_PAYMENT: frozenset({_S.PAID, _S.MANUAL_REVIEW, _S.APPROVED, _S.INTERCEPTED, _S.CANCELLED}),
        _S.PAID: frozenset({_S.MANUAL_REVIEW, _S.APPROVED, _S.INTERCEPTED, _S.SHORTAGE, _S.CANCELLED}),
        _S.MANUAL_REVIEW: frozenset({_S.APPROVED, _S.REJECTED, _S.SHORTAGE, _S.CANCELLED}),
        _S.SHORTAGE: frozenset({_S.PAID, _S.APPROVED, _S.CANCELLED}),
        _S.APPROVED: frozenset({_S.PICKING, _S.SHORTAGE, _S.CANCELLED}),
        _S.PICKING: frozenset({_S.PACKED, _S.SHORTAGE, _S.CANCELLED}),
        _S.PACKED: frozenset({_S.PARTLY_SHIPPED, _S.SHIPPED, _S.CANCELLED}),
        _S.PARTLY_SHIPPED: frozenset({_S.SHIPPED}),
        _S.SHIPPED: frozenset({_S.PARTLY_SIGNED, _S.SIGNED}),
        _S.PARTLY_SIGNED: frozenset({_S.SIGNED}),
        _S.SIGNED: frozenset({_S.ARCHIVED}),
        _S.INTERCEPTED: frozenset(),
        _S.REJECTED: frozenset(),
        _S.CANCELLED: frozenset(),
        _S.ARCHIVED: frozenset(),
    }
)

ENDED = frozenset(status for status, following in NEXT.items() if not following)
"""Statuses after which the order's workflow completes."""

BEFORE_HAND_OVER = frozenset(
    {_S.AWAITING_PAYMENT, _S.PAID, _S.MANUAL_REVIEW, _S.SHORTAGE, _S.APPROVED, _S.PICKING, _S.PACKED}
)
"""Statuses in which the buyer may still cancel: nothing has left the house."""


def advance(state: OrderStatus, target: OrderStatus) -> OrderStatus:
    """Return ``target`` if the table allows the move, else raise :class:`IllegalMove`."""
    if target not in NEXT[state]:
        raise IllegalMove(state, target)
    return target


def both_names(status: OrderStatus) -> str:
    """``待付款 awaiting payment``: statuses are always shown in both languages."""
    return f"{CHINESE[status]} {status.replace('_', ' ')}"
