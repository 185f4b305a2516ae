"""What the Temporal UI shows of an order: search attributes and current details."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeUpdate

from domain.deadlines import DEADLINES
from domain.order_status import both_names
from domain.waits import WAITS
from models.state import OrderState
from models.temporal_names import DUE_AT, ORDER_CHANNEL, ORDER_STATUS, RISK_LEVEL, WAITING_FOR


def show(state: OrderState) -> None:
    """Bring search attributes and current details up to date; only a change costs an event."""
    changes = _changes(state)
    if changes:
        workflow.upsert_search_attributes(changes)
    workflow.set_current_details(details(state))


def _changes(state: OrderState) -> list[SearchAttributeUpdate[Any]]:
    known = workflow.info().typed_search_attributes
    words = {
        ORDER_STATUS: str(state.status),
        ORDER_CHANNEL: state.order.channel,
        WAITING_FOR: WAITS[state.status].what,
        RISK_LEVEL: state.risk,
    }
    changes: list[SearchAttributeUpdate[Any]] = [
        key.value_set(value) for key, value in words.items() if (known.get(key) or "") != value
    ]
    due = next_due(state)
    if not _same_instant(known.get(DUE_AT), due):
        changes.append(DUE_AT.value_set(due) if due else DUE_AT.value_unset())
    return changes


def _same_instant(known: datetime | None, due: datetime | None) -> bool:
    """Less than a second apart is the same in every list, and not worth an event."""
    if known is None or due is None:
        return known is due
    return abs(known - due) < timedelta(seconds=1)


def next_due(state: OrderState) -> datetime | None:
    """When the next deadline of the order falls."""
    return min((clock.due for clock in state.clocks.values()), default=None)


def details(state: OrderState) -> str:
    """The order in a few lines of markdown, in both languages; no personal data (R21)."""
    wait = WAITS[state.status]
    lines = [f"**{both_names(state.status)}**"]
    if wait.what:
        lines.append(f"Waits for: {wait.what} {wait.chinese}")
    lines += [
        f"- {clock.id} {DEADLINES[clock.id].promise}, until {clock.due:%Y-%m-%d %H:%M:%S} UTC"
        for clock in sorted(state.clocks.values(), key=lambda clock: clock.due)
    ]
    lines += [
        f"- {clock.id} {DEADLINES[clock.id].promise}, stopped 暫停, {clock.left} left"
        for clock in sorted(state.stopped.values(), key=lambda clock: clock.left)
    ]
    if state.stuck:
        lines.append(f"Stuck: {state.stuck}")
    if state.held:
        lines.append(f"Held 已掛起: {state.held}; clocks {'stopped 停錶' if state.clocks_stand else 'run on 照走'}")
    if state.claimed_by:
        lines.append(f"Claimed by: {state.claimed_by.id}")
    lines += [f"- parcel {p.parcel_no}: {p.state} {p.carrier or ''} {p.tracking_no or ''}" for p in state.parcels]
    money = f"Money: due {state.order.total}, captured {state.captured}, refunded {state.refunded}"
    lines.append(f"{money} ({state.order.currency} minor units)")
    return "\n\n".join(lines)
