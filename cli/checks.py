"""What ``orderflow doctor`` looks at, each with what to do about it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass

import httpx
import psycopg
from sqlalchemy.exc import OperationalError
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from models.temporal_names import TASK_QUEUES
from runtime.settings import Settings, SettingsError, load_settings
from runtime.temporal import WrongSearchAttribute, connect, missing_search_attributes
from store import migrate

_CONNECT_SECONDS = 3


@dataclass(frozen=True)
class Check:
    """One thing looked at: whether it is well, and what was seen."""

    check: str
    ok: bool
    detail: str


async def examine(only: Collection[str] = ()) -> list[Check]:
    """These checks, or all; with wrong settings the others have nothing to ask."""
    try:
        settings = load_settings()
    except SettingsError as error:
        return [Check("settings", ok=False, detail=f"{name} {problem}") for name, problem in error.faults]
    wanted = [check for name, check in CHECKS.items() if not only or name in only]
    return [Check("settings", ok=True, detail=settings.environment), *[await check(settings) for check in wanted]]


async def _database(settings: Settings) -> Check:
    try:
        connection = await psycopg.AsyncConnection.connect(settings.database_url, connect_timeout=_CONNECT_SECONDS)
    except psycopg.OperationalError:
        return Check("database", ok=False, detail="cannot be reached at ORDERFLOW_DATABASE_URL; is it running?")
    async with connection:
        return Check("database", ok=True, detail=f"PostgreSQL {connection.info.server_version // 10_000}")


async def _migrations(settings: Settings) -> Check:
    try:
        current = await asyncio.to_thread(migrate.current, settings.database_url)
    except OperationalError:
        return Check("migrations", ok=False, detail="unknown: the database cannot be reached")
    head = migrate.head()
    if current == head:
        return Check("migrations", ok=True, detail=head)
    if current == migrate.UNFINISHED_RESTORE:
        return Check("migrations", ok=False, detail=migrate.RESTORE_AGAIN)
    return Check("migrations", ok=False, detail=f"at {current or 'none'}, needed {head}: run orderflow migrate")


async def _temporal(settings: Settings) -> Check:
    try:
        missing = await missing_search_attributes(await connect(settings))
    except (RuntimeError, RPCError):
        return Check("temporal", ok=False, detail=f"cannot be reached at {settings.temporal_address}")
    except WrongSearchAttribute as error:
        return Check("temporal", ok=False, detail=str(error))
    if missing:
        detail = f"search attributes missing: {', '.join(missing)}: run orderflow migrate"
        return Check("temporal", ok=False, detail=detail)
    return Check("temporal", ok=True, detail=f"{settings.temporal_address}, all search attributes there")


async def _workers(settings: Settings) -> Check:
    try:
        client = await connect(settings)
        idle = [queue for queue in TASK_QUEUES if not await _is_polled(client, queue)]
    except (RuntimeError, RPCError):
        return Check("workers", ok=False, detail="unknown: Temporal cannot be reached")
    if idle:
        return Check("workers", ok=False, detail=f"nobody works on {', '.join(idle)}; is orderflow worker running?")
    return Check("workers", ok=True, detail=f"polling {', '.join(TASK_QUEUES)}")


async def _is_polled(client: Client, queue: str) -> bool:
    answer = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
        )
    )
    return bool(answer.pollers)


async def _api(settings: Settings) -> Check:
    url = f"http://{settings.api_host}:{settings.api_port}/readyz"
    try:
        async with httpx.AsyncClient(timeout=_CONNECT_SECONDS, trust_env=False) as client:
            answer = await client.get(url)
    except httpx.HTTPError:
        return Check("api", ok=False, detail=f"port {settings.api_port} does not answer; is orderflow api running?")
    return Check("api", ok=answer.is_success, detail=f"{url}: {answer.status_code}")


CHECKS: Mapping[str, Callable[[Settings], Awaitable[Check]]] = {
    "database": _database,
    "migrations": _migrations,
    "temporal": _temporal,
    "workers": _workers,
    "api": _api,
}
