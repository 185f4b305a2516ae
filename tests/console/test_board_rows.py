"""The board's numbers in words: what stands out is said, and a bar is never longer than what it is measured by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from api.schemas.board import AfterSale, BoardView, CarrierCompared, ClockKept, StepTaken, TimeInStatus
from api.schemas.orders import StatusView
from console.desks import board_rows
from console.desks.grid import Meter, lasting
from console.words import Words

EN = Words("en")
SINCE = datetime(2026, 6, 1, tzinfo=UTC)


def stayed(code: str, seconds: int, *, bottleneck: bool = False) -> TimeInStatus:
    """Three orders that left the status after so long on average."""
    return TimeInStatus(
        status=StatusView(code=code, zh="字", en=code), orders=3, mean_seconds=seconds, bottleneck=bottleneck
    )


def board(*times: TimeInStatus, way: tuple[int, ...] = ()) -> BoardView:
    """A board with these times, and so many orders at each step."""
    steps = [
        StepTaken(step=str(n), zh="步", en=f"step {n}", orders=orders, share=orders / way[0] if way[0] else None)
        for n, orders in enumerate(way)
    ]
    return BoardView(
        since=SINCE, until=SINCE + timedelta(days=1), bucket="hour", channel=None, placed=[], way=steps,
        ended_early=[], time_in_status=list(times), after_sale=AfterSale(cases={}, signed=0, rate=None),
        carriers=[], clocks=[], breaches=0,
    )  # fmt: skip


def test_the_bottleneck_is_the_longest_bar_and_what_waits_for_others_has_none() -> None:
    seen = board(stayed("signed", 604_800), stayed("picking", 7_200, bottleneck=True), stayed("paid", 1_800))
    heads, rows, note = board_rows.times(EN, seen)
    assert [len(row) for row in rows] == [len(heads)] * 3
    assert [row[1] for row in rows] == [
        Meter("7 d", None), Meter("2 h", 1.0, "Bottleneck"), Meter("30 min", 0.25),
    ]  # fmt: skip
    assert note.endswith("字 picking")


def test_a_clock_that_passes_as_planned_is_neither_kept_nor_broken() -> None:
    clocks = [
        ClockKept(deadline="T2P", promise="", met=1, passed=4, waived=0, kept_share=None),
        ClockKept(deadline="T3", promise="", met=1, passed=1, waived=0, kept_share=0.5),
        ClockKept(deadline="T5", promise="", met=0, passed=0, waived=2, kept_share=None),
    ]
    seen = board().model_copy(update={"clocks": clocks, "breaches": 1})
    assert [row[1:] for row in board_rows.clocks(EN, seen)[1]] == [
        ["no promise; passed as planned: 4", "–", "0"],
        [Meter("50.0% · 1 of 2", 0.5, "below 90%"), "1", "0"],
        [Meter("–", None), "0", "2"],
    ]
    assert board_rows.figures(EN, seen)["breaches"] == ("1", "T3 1")


def test_conversion_is_told_of_all_orders_and_of_the_step_before() -> None:
    _, rows, note = board_rows.way(EN, board(way=(2_000, 1_000, 900, 0, 0)))
    assert [row[1:] for row in rows] == [
        [Meter("100.0%", 1.0), "–", "2,000"],
        [Meter("50.0%", 0.5), "50.0%", "1,000"],
        [Meter("45.0%", 0.45), "90.0%", "900"],
        [Meter("0.0%", 0.0), "0.0%", "0"],
        [Meter("0.0%", 0.0), "–", "0"],
    ]
    assert note == ""
    assert board_rows.way(EN, board(way=(0, 0)))[1] == []


@pytest.mark.parametrize(("on_time", "said"), [(90, ""), (89, "below 90%")])
def test_a_carrier_below_nine_of_ten_is_remarked_upon_in_words(on_time: int, said: str) -> None:
    one = CarrierCompared(
        carrier="SF", handed_over=120, signed=100, on_time=on_time, on_time_share=on_time / 100,
        mean_seconds=90_000, problems=1,
    )  # fmt: skip
    _, [row], _ = board_rows.carriers(EN, [one])
    assert row == ["SF Express", Meter(f"{on_time}.0% · {on_time} of 100", on_time / 100, said), "120", "1 d", "1"]


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 s"), (59, "59 s"), (90, "1.5 min"), (3_600, "1 h"), (151_200, "1.8 d")]
)
def test_a_time_is_said_in_its_largest_unit(seconds: int, said: str) -> None:
    assert lasting(EN, seconds) == said
