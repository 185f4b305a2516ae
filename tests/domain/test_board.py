"""What the board counts (R33)."""

from __future__ import annotations

from datetime import timedelta

from domain.board import WAY, bottleneck, bucket, share, stage
from domain.order_status import OrderStatus


def test_an_order_that_goes_well_takes_every_step_in_order() -> None:
    well = ("awaiting_payment", "paid", "approved", "picking", "packed", "shipped", "signed", "archived")
    steps = [stage(OrderStatus(status)) for status in well]
    assert steps == sorted(steps)
    assert {*steps} == {*range(1, len(WAY) + 1)}
    aside = ("cancelled", "rejected", "intercepted", "shortage")
    assert {stage(OrderStatus(status)) for status in aside} == {0}


def test_the_bottleneck_is_a_status_in_which_the_shop_itself_keeps_orders() -> None:
    assert bottleneck({"awaiting_payment": 9_000, "picking": 600, "manual_review": 1_200, "signed": 99_000}) == (
        "manual_review"
    )
    assert bottleneck({"signed": 99_000}) is None


def test_a_few_days_are_shown_by_the_hour_and_more_by_the_day() -> None:
    assert (bucket(timedelta(hours=72)), bucket(timedelta(hours=73))) == ("hour", "day")
    assert (share(1, 3), share(0, 0)) == (0.3333, None)
