"""How an order shows in Temporal's lists from its first moment: search attributes given at its start.

They spare the order an event of its own; a starter that gives none costs one event more.
"""

from __future__ import annotations

from datetime import datetime

from temporalio.common import SearchAttributePair, TypedSearchAttributes

from domain.money import PaymentMethod
from domain.order_status import OrderStatus
from domain.waits import WAITS, clocks_of
from models.order import PlaceOrder
from models.temporal_names import DUE_AT, ORDER_CHANNEL, ORDER_STATUS, RISK_LEVEL, WAITING_FOR


def search_attributes(order: PlaceOrder, now: datetime) -> TypedSearchAttributes:
    """What an order waiting for its payment shows; ``now`` is the moment of the start (UTC)."""
    status = OrderStatus.AWAITING_PAYMENT
    pairs = [
        SearchAttributePair(ORDER_STATUS, str(status)),
        SearchAttributePair(ORDER_CHANNEL, order.channel),
        SearchAttributePair(WAITING_FOR, WAITS[status].what),
        SearchAttributePair(RISK_LEVEL, "none"),
    ]
    due = first_due(order, now)
    return TypedSearchAttributes(pairs if due is None else [*pairs, SearchAttributePair(DUE_AT, due)])


def first_due(order: PlaceOrder, now: datetime) -> datetime | None:
    """When the first deadline falls for an order that starts now: T1 or T2P, or none (R3, R4, R28)."""
    payment_due = order.payment_method is PaymentMethod.ONLINE and order.total > 0
    policy = order.policy.deadlines()
    clocks = clocks_of(OrderStatus.AWAITING_PAYMENT, payment_due=payment_due, promotion=order.promotion)
    return min((policy.due(clock, now) for clock in clocks), default=None)
