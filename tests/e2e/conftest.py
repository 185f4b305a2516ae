"""A whole embedded stack as a subprocess: free ports, a data directory of its own, the demo in it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from runtime.settings import child_environment, load_settings
from tests.fixtures.temporal import free_port

ROOT = Path(__file__).resolve().parents[2]
PORTS = (
    "postgres_port",
    "temporal_port",
    "temporal_http_port",
    "temporal_ui_port",
    "simulator_port",
    "api_port",
    "console_port",
)
_STOPS_WITHIN_S = 60


def pytest_configure(config: pytest.Config) -> None:
    """Know the mark of these tests."""
    config.addinivalue_line("markers", "e2e: starts the whole embedded stack; about a minute each")


@dataclass(frozen=True)
class Demo:
    """``orderflow up --demo --exit --json``, running. ``settings`` are those of its stack, by field name."""

    process: subprocess.Popen[bytes]
    settings: dict[str, str]
    said: Path

    @property
    def database_url(self) -> str:
        """Where this stack's database is, or will be."""
        return load_settings(**self.settings).database_url

    def verdict(self, within_s: float) -> tuple[int, dict[str, Any]]:
        """Wait for the end: the exit code, and the one JSON object on standard output."""
        out, _ = self.process.communicate(timeout=within_s)
        assert out, f"nothing on standard output; on standard error:\n{self.said.read_text()[-4000:]}"
        return self.process.returncode, json.loads(out)

    def pid_of(self, command: str) -> int | None:
        """The living part that was started as ``python -m cli COMMAND``."""
        for child in psutil.Process(self.process.pid).children(recursive=True):
            try:
                if child.cmdline()[1:] == ["-m", "cli", command]:
                    return child.pid
            except psutil.NoSuchProcess:
                continue
        return None


@dataclass(frozen=True)
class Shop:
    """A data directory and its ports: every demo started in it goes on with what the one before left."""

    directory: Path
    ports: dict[str, str]

    @contextmanager
    def demo(self) -> Iterator[Demo]:
        """Start the demo; whatever happens, nothing of it stays alive."""
        settings = {"data_dir": str(self.directory / "data"), "environment": "development", **self.ports}
        said = self.directory / "stderr.txt"
        with said.open("wb") as errors:
            process = subprocess.Popen(
                [sys.executable, "-m", "cli", "up", "--demo", "--exit", "--json"],
                cwd=ROOT,
                env=child_environment(settings),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
            )
        try:
            yield Demo(process, settings, said)
        finally:
            _stop(process)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop of its own on free ports."""
    return Shop(tmp_path_factory.mktemp("shop"), free_ports())


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        process.wait(_STOPS_WITHIN_S)
    assert process.stdout is not None
    process.stdout.close()


def free_ports() -> dict[str, str]:
    """One free port for each part, no two the same."""
    ports: set[int] = set()
    while len(ports) < len(PORTS):
        ports.add(free_port())
    return dict(zip(PORTS, map(str, ports), strict=True))
