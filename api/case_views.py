"""From rows to what readers see of a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from api.act_names import ACTS
from api.order_views import act_view
from api.schemas.cases import CaseRowView, CaseView, EvidenceView, StageView
from api.schemas.orders import ActView, ClockView, StatusView
from domain.case_kinds import KINDS, CaseKind, Severity
from domain.cases import CHINESE, CaseState
from domain.deadlines import DEADLINES, DeadlineId
from models.cases import case_workflow_id
from store.pool import Row

CASE_ACTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "case_opened": ("case opened", "個案已建立"),
        "case_claimed": ("case claimed", "已領取個案"),
        "case_released": ("case given back to the queue", "個案已退回隊列"),
        "case_evidence_noted": ("evidence put on record", "已登記憑證"),
        "case_stage_met": ("stage reached", "階段已完成"),
        "case_raised": ("complaint raised to major", "客訴升級為重大"),
        "case_settled": ("case settled", "個案已定案"),
        "case_settlement_failed": ("settlement could not be carried out", "定案未能執行"),
        "case_order_told": ("the order brought news after the settlement", "定案後訂單有新消息"),
        "case_closed": ("case closed", "個案已結案"),
        "case_deadline_passed": ("deadline of the case passed", "個案期限已過"),
        "case_deadline_extended": ("deadline of the case extended", "個案期限已延長"),
        "case_deadline_waived": ("deadline of the case waived", "個案期限已豁免"),
        "case_date_has_come": ("the agreed date has come (T19)", "約定日期已到（T19）"),
        "case_departments_involved": ("departments involved", "已啟動跨部門協作"),
    }
)
"""The acts on a case in words that people read."""

_WORDS: Mapping[str, tuple[str, str]] = {
    "settlement": ("settlement", "等待定案"),
    "closing": ("closing", "等待結案"),
} | {stage.name: (stage.words, stage.chinese) for kind in KINDS.values() for stage in (*kind.stages, *kind.major)}


def case_row_view(row: Row) -> CaseRowView:
    """One row of the inbox."""
    return CaseRowView(**_row(row))


def case_view(row: Row, clocks: Sequence[Row]) -> CaseView:
    """The whole case."""
    return CaseView(
        workflow_id=case_workflow_id(row["case_no"]),
        evidence=[EvidenceView(**piece) for piece in row["evidence"]],
        deadlines=[_clock(clock) for clock in clocks],
        settlements=[settlement.value for settlement in KINDS[CaseKind(row["kind"])].settlements],
        **{name: row[name] for name in ("opened_by", "note_id", "related", "participants")},
        **{name: row[name] for name in ("cause_note_id", "prevention_note_id")},
        **_row(row),
    )


def case_act_view(row: Row) -> ActView:
    """One entry of a case's timeline; a stage or state in both languages."""
    view = act_view(row)
    act = row["act"]
    english, chinese = CASE_ACTS.get(act) or ACTS.get(act) or (view.text_en, view.text_zh)
    sides = {name: _state(row[name]) if row[name] else None for name in ("before", "after")}
    return view.model_copy(update={"text_en": english, "text_zh": chinese, **sides})


def _row(row: Row) -> dict[str, Any]:
    names = (
        "case_no", "order_no", "subject", "department", "escalated_to", "assignee", "reason", "opened_at",
        "due_at", "settlement", "settled_at", "closed_at",
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
    return ClockView(promise=promise, deadline=row["deadline"], started_at=row["started_at"], due_at=row["due_at"])
