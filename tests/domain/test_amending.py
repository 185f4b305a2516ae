"""Lines leave an order or are replaced: the sums follow, and nobody is charged unasked (R9)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.amending import (
    Bill,
    Change,
    DifferenceOwed,
    NoSuchLine,
    NothingLeft,
    Sold,
    amend,
    check_paid,
    pieces_come,
    pieces_gone,
    waive_difference,
    without,
)

TEA, CUP = Sold(1, "TEA", "Tea", 4, 1000, discount=400), Sold(2, "CUP", "Cup", 1, 2500)
BILL = Bill((TEA, CUP), shipping=500)


def test_pieces_that_leave_take_their_share_of_the_lines_discount_with_them() -> None:
    after = amend(BILL, [Change(1, pieces=1)])
    assert (after.lines[0].quantity, after.lines[0].discount) == (3, 300)
    assert BILL.total - after.total == 900
    assert (pieces_gone(BILL, after), pieces_come(BILL, after)) == ({"TEA": 1}, {})


def test_a_line_that_leaves_whole_is_gone_and_shipping_stays() -> None:
    after = amend(BILL, [Change(2)])
    assert (after.lines, after.total) == ((TEA,), 3600 + 500)


def test_the_orders_own_discount_and_tax_shrink_with_its_goods() -> None:
    bill = Bill((Sold(1, "TEA", "Tea", 2, 1000),), tax=200, discount=500)
    after = amend(bill, [Change(1, pieces=1)])
    assert (after.discount, after.tax, bill.total - after.total) == (250, 100, 850)


def test_a_substitute_costs_what_was_paid_for_what_it_stands_in_for() -> None:
    after = amend(BILL, [Change(1, sku="GREEN")])
    assert after.total == BILL.total
    assert [(line.line_no, line.sku, line.quantity) for line in after.lines] == [(2, "CUP", 1), (3, "GREEN", 4)]
    assert (pieces_gone(BILL, after), pieces_come(BILL, after)) == ({"TEA": 4}, {"GREEN": 4})


def test_a_dearer_substitute_is_owed_until_it_is_paid_or_waived() -> None:
    after = amend(BILL, [Change(2, sku="BOWL", unit_price=3000)])
    assert after.total == BILL.total + 500
    with pytest.raises(DifferenceOwed, match="500 minor units more"):
        check_paid(after, BILL.total)
    check_paid(after, BILL.total + 500)
    waived = waive_difference(BILL, after)
    assert (waived.total, waived.lines[-1].discount) == (BILL.total, 500)


@pytest.mark.parametrize("change", [Change(9), Change(1, pieces=5)])
def test_a_change_of_what_the_order_does_not_have_is_refused(change: Change) -> None:
    with pytest.raises(NoSuchLine):
        amend(BILL, [change])


def test_no_more_can_change_than_no_parcel_has_yet() -> None:
    assert amend(BILL, [Change(1)], {"TEA": 3}).lines[0].quantity == 1
    with pytest.raises(NoSuchLine, match="3 pieces can still change"):
        amend(BILL, [Change(1, pieces=4)], {"TEA": 3})
    with pytest.raises(NoSuchLine):
        amend(BILL, [Change(1, pieces=2), Change(1, pieces=2)], {"TEA": 3})


def test_an_order_without_goods_is_cancelled_instead() -> None:
    with pytest.raises(NothingLeft):
        amend(BILL, [Change(1), Change(2)])


@given(st.integers(1, 9), st.integers(0, 5000), st.data())
def test_nobody_is_given_back_more_than_the_goods_had_cost(pieces: int, price: int, data: st.DataObject) -> None:
    line = Sold(1, "TEA", "Tea", pieces + 1, price, data.draw(st.integers(0, (pieces + 1) * price)))
    bill = Bill((line,), shipping=100, tax=data.draw(st.integers(0, 900)), discount=data.draw(st.integers(0, line.net)))
    after = amend(bill, [Change(1, pieces=pieces)])
    assert 0 <= after.total <= bill.total
    assert after.discount >= 0
    assert after.tax >= 0


def test_goods_that_ship_later_are_not_due_with_the_first() -> None:
    assert without(BILL, {}) == BILL
    assert without(BILL, {"TEA": 1}).total == BILL.total - 900
    assert without(Bill((TEA, replace(TEA, line_no=3), CUP)), {"TEA": 5}).goods == 3 * 900 + 2500
    with pytest.raises(NothingLeft):
        without(BILL, {"TEA": 4, "CUP": 1})
