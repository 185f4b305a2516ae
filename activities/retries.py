"""Noting activities that need a third attempt: Temporal retries them for ever, and cannot be searched for them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import psycopg
import structlog
from psycopg_pool import PoolTimeout
from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from store import stuck
from store.pool import Pool

FROM_ATTEMPT = 3
"""Twice is a hiccup."""

log = structlog.get_logger(__name__)


class RetryWatch(Interceptor):
    """Put around every activity of a worker."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - the SDK's name
        """The activity, watched."""
        return _Watched(next, self._pool)


class _Watched(ActivityInboundInterceptor):
    def __init__(self, following: ActivityInboundInterceptor, pool: Pool) -> None:
        super().__init__(following)
        self._pool = pool

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
        info = activity.info()
        if info.is_local or info.attempt < FROM_ATTEMPT or info.workflow_id is None:
            return await super().execute_activity(input)
        await self._note(info.workflow_id, info.activity_type)
        result = await super().execute_activity(input)
        await self._forget(info.workflow_id, info.activity_type)
        return result

    async def _note(self, workflow_id: str, name: str) -> None:
        try:
            async with self._pool.connection() as conn:
                await stuck.note(conn, workflow_id, name, datetime.now(UTC))
        except (psycopg.OperationalError, PoolTimeout) as error:
            # The activity is what matters; the next attempt notes it again.
            log.warning("retry_not_noted", error=type(error).__name__)

    async def _forget(self, workflow_id: str, name: str) -> None:
        try:
            async with self._pool.connection() as conn:
                await stuck.forget(conn, workflow_id, name)
        except (psycopg.OperationalError, PoolTimeout) as error:
            # Whoever looks asks Temporal, and drops what it does not know any more.
            log.warning("retry_not_forgotten", error=type(error).__name__)
