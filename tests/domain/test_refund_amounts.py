"""What goes back for which pieces: to the last fen, in whatever portions (R16)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import MoreThanLeft
from domain.refund_amounts import Bill, Bought, amount_of, needs_second_person, pieces, worth

LINES = st.lists(st.tuples(st.integers(1, 7), st.integers(0, 9_999)), min_size=1, max_size=6)


@st.composite
def bills(draw: st.DrawFn) -> Bill:
    drawn = draw(LINES)
    lines = [Bought(number, f"SKU{number}", pieces, net) for number, (pieces, net) in enumerate(drawn, start=1)]
    shipping = draw(st.integers(0, 2_000))
    payable = sum(line.net for line in lines) + shipping
    return Bill(lines, shipping, draw(st.integers(-payable, 3_000)))


@given(bills())
def test_all_lines_and_the_shipping_come_to_the_total(bill: Bill) -> None:
    shares, shipping = worth(bill)
    total = sum(line.net for line in bill.lines) + bill.shipping + bill.extra
    assert sum(shares.values()) + shipping == total
    assert all(share >= 0 for share in shares.values())
    assert shipping >= 0


@given(bills(), st.data())
def test_a_line_in_portions_comes_to_the_line(bill: Bill, data: st.DataObject) -> None:
    shares, _ = worth(bill)
    line = bill.lines[0]
    gone, given_back = 0, 0
    while gone < line.quantity:
        take = data.draw(st.integers(1, line.quantity - gone))
        given_back += amount_of(bill, {1: gone}, {1: take})
        gone += take
    assert given_back == shares[1]


def test_pieces_of_a_sku_on_two_lines_are_taken_from_the_first_that_has_some() -> None:
    bill = Bill([Bought(1, "TEA", 2, 200), Bought(2, "CUP", 1, 50), Bought(3, "TEA", 2, 300)], 0, 0)
    assert pieces(bill, {1: 1}, [("TEA", 2)]) == {1: 1, 3: 1}
    assert amount_of(bill, {1: 1}, {1: 1, 3: 1}) == 250


@pytest.mark.parametrize("wanted", [[("TEA", 3)], [("TEA", 2), ("TEA", 1)], [("NOPE", 1)]])
def test_no_more_pieces_than_are_left(wanted: list[tuple[str, int]]) -> None:
    with pytest.raises(MoreThanLeft):
        pieces(Bill([Bought(1, "TEA", 3, 300)], 0, 0), {1: 1}, wanted)


def test_many_small_refunds_of_one_order_need_a_second_person_as_a_large_one_does() -> None:
    assert not needs_second_person(1_000, 0, 1_000)
    assert needs_second_person(1_001, 0, 1_000)
    assert needs_second_person(400, 601, 1_000)
