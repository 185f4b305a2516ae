"""Adjusting a status by hand: which ways there are, and what is refused with what to do instead (R22)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.adjusting import ADJUSTMENTS, INSTEAD, Road, Standing, road_to
from domain.errors import ConsentNeeded, IllegalMove, NotWhole
from domain.order_status import ENDED, NEXT, OrderStatus

S = OrderStatus


def test_every_status_has_a_way_or_says_what_to_do_instead() -> None:
    assert set(ADJUSTMENTS) | set(INSTEAD) == set(OrderStatus)
    assert set(ADJUSTMENTS) & set(INSTEAD) == set()


@pytest.mark.parametrize("status", sorted(OrderStatus))
@pytest.mark.parametrize("target", sorted(OrderStatus))
@pytest.mark.parametrize("forced", [False, True])
def test_every_pair_is_answered_by_the_rules(status: OrderStatus, target: OrderStatus, forced: bool) -> None:
    standing = Standing(status)
    try:
        road_to(target, standing, forced=forced)
    except IllegalMove:
        assert target is status or status in ENDED
    except ConsentNeeded:
        assert not forced
        assert target not in NEXT[status]
    except NotWhole:
        assert target in INSTEAD or status not in ADJUSTMENTS[target].sources
    else:
        assert status in ADJUSTMENTS[target].sources
        assert forced or target in NEXT[status]


@pytest.mark.parametrize(
    ("standing", "target"),
    [
        (Standing(S.SHIPPED, out=("p1",)), S.CANCELLED),
        (Standing(S.PICKING, out=("p1",)), S.INTERCEPTED),
        (Standing(S.MANUAL_REVIEW, missing_fields=("phone",)), S.APPROVED),
        (Standing(S.PACKED, without_waybill=("p1",)), S.SHIPPED),
        (Standing(S.SHIPPED, returned=("p1",)), S.SIGNED),
        (Standing(S.SIGNED, open_cases=("c1",)), S.ARCHIVED),
        (Standing(S.SIGNED, held=True), S.ARCHIVED),
    ],
)
def test_what_cannot_be_made_whole_is_refused_even_with_force(standing: Standing, target: OrderStatus) -> None:
    with pytest.raises(NotWhole):
        road_to(target, standing, forced=True)


def test_closing_the_return_window_early_takes_something_from_the_buyer_and_needs_two() -> None:
    signed = Standing(S.SIGNED, window_open=True)
    with pytest.raises(ConsentNeeded):
        road_to(S.ARCHIVED, signed, forced=False)
    assert road_to(S.ARCHIVED, signed, forced=True) is Road.CLOSE_WINDOW
    assert road_to(S.ARCHIVED, replace(signed, window_open=False), forced=False) is Road.CLOSE_WINDOW
