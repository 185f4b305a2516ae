"""All lines or none, from as few warehouses as the rule finds (R5)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.allocation import Shelf, add_up, allocate, allocate_what_is_there

SHELVES = st.lists(
    st.builds(Shelf, st.sampled_from("ABC"), st.sampled_from(["CUP", "TEA"]), st.integers(0, 5)),
    unique_by=lambda shelf: (shelf.warehouse, shelf.sku),
)
LINES = st.lists(st.tuples(st.sampled_from(["CUP", "TEA"]), st.integers(1, 4)), min_size=1, max_size=4)


def test_two_lines_of_one_sku_are_one_want() -> None:
    assert add_up([("TEA", 2), ("CUP", 1), ("TEA", 3)]) == {"CUP": 1, "TEA": 5}


def test_one_warehouse_that_has_it_all_is_better_than_two() -> None:
    shelves = [Shelf("A", "TEA", 9), Shelf("B", "CUP", 1), Shelf("B", "TEA", 2)]
    shares = allocate({"CUP": 1, "TEA": 2}, shelves).shares
    assert {share.warehouse for share in shares} == {"B"}


def test_a_sku_nobody_lists_is_told_from_one_that_has_run_out() -> None:
    short = allocate({"GHOST": 1, "TEA": 1}, [Shelf("A", "TEA", 0)]).short
    assert [(line.sku, line.known) for line in short] == [("GHOST", False), ("TEA", True)]


@given(LINES, SHELVES)
def test_it_is_all_or_none_and_never_more_than_a_shelf_holds(
    lines: list[tuple[str, int]], shelves: list[Shelf]
) -> None:
    wants = add_up(lines)
    answer = allocate(wants, shelves)
    if answer.short:
        assert answer.shares == ()
        assert all(line.available < line.wanted for line in answer.short)
        return
    given_out = add_up((share.sku, share.quantity) for share in answer.shares)
    assert given_out == wants
    free = {(shelf.warehouse, shelf.sku): shelf.free for shelf in shelves}
    assert all(0 < share.quantity <= free[share.warehouse, share.sku] for share in answer.shares)


@given(LINES, SHELVES)
def test_what_is_there_is_shared_out_and_the_rest_is_named(lines: list[tuple[str, int]], shelves: list[Shelf]) -> None:
    wants = add_up(lines)
    answer = allocate_what_is_there(wants, shelves)
    given_out = add_up((share.sku, share.quantity) for share in answer.shares)
    missing = {line.sku: line.wanted - line.available for line in answer.short}
    assert {sku: given_out.get(sku, 0) + missing.get(sku, 0) for sku in wants} == wants
    free = {(shelf.warehouse, shelf.sku): shelf.free for shelf in shelves}
    assert all(0 < share.quantity <= free[share.warehouse, share.sku] for share in answer.shares)
