"""A scan is checked for goods, quantity, bin, lot and expiry; lots go out first expired first (R8, R10)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import NotAllowed
from domain.picking import Lot, PickLine, Scan, WrongContents, WrongPackaging, check_recheck, check_scan, plan_lots

TODAY = date(2030, 1, 2)
LINE = PickLine(1, "TEA", "6900000000017", "A-01", 2, lot="L1", expires_on=TODAY)
OTHER = PickLine(2, "CUP", "6900000000024", "B-01", 1)
RIGHT = Scan("A-01", LINE.barcode, "L1")


def test_the_right_piece_from_the_right_bin_and_lot_is_right() -> None:
    verdict = check_scan(RIGHT, [LINE, OTHER], TODAY)
    assert (verdict.right, verdict.line, verdict.fault) == (True, LINE, "")


@pytest.mark.parametrize(
    ("scan", "fault", "expected"),
    [
        (replace(RIGHT, barcode="unknown"), "not part of the task", LINE),
        (replace(RIGHT, bin="B-01"), "not the bin", LINE),
        (replace(RIGHT, lot="L2"), "another lot", LINE),
        (replace(RIGHT, lot=None), "scan the lot", LINE),
        (Scan("A-01", OTHER.barcode), "not the bin", OTHER),
    ],
)
def test_a_wrong_scan_is_told_what_was_expected(scan: Scan, fault: str, expected: PickLine) -> None:
    verdict = check_scan(scan, [LINE, OTHER], TODAY)
    assert (verdict.right, verdict.line) == (False, expected)
    assert fault in verdict.fault


def test_one_piece_too_many_is_wrong() -> None:
    done = replace(LINE, picked=2)
    verdict = check_scan(RIGHT, [done, OTHER], TODAY)
    assert (verdict.right, verdict.line, verdict.fault) == (False, OTHER, "enough of this was picked")


def test_a_lot_goes_out_on_its_last_day_and_not_after() -> None:
    assert check_scan(RIGHT, [LINE], TODAY).right
    late = check_scan(RIGHT, [LINE], TODAY + timedelta(days=1))
    assert (late.right, late.fault) == (False, "the lot has expired")


def test_the_lots_of_a_task_may_be_picked_in_any_order() -> None:
    later = replace(LINE, line_no=3, lot="L9", bin="A-09", expires_on=TODAY + timedelta(days=90))
    assert check_scan(Scan("A-09", LINE.barcode, "L9"), [LINE, later], TODAY).line == later


def test_when_nothing_is_left_nothing_is_expected() -> None:
    verdict = check_scan(RIGHT, [replace(LINE, picked=1, short=1)], TODAY)
    assert (verdict.right, verdict.line) == (False, None)


def test_lots_without_a_date_go_out_last() -> None:
    lots = [Lot("NEVER", "A", 5), Lot("SOON", "B", 1, TODAY), Lot("LATER", "C", 1, TODAY + timedelta(days=9))]
    assert [(share.lot, share.quantity) for share in plan_lots(3, lots, TODAY)] == [
        ("SOON", 1),
        ("LATER", 1),
        ("NEVER", 1),
    ]


def test_what_no_lot_can_give_is_left_for_the_picker_to_report() -> None:
    shares = plan_lots(3, [Lot("OLD", "A", 9, TODAY - timedelta(days=1)), Lot("L1", "B", 1)], TODAY)
    assert [(share.lot, share.bin, share.quantity) for share in shares] == [("L1", "B", 1), (None, "", 2)]


@given(
    st.integers(1, 20),
    st.lists(
        st.builds(Lot, st.text("AB", min_size=1), st.just("X"), st.integers(0, 9), st.none() | st.dates()),
        unique_by=lambda lot: lot.name,
    ),
)
def test_a_plan_takes_what_is_wanted_and_no_expired_lot(wanted: int, lots: list[Lot]) -> None:
    shares = plan_lots(wanted, lots, TODAY)
    assert sum(share.quantity for share in shares) == wanted
    assert all(share.expires_on is None or share.expires_on >= TODAY for share in shares)


PIECES = [LINE.barcode, LINE.barcode, OTHER.barcode]


def recheck(barcodes: list[str], *, rechecker: str = "b", packaging: str = "standard", fragile: bool = False) -> None:
    check_recheck([LINE, OTHER], barcodes, picker="a", rechecker=rechecker, packaging=packaging, fragile=fragile)


def test_every_piece_counted_by_a_second_person_passes() -> None:
    recheck(PIECES)
    recheck(PIECES, packaging="reinforced", fragile=True)


def test_the_picker_cannot_recheck_his_own_work() -> None:
    with pytest.raises(NotAllowed):
        recheck(PIECES, rechecker="a")


@pytest.mark.parametrize("barcodes", [[], PIECES[1:], [*PIECES, OTHER.barcode], ["x", *PIECES[1:]]])
def test_a_count_that_differs_is_refused(barcodes: list[str]) -> None:
    with pytest.raises(WrongContents):
        recheck(barcodes)


@pytest.mark.parametrize(("packaging", "fragile"), [("standard", True), ("newspaper", False)])
def test_packaging_that_will_not_do_is_refused(packaging: str, fragile: bool) -> None:
    with pytest.raises(WrongPackaging):
        recheck(PIECES, packaging=packaging, fragile=fragile)
