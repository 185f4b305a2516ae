"""Cancelled before hand-over, by the buyer or by the channel; the money always goes back (R3)."""

from __future__ import annotations

from dev.catalogue import BOOK, CARPET, PUER
from dev.demo.acts import cancels, is_cancelled_by_shopify, pays, until
from dev.demo.placing import at_our_shop, at_shopify, one
from dev.demo.scenario import CANCELLED_REFUNDED, CANCELLED_UNPAID, Scenario
from domain.order_status import OrderStatus

UNPAID = until(OrderStatus.AWAITING_PAYMENT)

SCENARIOS = (
    Scenario(
        "cancelled-unpaid", "app", "cancelled before paying: the payment is closed",
        at_our_shop(one(BOOK)), (UNPAID, cancels()), CANCELLED_UNPAID,
    ),
    Scenario(
        "cancelled-in-picking", "site", "cancelled while it waits to be picked: the money goes back",
        at_our_shop(one(CARPET)), (pays(), until(OrderStatus.PICKING), cancels()), CANCELLED_REFUNDED,
    ),
    Scenario(
        "paid-too-late", "app", "the payment lands after the cancellation: it goes back",
        # The shop was never told which payment to expect, so cancelling could not close it.
        at_our_shop(one(PUER), reference=False),
        (UNPAID, cancels(), until(OrderStatus.CANCELLED), pays()), CANCELLED_REFUNDED,
    ),
    Scenario(
        "shopify-cancelled", "shopify", "Shopify cancels and refunds by itself: not refunded twice",
        at_shopify(one(CARPET)), (until(OrderStatus.PICKING), is_cancelled_by_shopify), CANCELLED_REFUNDED,
    ),
)  # fmt: skip
