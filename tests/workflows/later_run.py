"""A workflow that is made to continue as new, and what its later run knows of its clocks."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from models import workflow_names as names
from models.cases import NoteEvidence
from models.commands import Hold, Unhold
from tests.workflows.clock_table import BUSY, Clock, Clocked, due
from tests.workflows.shop import OPERATIONS, SERVICE, Shop

AT_MOST = 12


async def force(clocked: Clocked) -> None:
    """Have it do harmless things until its history is too long for it."""
    handle = clocked.living
    first = (await handle.describe()).run_id
    for turn in range(AT_MOST):
        if clocked.subject.startswith("case:"):
            call = NoteEvidence(by=SERVICE, what="call", reference=str(turn), key=f"n{turn}")
            await handle.execute_update(names.NOTE_EVIDENCE, call, id=call.key)
        else:
            hold, unhold = Hold(by=OPERATIONS, reason="flood", key=f"h{turn}"), Unhold(by=OPERATIONS, key=f"u{turn}")
            await handle.execute_update(names.HOLD, hold, id=hold.key)
            await handle.execute_update(names.UNHOLD, unhold, id=unhold.key)
        if (await handle.describe()).run_id != first:
            return
    raise AssertionError(f"{clocked.subject} never continued as new")


async def stands_as_before(shop: Shop, clock: Clock) -> None:
    """The row, the state that travelled and the timer that was armed again all name the first run's instant."""
    await shop.at_rest(clock.of.living)
    assert await due(shop, clock.of, clock.deadline) == clock.due
    history = (await clock.of.living.fetch_history()).events
    carried = history[0].workflow_execution_started_event_attributes.input.payloads
    [state] = [known for known in map(_known, carried) if "clocks" in known]
    assert datetime.fromisoformat(state["clocks"][clock.deadline]["due"]) == clock.due
    armed = [one for one in history if one.HasField("timer_started_event_attributes")]
    first = min(state["clocks"].values(), key=lambda one: datetime.fromisoformat(one["due"]))
    if first["id"] == clock.deadline:
        last = armed[-1]
        fires = last.event_time.ToDatetime(clock.due.tzinfo) + (
            last.timer_started_event_attributes.start_to_fire_timeout.ToTimedelta()
        )
        assert abs(fires - clock.due) < BUSY


def _known(payload: Any) -> dict[str, Any]:
    known: dict[str, Any] = json.loads(payload.data)
    return known
