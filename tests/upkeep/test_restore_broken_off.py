"""A restore that is killed before its end is taken for a database by nothing, and is simply run again (R29)."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from store.pool import Pool
from tests.upkeep.backing_up import backed_up, erased, restored
from tests.upkeep.conftest import Orderflow, data
from tests.upkeep.people import a_buyer, vault

_KILLED_AT = """
import os, signal, sys
from importlib import import_module
import cli.main
module, name = sys.argv.pop(1).split(":")
setattr(import_module(module), name, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
cli.main.app()
"""


def killed(at: str, arguments: tuple[str, ...], variables: Mapping[str, str]) -> None:
    """Run ``orderflow`` as a process of its own that is killed when it comes to this function."""
    command = [sys.executable, "-c", _KILLED_AT, at, *arguments]
    ended = subprocess.run(command, env=variables, cwd=Path(__file__).parents[2], capture_output=True, text=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr


@pytest.mark.parametrize(
    "at", ["store.restore:_join", "store.migrate:upgrade_restored", "store.restore:settle", "store.restore:_on_record"]
)
async def test_a_restore_that_was_killed_is_no_database_until_it_was_run_again(
    pool: Pool, orderflow: Orderflow, folder: Path, bare_database_url: str, variables: dict[str, str], at: str
) -> None:
    await a_buyer(pool, vault(), "web-1")
    gone = await a_buyer(pool, vault(), "web-2")
    first = await backed_up(orderflow, folder)
    await erased(orderflow, gone)
    await backed_up(orderflow, folder, "--persons-only")
    other = {"ORDERFLOW_DATABASE_URL": bare_database_url}
    await asyncio.to_thread(killed, at, ("restore", str(folder), "--at", first), variables | other)
    for command in (("doctor", "--only", "migrations"), ("migrate", "--database-only"), ("backup", str(folder))):
        refused = await orderflow(*command, **other)
        assert (refused.exit_code, "run orderflow restore again" in refused.output) == (1, True), refused.output
    told = await restored(orderflow, folder, bare_database_url, "--at", first, "--replace")
    assert told["came_back_erased"] == 1
    well = await orderflow("doctor", "--only", "migrations", "--json", **other)
    assert [check["ok"] for check in data(well)] == [True, True]
