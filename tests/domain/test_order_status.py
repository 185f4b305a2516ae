"""The table of moves is the whole truth about where an order can go."""

from __future__ import annotations

from itertools import product

import pytest

from domain.errors import IllegalMove
from domain.order_status import BEFORE_HAND_OVER, CHINESE, ENDED, NEXT, OrderStatus, advance, both_names

S = OrderStatus


@pytest.mark.parametrize(("state", "target"), list(product(S, S)))
def test_a_move_happens_if_and_only_if_the_table_has_it(state: OrderStatus, target: OrderStatus) -> None:
    if target in NEXT[state]:
        assert advance(state, target) is target
    else:
        with pytest.raises(IllegalMove, match=f"{state} cannot become {target}"):
            advance(state, target)


def test_every_status_can_be_reached_from_the_first() -> None:
    reached, open_ends = {S.AWAITING_PAYMENT}, [S.AWAITING_PAYMENT]
    while open_ends:
        new = NEXT[open_ends.pop()] - reached
        reached |= new
        open_ends += new
    assert reached == set(S)


def test_every_status_leads_to_an_end() -> None:
    leads = set(ENDED)
    while more := {state for state in S if state not in leads and NEXT[state] & leads}:
        leads |= more
    assert leads == set(S)


def test_the_ends_are_these_four() -> None:
    assert {S.INTERCEPTED, S.REJECTED, S.CANCELLED, S.ARCHIVED} == ENDED


def test_what_has_left_the_house_cannot_be_cancelled() -> None:
    assert {state for state in S if S.CANCELLED in NEXT[state]} == BEFORE_HAND_OVER


def test_every_status_has_its_row_and_its_chinese_name() -> None:
    assert set(NEXT) == set(CHINESE) == set(S)
    assert len(set(CHINESE.values())) == len(S)
    assert both_names(S.AWAITING_PAYMENT) == "待付款 awaiting payment"
