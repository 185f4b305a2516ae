"""The ground on which it is measured: PostgreSQL, Temporal in memory, the simulators, one worker.

Each is a process of its own and the driver another, so that the CPU of one can be read
without the CPU of the rest.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from temporalio.client import Client

from bench import parts
from bench.cpu import cpu_seconds
from bench.driver import NotFinished
from dev.stack import child
from dev.stack.errors import PartFailed
from dev.stack.part import Part
from runtime.settings import Settings, child_environment, load_settings, variable
from runtime.temporal import connect
from store import migrate
from store.pool import Pool, open_pool

CHANNEL = "web"
WORKER = "worker"
_ASK_EVERY_SECONDS = 0.05


@dataclass
class Ground:
    """What a measurement stands on. ``directory`` is temporary and holds everything."""

    settings: Settings
    directory: Path
    environment: Mapping[str, str] = field(repr=False)
    client: Client
    pool: Pool
    pids: dict[str, int] = field(default_factory=dict)

    @property
    def stages(self) -> Path:
        """The file in which the worker's no-op workflows say where they stand."""
        return self.directory / "stages.txt"

    def cpu(self) -> dict[str, float]:
        """CPU seconds each part has used so far, user and system, children included."""
        return {name: cpu_seconds(pid) for name, pid in self.pids.items()}

    @asynccontextmanager
    async def worker(self, *, sandbox: bool) -> AsyncIterator[None]:
        """Run the one worker process; with or without the workflow sandbox."""
        self.stages.write_text("")
        part = Part(
            name=WORKER,
            command=(sys.executable, "-m", "bench.worker_process", str(self.stages)),
            environment={variable("workflow_sandbox"): str(sandbox).lower()},
            ready=self._worker_is_ready,
        )
        async with running(part, self.directory, self.environment) as pid:
            self.pids[WORKER] = pid
            try:
                yield
            except NotFinished as problem:
                problem.add_note(f"The end of the worker's log:\n{child.tail(self.directory / f'{WORKER}.log')}")
                raise
            del self.pids[WORKER]

    async def _worker_is_ready(self) -> bool:
        return self.stages.stat().st_size > 0


@asynccontextmanager
async def build_ground() -> AsyncIterator[Ground]:
    """Start everything but the worker on free ports; stop it and remove its data afterwards."""
    async with AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="orderflow-bench-")))
        values = _values(directory)
        settings = load_settings(**values)
        environment = child_environment({name: _text(value) for name, value in values.items()})
        pids = {}
        for part in parts.servers(settings):
            pids[part.name] = await stack.enter_async_context(running(part, directory, environment))
        await asyncio.to_thread(migrate.upgrade, settings.database_url)
        pool = await stack.enter_async_context(open_pool(settings.database_url, min_size=2, max_size=8))
        yield Ground(settings, directory, environment, await connect(settings), pool, pids)


@asynccontextmanager
async def running(part: Part, directory: Path, environment: Mapping[str, str]) -> AsyncIterator[int]:
    """Run one part for the length of the block; gives its process id once it answers."""
    log = directory / f"{part.name}.log"
    await part.prepare()
    process = await child.start(part, log, environment)
    try:
        await _answering(part, process, log)
        yield process.pid
    finally:
        await child.end(process, part.stop_signal, part.stop_within)


async def _answering(part: Part, process: asyncio.subprocess.Process, log: Path) -> None:
    end = time.monotonic() + part.ready_within.total_seconds()
    while not await part.ready():
        if process.returncode is not None or time.monotonic() > end:
            raise PartFailed(part.name, "did not start", log, child.tail(log))
        await asyncio.sleep(_ASK_EVERY_SECONDS)


def _values(directory: Path) -> dict[str, Any]:
    """The settings that differ from development's; the rest follows from the data directory and the ports."""
    names = ("postgres_port", "temporal_port", "temporal_http_port", "simulator_port", "api_port")
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    notices = f"http://127.0.0.1:{ports['simulator_port']}/shopfront/notices/{CHANNEL}"
    return {
        "environment": "development",
        "data_dir": str(directory),
        "log_level": "WARNING",
        "workflow_sandbox": False,
        "rate_reads": "1000000/s",
        "rate_writes": "1000000/s",
        "simulator_auto": False,
        "notice_urls": {CHANNEL: notices},
        "notice_secrets": {CHANNEL: f"whsec_{b64encode(secrets.token_bytes(32)).decode()}"},
        **ports,
    }


def _text(value: Any) -> str:
    """As a variable holds it: a mapping as JSON, a truth value in lower case."""
    return value if isinstance(value, str) else json.dumps(value)


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on; they are held open together, so that no two are the same."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
