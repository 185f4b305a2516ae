"""``python -m bench`` measures a few orders on real servers; what can be counted does not grow unnoticed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

# The aim is 60. Until it is met this keeps the number from growing.
MOST_EVENTS_TODAY = 60
ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(300)
def test_a_happy_order_is_measured_and_its_counts_do_not_grow() -> None:
    figures = measured("order")
    for what in ("state transitions", "history size"):
        assert figures[what]["met"], figures[what]
    assert figures["history events"]["order"] <= MOST_EVENTS_TODAY
    # Four orders say nothing about times; only that they were taken.
    assert figures["CPU, both"]["ratio"] > 0
    assert figures["throughput"]["order"] > 0


@pytest.mark.timeout(300)
def test_unpaid_orders_that_fall_due_together_are_each_cancelled_once_and_leave_nothing_behind() -> None:
    figures = measured("drain")
    assert figures["orders drained"]["ratio"] > 0
    for what in ("not begun as it fell", "not cancelled exactly once", "still reserved", "payments left open"):
        assert figures[what]["order"] == 0, figures[what]


def measured(only: str) -> dict[str, dict[str, Any]]:
    """The rows of one measurement of four orders, by name."""
    command = [sys.executable, "-m", "bench", "--only", only, "--json", "--orders", "4"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {row["what"]: row for row in json.loads(done.stdout)["figures"]}
