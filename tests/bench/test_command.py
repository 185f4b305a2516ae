"""The command's exit code is honest: 1 when an order did not live to its archive."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from bench import __main__ as command
from bench.driver import NotFinished
from bench.figures import Figure


def test_an_order_that_was_not_archived_fails_the_command_and_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    async def measure(orders: int, names: list[str]) -> dict[str, list[Figure]]:
        raise NotFinished({"web-7": "cancelled"})

    monkeypatch.setattr(command, "measure", measure)
    done = CliRunner().invoke(command.app, ["--json"])
    assert done.exit_code == 1
    assert "web-7 (cancelled)" in done.stderr
    assert done.stdout == ""


def test_a_missed_aim_is_told_and_fails_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async def measure(orders: int, names: list[str]) -> dict[str, list[Figure]]:
        return {"order": [Figure("history events", "events", 61, 42, 1.45, aim=60)]}

    monkeypatch.setattr(command, "measure", measure)
    done = CliRunner().invoke(command.app, ["--json"])
    assert done.exit_code == 0
    assert json.loads(done.stdout)["figures"][0]["met"] is False
