"""How often something may be asked for is written as 600/min, in the environment too."""

from __future__ import annotations

from datetime import timedelta

import pytest

from runtime.rate import Allowance
from runtime.settings import SettingsError, load_settings


def test_a_rate_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERFLOW_RATE_READS", "600/min")
    assert load_settings().rate_reads == Allowance(600, timedelta(minutes=1))


@pytest.mark.parametrize("text", ["often", "0/min", "600", "600/day", "-1/s"])
def test_any_other_writing_is_refused_with_how_it_is_written(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("ORDERFLOW_RATE_READS", text)
    with pytest.raises(SettingsError, match="600/min"):
        load_settings()
