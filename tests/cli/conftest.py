"""The command line as a process: what it prints, and with which code it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

PROJECT = Path(__file__).parents[2]

Result: TypeAlias = subprocess.CompletedProcess[str]
Orderflow: TypeAlias = Callable[..., Result]


@pytest.fixture
def orderflow(tmp_path: Path) -> Orderflow:
    """Runs ``orderflow`` in an empty folder with its own data, knowing only the variables it is given."""

    def run(*arguments: str, **variables: str) -> Result:
        environment = {"PATH": os.defpath, "PYTHONPATH": str(PROJECT), "ORDERFLOW_DATA_DIR": str(tmp_path / "data")}
        return subprocess.run(
            [sys.executable, "-m", "cli", *arguments],
            cwd=tmp_path,
            env=environment | variables,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run
