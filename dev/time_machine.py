"""The time machine: the one module that moves an order's clock, in development only.

Deadlines stay real and unshortened; what moves is the workflow's own virtual time
(``temporalio.testing.TimeSkipper``, experimental, hence kept in this one place). The server
must allow it: ``frontend.WorkflowTimeSkippingEnabled``, as the embedded stack does.

What was measured of it: time passes whether or not the order waits on a timer; every timer
on the way fires at its own instant, in order; an activity under way is waited for, and its
retries come at once; a second forward on the same order overrides the first; while no worker
runs, a forward waits. So one order is forwarded by one caller at a time, and a forward that
somebody else's overrode is tried again until the instant is really reached.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import datetime, timedelta

from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from models.order import workflow_id
from runtime.settings import Settings

# A timer is armed a moment after its deadline was computed and so fires a moment after it;
# the server counts in whole seconds.
MARGIN = timedelta(seconds=2)
ATTEMPTS = 20


class NotInProduction(Exception):
    """Nobody moves the clock of a real order."""


class TimeMachineBusy(Exception):
    """The clock was moved by others over and over, and the instant was never reached."""


class TimeMachine:
    """Moves single orders forward; the wall clock and all other orders stay where they are."""

    def __init__(self, client: Client, settings: Settings) -> None:
        """Raises NotInProduction unless the settings are development's."""
        if settings.environment == "production":
            raise NotInProduction("the time machine exists in development only")
        self._client = client
        self._skipper = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
        self._one_at_a_time: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def now(self, order_no: str) -> datetime:
        """What time it is for this order, in UTC. RPCError (not found) for an unknown order."""
        return await self._skipper.get_current_time(self._handle(order_no))

    async def forward(self, order_no: str, duration: timedelta) -> bool:
        """Let ``duration`` pass for this order; False if it ended on the way."""
        return await self._reach(order_no, await self.now(order_no) + duration)

    async def forward_past(self, order_no: str, due: datetime) -> bool:
        """Let a deadline's due instant pass; False if the order ended on the way."""
        if due.tzinfo is None:
            raise ValueError("a due instant has a zone")
        return await self._reach(order_no, due + MARGIN)

    async def _reach(self, order_no: str, instant: datetime) -> bool:
        handle = self._handle(order_no)
        async with self._one_at_a_time[order_no]:
            for _ in range(ATTEMPTS):
                missing = instant - await self._skipper.get_current_time(handle)
                if missing <= timedelta(0):
                    return True
                if not await self._skip(handle, missing):
                    return False
        raise TimeMachineBusy(f"other time machines keep moving the clock of {order_no}")

    async def _skip(self, handle: WorkflowHandle[object, object], duration: timedelta) -> bool:
        """One forward; False if the order ended. The caller looks at the clock afterwards."""
        try:
            return await self._skipper.fast_forward(handle, duration)
        except RPCError as error:
            # Not found: the workflow has completed, there is no clock left to move.
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        except RuntimeError:
            # The library's only RuntimeError here: a forward by another process overrode ours.
            return True

    def _handle(self, order_no: str) -> WorkflowHandle[object, object]:
        return self._client.get_workflow_handle(workflow_id(order_no))
