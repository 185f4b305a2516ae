"""Figures say what they compare and whether an aim is met."""

from __future__ import annotations

import json

import pytest
from rich.console import Console

from bench.figures import AimFor, Figure, compared, counted
from bench.report import as_json, show


def test_a_count_is_judged_by_the_orders_number() -> None:
    row = counted("history events", "events", order=[58, 61, 58], no_op=[37, 37, 37], aim=60)
    assert (row.order, row.no_op, row.met) == (58, 37, True)
    assert counted("history events", "events", [61], [37], aim=60).met is False


def test_a_time_is_judged_by_its_ratio_and_never_by_itself() -> None:
    row = compared("CPU", "ms", order=[100, 120, 900], no_op=[100, 100, 800], ratio_aim=1.25)
    assert row.aim_for is AimFor.RATIO
    assert row.ratio == pytest.approx(1.125), "the median of the pairs' ratios, not the ratio of medians"
    assert row.met is True
    assert compared("CPU", "ms", [126], [100], ratio_aim=1.25).met is False


def test_a_row_without_an_aim_is_neither_met_nor_missed() -> None:
    assert Figure("CPU of PostgreSQL", "ms", 12.0).met is None


def test_batches_that_do_not_pair_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        compared("CPU", "ms", order=[1, 2], no_op=[1])


def test_json_holds_every_row_with_its_aim_and_verdict() -> None:
    rows = [counted("history events", "events", [61], [37], aim=60), Figure("CPU of PostgreSQL", "ms", 12.3456)]
    told = json.loads(as_json(rows, orders=8))
    assert told["orders"] == 8
    first, second = told["figures"]
    assert (first["order"], first["aim"], first["aim_for"], first["met"]) == (61, 60, "order", False)
    assert (second["order"], second["no_op"], second["ratio"], second["met"]) == (12.346, None, None, None)


def test_the_table_prints_aims_beside_the_figures() -> None:
    console = Console(record=True, width=140, quiet=False, file=None)
    with console.capture() as printed:
        show(
            "What it costs", ("ours", "beside"), [compared("CPU of both", "ms", [300], [100], ratio_aim=1.25)], console
        )
    assert "ratio ≤ 1.25 ✗" in printed.get()
