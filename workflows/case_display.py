"""What the Temporal UI shows of a case: search attributes and current details, in both languages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeUpdate

from domain.case_kinds import KINDS
from domain.case_progress import next_stage
from domain.case_shapes import Stage
from domain.cases import CaseState, both_names
from domain.deadlines import DEADLINES
from models.cases import CaseFile
from models.temporal_names import CASE_KIND, DUE_AT, WAITING_FOR


def show(file: CaseFile) -> None:
    """Bring search attributes and current details up to date; only a change costs an event."""
    changes = _changes(file)
    if changes:
        workflow.upsert_search_attributes(changes)
    workflow.set_current_details(details(file))


def _changes(file: CaseFile) -> list[SearchAttributeUpdate[Any]]:
    known = workflow.info().typed_search_attributes
    words = {CASE_KIND: str(file.kind), WAITING_FOR: waits_for(file).words}
    changes: list[SearchAttributeUpdate[Any]] = [
        key.value_set(value) for key, value in words.items() if (known.get(key) or "") != value
    ]
    due = next_due(file)
    if known.get(DUE_AT) != due:
        changes.append(DUE_AT.value_set(due) if due else DUE_AT.value_unset())
    return changes


def waits_for(file: CaseFile) -> Stage:
    """What the case waits for; words are empty once it is closed."""
    if file.state is CaseState.CLOSED:
        return Stage("", "", "")
    return next_stage(file.kind, file.progress)


def next_due(file: CaseFile) -> datetime | None:
    """When the next deadline of the case falls."""
    return min((clock.due for clock in file.clocks.values()), default=None)


def details(file: CaseFile) -> str:
    """The case in a few lines of markdown; no personal data (R21)."""
    kind, wait = KINDS[file.kind], waits_for(file)
    about = file.opening.order_no or "no order"
    lines = [f"**{kind.chinese} {file.kind.replace('_', ' ')}** ({file.severity}): {both_names(file.state)}"]
    lines.append(f"Order: {about} {file.opening.subject}".rstrip())
    if wait.words:
        lines.append(f"Waits for: {wait.words} {wait.chinese}")
    lines += [
        f"- {clock.id} {DEADLINES[clock.id].promise}: due {clock.due:%Y-%m-%d %H:%M:%S} UTC"
        for clock in sorted(file.clocks.values(), key=lambda clock: clock.due)
    ]
    lines += [
        f"- {clock.id} {DEADLINES[clock.id].promise}: stands still 停錶, {clock.left} left"
        for clock in file.stopped.values()
    ]
    if file.settlement:
        lines.append(f"Settlement: {file.settlement}")
    if file.assignee:
        lines.append(f"In the hands of: {file.assignee.id}")
    lines.append(f"Department: {kind.department}")
    if file.escalated_to:
        lines.append(f"Escalated to: {file.escalated_to}")
    return "\n\n".join(lines)
