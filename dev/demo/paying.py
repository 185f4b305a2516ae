"""The ways to pay, and not to pay (R3, R4)."""

from __future__ import annotations

from dev.catalogue import BOOK, LAMP, OOLONG, PUER, RICE, SCARF
from dev.demo.acts import goes_home, is_declined_first, passes, pays, pays_at_shopify, until
from dev.demo.canonical import Basket, Wanted
from dev.demo.placing import at_our_shop, at_shopify, one
from dev.demo.scenario import ARCHIVED_FREE, ARCHIVED_PAID, CANCELLED_UNPAID, Scenario
from domain.deadlines import DeadlineId
from domain.order_status import OrderStatus

SCENARIOS = (
    Scenario(
        "paid-online", "site", "declined once, paid online, signed, return window over",
        at_our_shop(one(OOLONG, 2)), (is_declined_first, pays(), goes_home), ARCHIVED_PAID,
    ),
    Scenario(
        "shopify-prepaid", "shopify", "a Shopify order that comes paid",
        at_shopify(one(SCARF)), (goes_home,), ARCHIVED_PAID,
    ),
    Scenario(
        "shopify-paid-later", "shopify", "Shopify: created, then paid",
        at_shopify(one(PUER), paid=False), (until(OrderStatus.AWAITING_PAYMENT), pays_at_shopify, goes_home),
        ARCHIVED_PAID,
    ),
    Scenario(
        "cash-on-delivery", "app", "cash on delivery, collected at the door",
        at_our_shop(Basket((Wanted(RICE, 2),), cash_on_delivery=True)), (goes_home,), ARCHIVED_PAID,
    ),
    Scenario(
        "voucher", "site", "a voucher pays for everything: nothing is due",
        at_our_shop(Basket((Wanted(BOOK),), shipping=0, voucher=BOOK.price)), (goes_home,), ARCHIVED_FREE,
    ),
    Scenario(
        "never-paid", "app", "not paid for 24 h: cancelled, payment closed (T1)",
        at_our_shop(one(LAMP)), (passes(DeadlineId.T1, "cancelled"),), CANCELLED_UNPAID,
    ),
    Scenario(
        "notice-lost", "site", "paid, but the notice was lost: found when T1 closes the payment",
        at_our_shop(one(LAMP)),
        (
            until(OrderStatus.AWAITING_PAYMENT), pays(notices=0), passes(DeadlineId.T1, "payment_captured"), goes_home,
        ),
        ARCHIVED_PAID,
    ),
)  # fmt: skip
