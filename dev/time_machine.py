"""The time machine: the one module that moves the clock of a workflow, in development only.

Deadlines stay real and unshortened; what moves is the workflow's own virtual time
(``temporalio.testing.TimeSkipper``, experimental, hence kept in this one place). The server
must allow it: ``frontend.WorkflowTimeSkippingEnabled``, as the embedded stack does.

What was measured of it: time passes whether or not the workflow waits on a timer; every timer
on the way fires at its own instant, in order; an activity under way is waited for, and its
retries come at once; a second forward on the same workflow overrides the first; while no worker
runs, a forward waits. So one workflow is forwarded by one caller at a time, and a forward that
somebody else's overrode is tried again until the instant is really reached.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from runtime.settings import Settings

LOOKED_AT_EVERY_S = 5.0
"""How long is believed what was read of a clock; what this machine moves itself it knows at once."""

# A timer is armed a moment after its deadline was computed and so fires a moment after it;
# the server counts in whole seconds.
MARGIN = timedelta(seconds=2)
ATTEMPTS = 20


class NotInProduction(Exception):
    """Nobody moves the clock of a real order or case."""


class TimeMachineBusy(Exception):
    """The clock was moved by others over and over, and the instant was never reached."""


class TimeMachine:
    """Moves single workflows (orders, cases, watches) forward; the wall clock and all others stay where they are."""

    def __init__(self, client: Client, settings: Settings) -> None:
        """Raises NotInProduction unless the settings are development's."""
        if settings.environment == "production":
            raise NotInProduction("the time machine exists in development only")
        self._client = client
        # A child that begins while its parent's clock is moved shares that time; it is not moved on and on itself.
        alone = TimeSkippingConfig(enabled=False, disable_propagation=True)
        self._skipper = TimeSkipper(client, config=alone)
        self._one_at_a_time: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._read: dict[str, tuple[float, timedelta]] = {}

    async def now(self, workflow_id: str) -> datetime:
        """What time it is for this workflow, in UTC. RPCError (not found) for an unknown one."""
        return await self._skipper.get_current_time(self._handle(workflow_id))

    async def lives(self, workflow_id: str) -> bool:
        """Whether it still runs: what has ended has no clock that could be moved."""
        return (await self._handle(workflow_id).describe()).status is WorkflowExecutionStatus.RUNNING

    async def forward(self, workflow_id: str, duration: timedelta) -> bool:
        """Let ``duration`` pass for this workflow; False if it ended on the way."""
        return await self._reach(workflow_id, await self.now(workflow_id) + duration)

    async def forward_past(self, workflow_id: str, due: datetime) -> bool:
        """Let a deadline's due instant pass; False if the workflow ended on the way."""
        if due.tzinfo is None:
            raise ValueError("a due instant has a zone")
        return await self._reach(workflow_id, due + MARGIN)

    async def ahead(self, workflow_ids: Iterable[str]) -> Mapping[str, timedelta]:
        """By how many whole seconds each is ahead of the wall clock; of those only whose clock was moved."""
        asked = list(dict.fromkeys(workflow_ids))
        found = await asyncio.gather(*[self._ahead(one) for one in asked])
        return {one: ahead for one, ahead in zip(asked, found, strict=True) if ahead}

    async def _ahead(self, workflow_id: str) -> timedelta:
        read_at, ahead = self._read.get(workflow_id, (-LOOKED_AT_EVERY_S, timedelta(0)))
        if (loop_time := asyncio.get_running_loop().time()) - read_at < LOOKED_AT_EVERY_S:
            return ahead
        try:
            seconds = round((await self.now(workflow_id) - datetime.now(UTC)).total_seconds())
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            seconds = 0
        ahead = timedelta(seconds=seconds)
        self._read[workflow_id] = (loop_time, ahead)
        return ahead

    async def _reach(self, workflow_id: str, instant: datetime) -> bool:
        handle = self._handle(workflow_id)
        async with self._one_at_a_time[workflow_id]:
            for _ in range(ATTEMPTS):
                missing = instant - await self._skipper.get_current_time(handle)
                if missing <= timedelta(0):
                    return True
                self._read.pop(workflow_id, None)
                if not await self._skip(handle, missing):
                    return False
        raise TimeMachineBusy(f"other time machines keep moving the clock of {workflow_id}")

    async def _skip(self, handle: WorkflowHandle[object, object], duration: timedelta) -> bool:
        """One forward; False if the workflow ended. The caller looks at the clock afterwards."""
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

    def _handle(self, workflow_id: str) -> WorkflowHandle[object, object]:
        return self._client.get_workflow_handle(workflow_id)
