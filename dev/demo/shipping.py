"""In the warehouse and on the road (R8–R14)."""

from __future__ import annotations

from dev.catalogue import CUP, OOLONG, POT
from dev.demo.acts import goes_home, is_packed, pays, reserves
from dev.demo.canonical import Basket, Wanted
from dev.demo.placing import at_our_shop
from dev.demo.scenario import ARCHIVED_PAID, Scenario

SCENARIOS = (
    Scenario(
        "two-lines", "site", "two lines of one SKU: their stock adds up",
        at_our_shop(Basket((Wanted(OOLONG, 2), Wanted(OOLONG, 3, discount=1_000)))),
        (reserves(OOLONG, 5), pays(), goes_home), ARCHIVED_PAID,
    ),
    Scenario(
        "fragile", "app", "fragile goods are packed reinforced",
        at_our_shop(Basket((Wanted(CUP, 4), Wanted(POT)))),
        (pays(), is_packed("reinforced"), goes_home), ARCHIVED_PAID,
    ),
)  # fmt: skip
