"""Anything may happen to an order, whenever and however often: whatever becomes of it, the books agree (accident 9)."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar, cast

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from domain.case_shapes import CaseKind
from domain.money import PaymentMethod
from models.commands import Command
from models.news import CarrierState
from models.returns import Application
from tests.workflows.any_message import APPLIED, CASE_COMMANDS, OPENED_BY_HAND, ORDER_COMMANDS, any_of
from tests.workflows.one_life import Life
from tests.workflows.shop import ADDRESS, GOOD, Shop

T = TypeVar("T")

AT_MOST = 40
"""Real seconds for one thing to happen; an order that jams takes longer."""

DOUBTFUL = replace(GOOD, address=replace(ADDRESS, postcode="99"))
ONLINE: dict[str, Any] = {}
AT_THE_DOOR = {
    "payment_method": PaymentMethod.CASH_ON_DELIVERY, "payment_provider": None, "payment_reference": None,
}  # fmt: skip
KINDS_OF_ORDERS = [ONLINE, ONLINE, {"person": DOUBTFUL}, {"promotion": True}, AT_THE_DOOR]


class RandomLife(RuleBasedStateMachine):
    """Hypothesis chooses what happens; the shop lives in the event loop of the test."""

    def __init__(self, shop: Shop, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self.shop, self.loop = shop, loop
        self.life: Life | None = None

    def happens(self, act: Coroutine[Any, Any, T]) -> T:
        """Have it happen in the shop, and wait until it has."""
        try:
            return self.in_the_shop(asyncio.wait_for(act, AT_MOST))
        except TimeoutError:
            jam = self.in_the_shop(self.life.jam()) if self.life else "no order was recorded"
            raise AssertionError(f"not within {AT_MOST} s: {jam}") from None

    def in_the_shop(self, act: Coroutine[Any, Any, T]) -> T:
        """In the event loop of the test."""
        return asyncio.run_coroutine_threadsafe(act, self.loop).result()

    @property
    def lived(self) -> Life:
        """The order."""
        assert self.life is not None
        return self.life

    @initialize(shelf=st.sampled_from([5, 5, 5, 2, 1]), terms=st.sampled_from(KINDS_OF_ORDERS))
    def placed(self, shelf: int, terms: dict[str, Any]) -> None:
        self.life = self.happens(Life.begun(self.shop, shelf, **terms))

    @rule(steps=st.integers(1, 6))
    def goes_well(self, steps: int) -> None:
        for _ in range(steps):
            self.happens(self.lived.goes_well())

    @rule(asked=any_of(ORDER_COMMANDS), by_signal=st.booleans())
    def somebody_asks(self, asked: tuple[str, Command], by_signal: bool) -> None:
        self.happens(self.lived.ask(*asked, by_signal=by_signal))

    @rule(asked=any_of(ORDER_COMMANDS), other=any_of(ORDER_COMMANDS))
    def two_ask_at_once(self, asked: tuple[str, Command], other: tuple[str, Command]) -> None:
        both = [self.lived.ask(*one, by_signal=False) for one in (asked, other)]

        async def at_once() -> None:
            await asyncio.gather(*both)

        self.happens(at_once())

    @rule(times=st.integers(1, 3))
    def the_buyer_pays(self, times: int) -> None:
        self.happens(self.lived.paid(times))

    @rule()
    def the_warehouse_packs(self) -> None:
        self.happens(self.lived.packed())

    @rule(state=st.sampled_from(CarrierState))
    def the_carrier_says(self, state: CarrierState) -> None:
        self.happens(self.lived.carried(state))

    @rule(what=st.sampled_from([Life.short, Life.recounted, Life.cancelled_there, Life.shelved]))
    def something_else_happens(self, what: Any) -> None:
        self.happens(what(self.lived))

    @rule(by=st.sampled_from([timedelta(seconds=1), timedelta(hours=1), timedelta(days=3)]))
    def time_goes_by(self, by: timedelta) -> None:
        self.happens(self.lived.later(by))

    @rule(seconds=st.integers(-1, 1))
    def the_next_deadline_comes(self, seconds: int) -> None:
        self.happens(self.lived.to_next_deadline(timedelta(seconds=seconds)))

    @rule(kind=OPENED_BY_HAND, goods=APPLIED)
    def a_case_is_opened(self, kind: CaseKind, goods: Application) -> None:
        self.happens(self.lived.open(kind, goods))

    @rule(which=st.integers(0, 3), asked=any_of(CASE_COMMANDS))
    def somebody_asks_a_case(self, which: int, asked: tuple[str, Command]) -> None:
        self.happens(self.lived.ask_case(which, *asked))

    def teardown(self) -> None:
        if self.life is not None:
            self.happens(self.lived.agrees())


@pytest.mark.timeout(3_600)
async def test_whatever_happens_to_an_order_the_books_agree_in_the_end(
    shop: Shop, request: pytest.FixtureRequest
) -> None:
    loop = asyncio.get_running_loop()
    examples = request.config.getoption("--lives")
    chosen = settings(
        max_examples=examples or FEW,
        stateful_step_count=20,
        # Without being asked for more it lives the same lives every time. A life takes seconds: none is shrunk.
        derandomize=examples is None,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=examples is not None,
    )
    machine = cast("type[RandomLife]", lambda: RandomLife(shop, loop))
    await asyncio.to_thread(run_state_machine_as_test, machine, settings=chosen)


FEW = 6
"""Lives in every run of the tests; `make lives` lives more, and others each time."""
