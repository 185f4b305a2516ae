"""From rows to what readers see of a case."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.act_names import ACTS
from api.order_views import act_view
from api.return_views import return_view
from api.schemas.cases import CaseRowView, CaseView, EvidenceView, SettlementWay, StageView
from api.schemas.orders import ActView, ClockView, StatusView
from api.schemas.story import CaseOfOrder
from domain.case_kinds import KINDS
from domain.case_progress import AFTER_THE_STAGES, Progress, stages_to_say
from domain.case_shapes import CaseKind, Remedy, Settlement, Severity, Stage
from domain.cases import CHINESE, CaseState
from domain.deadlines import DEADLINES, DeadlineId
from models.cases import case_workflow_id
from store import cases, returns
from store.pool import Connection, Row

_STAGES: Mapping[str, Stage] = {
    stage.name: stage for stage in (*AFTER_THE_STAGES, *(one for kind in KINDS.values() for one in kind.all_stages))
}


def case_row_view(row: Row) -> CaseRowView:
    """One row of the inbox."""
    return CaseRowView(**_row(row))


@dataclass(frozen=True)
class CaseRows:
    """What is read of a case: its clocks, the stages met, and the return that it may be."""

    case: Row
    clocks: Sequence[Row]
    met: Collection[str]
    goods: Row | None


async def whole_case(conn: Connection, row: Row) -> CaseView:
    """All that is known of the case of that row."""
    case_no = row["case_no"]
    clocks, met = await cases.running_deadlines(conn, case_no), await cases.stages_met(conn, case_no)
    return case_view(CaseRows(row, clocks, met, await returns.of_case(conn, case_no)))


def case_view(rows: CaseRows) -> CaseView:
    """The whole case."""
    row, kind = rows.case, CaseKind(rows.case["kind"])
    progress = Progress(Severity(row["severity"]), rows.met, settled=row["settled_at"] is not None)
    to_say = stages_to_say(kind, progress) if row["state"] != CaseState.CLOSED else ()
    return CaseView(
        workflow_id=case_workflow_id(row["case_no"]),
        goods=return_view(rows.goods),
        stages=[_stage_view(one) for one in to_say],
        remedy=row["remedy"],
        evidence=[EvidenceView(**piece) for piece in row["evidence"]],
        deadlines=[_clock(clock) for clock in rows.clocks],
        settlements=[settlement.value for settlement in KINDS[kind].settlements],
        ways=[_way(*one) for one in KINDS[kind].settlements.items()],
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
        "waits_for": _stage_view(_STAGES[row["stage"]]) if row["stage"] else None,
    }


def _state(code: str) -> StatusView:
    return StatusView(code=code, zh=CHINESE[CaseState(code)], en=code)


def _stage_view(stage: Stage) -> StageView:
    return StageView(name=stage.name, en=stage.words, zh=stage.chinese)


def _clock(row: Row) -> ClockView:
    promise = DEADLINES[DeadlineId(row["deadline"])].promise
    known = ("deadline", "started_at", "due_at", "state", "left_seconds")
    return ClockView(promise=promise, **{name: row[name] for name in known})
