"""The programme: every sample order, and how it must end."""

from __future__ import annotations

from dataclasses import replace

from dev.demo import after_sale, cancelling, paying, promotion, reviewing, shipping
from dev.demo.scenario import Scenario

PROGRAMME: tuple[Scenario, ...] = tuple(
    replace(scenario, number=number)
    for number, scenario in enumerate(
        (
            *paying.SCENARIOS,
            *promotion.SCENARIOS,
            *reviewing.SCENARIOS,
            *cancelling.SCENARIOS,
            *shipping.SCENARIOS,
            *after_sale.SCENARIOS,
        ),
        start=1,
    )
)
