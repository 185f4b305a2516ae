"""From rows to what readers see of a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from api.act_names import ACTS
from api.order_views import act_view
from api.return_views import return_view
from api.schemas.cases import CaseRowView, CaseView, EvidenceView, SettlementWay, StageView
from api.schemas.orders import ActView, ClockView, StatusView
from api.schemas.story import CaseOfOrder
from domain.case_kinds import KINDS
from domain.case_shapes import CaseKind, Remedy, Settlement, Severity
from domain.cases import CHINESE, CaseState
from domain.deadlines import DEADLINES, DeadlineId
from models.cases import case_workflow_id
from store.pool import Row

_WORDS: Mapping[str, tuple[str, str]] = {
    "settlement": ("settlement", "等待定案"),
    "closing": ("closing", "等待結案"),
} | {stage.name: (stage.words, stage.chinese) for kind in KINDS.values() for stage in (*kind.stages, *kind.major)}


def case_row_view(row: Row) -> CaseRowView:
    """One row of the inbox."""
    return CaseRowView(**_row(row))


def case_view(row: Row, clocks: Sequence[Row], goods: Row | None = None) -> CaseView:
    """The whole case; ``goods`` is the row of the return that it is."""
    return CaseView(
        workflow_id=case_workflow_id(row["case_no"]),
        goods=return_view(goods),
        remedy=row["remedy"],
        evidence=[EvidenceView(**piece) for piece in row["evidence"]],
        deadlines=[_clock(clock) for clock in clocks],
        settlements=[settlement.value for settlement in KINDS[CaseKind(row["kind"])].settlements],
        ways=[_way(*one) for one in KINDS[CaseKind(row["kind"])].settlements.items()],
        **{name: row[name] for name in ("opened_by", "note_id", "related", "participants")},
        **{name: row[name] for name in ("cause_note_id", "prevention_note_id")},
        **_row(row),
    )


def _way(settlement: Settlement, remedy: Remedy) -> SettlementWay:
    asked = {
        "changes": remedy.changes,
        "sku": remedy.replaces,
        "until": remedy.then is not None,
        "reference": remedy.referenced,
    }
    takes = sorted(remedy.takes) + [name for name, needed in asked.items() if needed]
    return SettlementWay(settlement=settlement, zh=remedy.chinese, takes=takes, needs=remedy.needs)


def case_of_order(row: Row, clocks: Sequence[Row]) -> CaseOfOrder:
    """A case as its order's page shows it."""
    return CaseOfOrder(deadlines=[_clock(clock) for clock in clocks], **_row(row))


def case_act_view(row: Row) -> ActView:
    """One entry of a case's timeline; a stage or state in both languages."""
    view = act_view(row)
    act = row["act"]
    english, chinese = ACTS.get(act) or (view.text_en, view.text_zh)
    sides = {name: _state(row[name]) if row[name] else None for name in ("before", "after")}
    return view.model_copy(update={"text_en": english, "text_zh": chinese, **sides})


def _row(row: Row) -> dict[str, Any]:
    names = (
        "case_no", "order_no", "subject", "department", "escalated_to", "assignee", "reason", "reason_code",
        "reason_facts", "opened_at", "due_at", "settlement", "settled_at", "closed_at",
    )  # fmt: skip
    kind = CaseKind(row["kind"])
    return {name: row[name] for name in names} | {
        "kind": kind,
        "kind_zh": KINDS[kind].chinese,
        "severity": Severity(row["severity"]),
        "state": _state(row["state"]),
        "waits_for": _stage(row["stage"]),
    }


def _state(code: str) -> StatusView:
    return StatusView(code=code, zh=CHINESE[CaseState(code)], en=code)


def _stage(name: str) -> StageView | None:
    if not name:
        return None
    english, chinese = _WORDS[name]
    return StageView(name=name, en=english, zh=chinese)


def _clock(row: Row) -> ClockView:
    promise = DEADLINES[DeadlineId(row["deadline"])].promise
    known = ("deadline", "started_at", "due_at", "state", "left_seconds")
    return ClockView(promise=promise, **{name: row[name] for name in known})
