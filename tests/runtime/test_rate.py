"""How often something may be asked for is written as 600/min, in the environment too."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from runtime.rate import Allowance, Spent
from runtime.settings import SettingsError, load_settings


def test_a_rate_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERFLOW_RATE_READS", "600/min")
    assert load_settings().rate_reads == Allowance(600, timedelta(minutes=1))


@pytest.mark.parametrize("text", ["often", "0/min", "600", "600/day", "-1/s"])
def test_any_other_writing_is_refused_with_how_it_is_written(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("ORDERFLOW_RATE_READS", text)
    with pytest.raises(SettingsError, match="600/min"):
        load_settings()


@given(number=st.integers(1, 5_000), here=st.integers(0, 5_000), before=st.integers(0, 5_000), gone=st.floats(0, 0.999))
def test_whoever_is_told_when_to_come_back_finds_room_then_and_not_before(
    number: int, here: int, before: int, gone: float
) -> None:
    allowance, spent = Allowance(number, timedelta(hours=1)), Spent(min(here, number), min(before, number))
    assume(spent.left(allowance, gone) == 0)
    wait = spent.again_in(allowance, gone)
    assert _left_after(spent, allowance, gone, wait + timedelta(seconds=1)) > 0
    assert wait <= timedelta(seconds=1) or _left_after(spent, allowance, gone, wait - timedelta(seconds=1)) == 0


def _left_after(spent: Spent, allowance: Allowance, gone: float, wait: timedelta) -> int:
    later = gone + wait / allowance.per
    if later < 1:
        return spent.left(allowance, later)
    return Spent(0, spent.here).left(allowance, min(later - 1, 1.0))
