"""What may come back, until when, and what it is worth (R16, T9)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.returns import (
    RULES,
    TROUBLE_WINDOW,
    Bought,
    Finding,
    Grade,
    Graded,
    Liable,
    Piece,
    ReturnReason,
    Sale,
    faults,
    findings,
    inspection_problem,
    worth,
)

SIGNED = datetime(2030, 3, 30, 22, 30, tzinfo=UTC)
T9 = timedelta(days=7)
SECOND = timedelta(seconds=1)
TEA, UNDERWEAR = Bought(1, 3, 30_000), Bought(2, 1, 5_000, returnable=False)
SALE = Sale((TEA, UNDERWEAR), shipping=1_000, tax=0, discount=3_500, signed_at=SIGNED)


def problems(*wanted: Piece, sale: Sale = SALE) -> list[str]:
    return [fault.field for fault in faults(sale, wanted)]


def test_every_reason_has_its_rule() -> None:
    assert set(RULES) == set(ReturnReason)
    assert all(rule.chinese for rule in RULES.values())


def test_all_that_cannot_be_is_named_at_once() -> None:
    assert problems(Piece(1, 3), Piece(2, 1)) == []
    assert problems(Piece(1, 4), Piece(3, 1), Piece(2, 1), Piece(2, 1)) == ["lines.0", "lines.1", "lines.3"]


def test_a_piece_comes_back_once() -> None:
    gone = Sale((Bought(1, 3, 30_000, returned=2),), signed_at=SIGNED)
    assert problems(Piece(1, 1), sale=gone) == []
    assert problems(Piece(1, 2), sale=gone) == ["lines.0"]


def test_what_is_not_signed_for_cannot_be_returned() -> None:
    assert problems(Piece(1, 1), sale=Sale((TEA,))) == ["order_no"]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "Europe/Berlin"])
@pytest.mark.parametrize("reason", list(ReturnReason))
def test_each_window_closes_to_the_second_in_every_zone(zone: str, reason: ReturnReason) -> None:
    # In Berlin the clocks go forward within the first day.
    window = RULES[reason].window or T9
    last = (SIGNED + window).astimezone(ZoneInfo(zone))
    for moment, found in ((last - SECOND, ()), (last, ()), (last + SECOND, (Finding.WINDOW_CLOSED,))):
        assert findings(SALE, [Piece(1, 1)], reason, moment, T9) == found


def test_a_shop_that_grants_a_longer_window_grants_it_for_every_reason() -> None:
    late = SIGNED + timedelta(days=30)
    assert findings(SALE, [Piece(1, 1)], ReturnReason.QUALITY, late, timedelta(days=30)) == ()
    assert late > SIGNED + TROUBLE_WINDOW


@pytest.mark.parametrize("reason", list(ReturnReason))
def test_goods_that_need_a_reason_come_back_only_with_one_that_is_the_shops(reason: ReturnReason) -> None:
    found = findings(SALE, [Piece(2, 1)], reason, SIGNED, T9)
    assert found == (() if RULES[reason].liable is Liable.SHOP else (Finding.NOT_RETURNABLE,))


def test_the_price_goes_back_with_its_share_of_the_discount_and_the_shipping_only_at_the_shops_fault() -> None:
    assert worth(SALE, [Piece(1, 1)], Liable.BUYER) == 10_000 - 1_000
    assert worth(SALE, [Piece(1, 3), Piece(2, 1)], Liable.BUYER) == 35_000 - 3_500
    assert worth(SALE, [Piece(1, 3), Piece(2, 1)], Liable.SHOP) == 35_000 - 3_500 + 1_000


def test_nothing_goes_back_for_goods_that_cost_nothing() -> None:
    assert worth(Sale((Bought(1, 1, 0),), shipping=500), [Piece(1, 1)], Liable.SHOP) == 0


@given(
    nets=st.lists(st.tuples(st.integers(0, 99_999), st.integers(1, 7)), min_size=1, max_size=4),
    shipping=st.integers(0, 2_000),
    tax=st.integers(0, 2_000),
)
def test_piece_by_piece_comes_to_exactly_what_was_paid(nets: list[tuple[int, int]], shipping: int, tax: int) -> None:
    whole = sum(net for net, _ in nets)
    discount = whole // 3
    steps = [tuple(Bought(n, q, net, 0) for n, (net, q) in enumerate(nets))]
    for line, (_, quantity) in enumerate(nets):
        for _ in range(quantity):
            last = steps[-1]
            one = last[line]
            steps.append(
                (*last[:line], Bought(one.line_no, one.quantity, one.net, one.returned + 1), *last[line + 1 :])
            )
    back = 0
    for before, after in pairwise(steps):
        sale = Sale(before, shipping, tax, discount, SIGNED)
        moved = next(b.line_no for a, b in zip(before, after, strict=True) if a != b)
        back += worth(sale, [Piece(moved, 1)], Liable.SHOP)
    assert back == (whole + shipping + tax - discount if whole else 0)


def test_an_inspection_grades_every_piece_or_fails() -> None:
    wanted = [Piece(1, 2)]
    split = [Graded(1, Grade.RESELL, 1), Graded(1, Grade.SCRAP, 1)]
    assert inspection_problem(wanted, split, passed=True) == ""
    assert inspection_problem(wanted, split[:1], passed=False) == ""
    assert "missing" in inspection_problem(wanted, split[:1], passed=True)
    assert "more" in inspection_problem(wanted, [Graded(1, Grade.RESELL, 3)], passed=False)
    assert "no line 2" in inspection_problem(wanted, [Graded(2, Grade.RESELL, 1)], passed=False)
