"""The review: rules first; where they doubt, a person decides, never a clock (R6, R7)."""

from __future__ import annotations

from dev.catalogue import BLACKLISTED_ACCOUNT, INKSTONE, OOLONG, POT, SCARF, SCROLL
from dev.demo.acts import (
    asks,
    corrects_address,
    cue,
    decides,
    goes_home,
    is_approved_by_signal,
    is_one_order,
    is_refused,
    on_cue,
    passes,
    pays,
    tries,
    until,
    until_act,
)
from dev.demo.desk import OPERATIONS, REVIEWER, SECOND_REVIEWER
from dev.demo.placing import at_our_shop, at_shopify, one
from dev.demo.scenario import ARCHIVED_PAID, INTERCEPTED_REFUNDED, INTERCEPTED_UNPAID, REJECTED_REFUNDED, Scenario
from domain.deadlines import DeadlineId
from domain.order_status import OrderStatus

IN_REVIEW = until(OrderStatus.MANUAL_REVIEW)
COLLEAGUE_IS_REFUSED = is_refused(tries("review", SECOND_REVIEWER, decision="approve"), 409)
INCOMPLETE_IS_REFUSED = is_refused(tries("review", REVIEWER, decision="approve"), 422)
PAID_AND_IN_REVIEW = (pays(), IN_REVIEW)

SCENARIOS = (
    Scenario(
        "review-approved", "site", "stock below its threshold: claimed and approved by a reviewer",
        at_our_shop(one(SCROLL)),
        (*PAID_AND_IN_REVIEW, decides("claim"), decides("approve", reason="stock_checked"), goes_home), ARCHIVED_PAID,
    ),
    Scenario(
        "review-overdue", "app", "nobody decides: reminded (T2), escalated (T3), approved by operations",
        at_our_shop(one(SCROLL)),
        (
            *PAID_AND_IN_REVIEW, passes(DeadlineId.T2, "review_reminded"), passes(DeadlineId.T3, "review_escalated"),
            decides("approve", OPERATIONS, "escalated"), goes_home,
        ),
        ARCHIVED_PAID,
    ),
    Scenario(
        "review-rejected", "site", "rejected by a reviewer: the money goes back",
        at_our_shop(one(SCROLL)), (*PAID_AND_IN_REVIEW, decides("reject", reason="reseller")), REJECTED_REFUNDED,
    ),
    Scenario(
        "review-by-signal", "app", "approved past the API, by a plain Temporal signal",
        at_our_shop(one(SCROLL)), (*PAID_AND_IN_REVIEW, is_approved_by_signal, goes_home), ARCHIVED_PAID,
    ),
    Scenario(
        "review-changes-hands", "site", "claimed, given to a colleague, held by operations, released, approved",
        at_our_shop(one(SCROLL)),
        (
            *PAID_AND_IN_REVIEW, decides("claim"), COLLEAGUE_IS_REFUSED,
            decides("release"), decides("claim", SECOND_REVIEWER), asks("hold", OPERATIONS, reason="power_cut"),
            decides("approve", SECOND_REVIEWER), until(OrderStatus.APPROVED),
            asks("release", OPERATIONS, reason="power_is_back"), goes_home,
        ),
        ARCHIVED_PAID,
    ),
    Scenario(
        "blacklisted", "site", "the account is on the blacklist: intercepted, the money goes back",
        at_our_shop(one(SCARF), account=BLACKLISTED_ACCOUNT), (pays(),), INTERCEPTED_REFUNDED,
    ),
    Scenario(
        "last-piece", "app", "takes the last piece of a SKU",
        at_our_shop(one(INKSTONE)), (until_act("order_recorded"), cue("inkstone taken"), pays(), goes_home),
        ARCHIVED_PAID,
    ),
    Scenario(
        "oversold", "site", "wants the same last piece: intercepted, nobody is asked to pay",
        on_cue("inkstone taken", at_our_shop(one(INKSTONE))), (), INTERCEPTED_UNPAID,
    ),
    Scenario(
        "no-address", "shopify", "Shopify sends no address: waits until it is corrected, then approved",
        at_shopify(one(OOLONG), with_address=False),
        (
            IN_REVIEW, INCOMPLETE_IS_REFUSED, corrects_address,
            decides("approve", REVIEWER, "address_corrected"), goes_home,
        ),
        ARCHIVED_PAID,
    ),
    Scenario(
        "ten-at-once", "shopify", "the same Shopify message ten times at once: one order",
        at_shopify(one(POT), webhooks=10), (goes_home, is_one_order), ARCHIVED_PAID,
    ),
)  # fmt: skip
