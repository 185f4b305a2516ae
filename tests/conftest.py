"""What every test can ask for."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from runtime import garbage

# How quickly examples are made says what else this machine does, and nothing of what is tested.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

garbage.look_seldom()

pytest_plugins = ["tests.fixtures.postgres", "tests.fixtures.temporal"]

_LONGEST_FIRST = ("tests/e2e/", "tests/console/", "tests/bench/", "tests/dev_stack/", "tests/cli/", "tests/workflows/")


def pytest_addoption(parser: pytest.Parser) -> None:
    """How long doors are under fire, how many orders live at random: `make fuzz` and `make lives` ask for more."""
    parser.addoption("--fuzz-examples", type=int, default=2, help="good and bad requests to each door")
    parser.addoption("--fuzz-door", default="", help="only doors whose name holds this, as POST /v1/cases")
    parser.addoption("--lives", type=int, default=None, help="so many new random lives of orders, instead of a few")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start what takes longest first, so that no worker of a parallel run is left alone with it at the end."""
    items.sort(key=lambda item: next((rank for rank, room in enumerate(_LONGEST_FIRST) if room in item.nodeid), 9))
    for item in items:
        # A browser, its pages and all that stands behind them share the machine with the other tests.
        if "tests/console/browser/" in item.nodeid:
            item.add_marker(pytest.mark.timeout(400))


def pytest_collection_finish() -> None:
    """What stands before the first test is no garbage, and need not be looked through for it."""
    garbage.settled(None)
