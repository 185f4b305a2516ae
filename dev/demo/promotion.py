"""Promotions: the goods are held for T2P only, the order stays payable until T1 (R28)."""

from __future__ import annotations

from dev.catalogue import FAN, MOONCAKE
from dev.demo.acts import cancels, cue, goes_home, on_cue, passes, pays, until, until_act
from dev.demo.canonical import Basket, Wanted
from dev.demo.placing import at_our_shop
from dev.demo.scenario import ARCHIVED_PAID, CANCELLED_REFUNDED, Scenario
from domain.deadlines import DeadlineId
from domain.order_status import OrderStatus

HOLD_ENDED = "promotion_hold_ended"

SCENARIOS = (
    Scenario(
        "promotion-too-late", "app", "promotion: hold over (T2P), the last piece went to another, then paid",
        at_our_shop(Basket((Wanted(FAN),), promotion=True)),
        (
            passes(DeadlineId.T2P, HOLD_ENDED), cue("fan free"),
            on_cue("fan taken", pays()), until(OrderStatus.SHORTAGE), cancels(reason="buyer_takes_money_back"),
        ),
        CANCELLED_REFUNDED,
    ),
    Scenario(
        "promotion-in-time", "site", "promotion: paid while the goods are held",
        on_cue("fan free", at_our_shop(Basket((Wanted(FAN),), promotion=True))),
        (until_act("order_recorded"), cue("fan taken"), pays(), goes_home), ARCHIVED_PAID,
    ),
    Scenario(
        "promotion-late", "app", "promotion: hold over (T2P), paid while some are left",
        at_our_shop(Basket((Wanted(MOONCAKE),), promotion=True)),
        (passes(DeadlineId.T2P, HOLD_ENDED), pays(), goes_home), ARCHIVED_PAID,
    ),
)  # fmt: skip
