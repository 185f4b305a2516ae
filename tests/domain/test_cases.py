"""The lifecycle of cases and the table of their kinds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.case_kinds import KINDS
from domain.case_progress import (
    Progress,
    deadlines_of,
    kinds_seen_by,
    may_open,
    may_work_on,
    missing_stages,
    next_stage,
    remedy_named,
    stage_named,
    stages_to_say,
)
from domain.case_shapes import CaseKind, Settlement, Severity
from domain.cases import CHINESE, NEXT, CaseStandsElsewhere, CaseState, NoSuchSettlement, NoSuchStage, advance
from domain.deadlines import DEADLINES, DeadlineId, DeadlinePolicy
from domain.permissions import GRANTS, Permission, Role, may

EVERY = list(CaseKind)


@pytest.mark.parametrize("state", list(CaseState))
@pytest.mark.parametrize("target", list(CaseState))
def test_every_pair_of_states_is_a_move_of_the_table_or_refused(state: CaseState, target: CaseState) -> None:
    if target in NEXT[state]:
        assert advance(state, target) is target
        return
    with pytest.raises(CaseStandsElsewhere):
        advance(state, target)


def test_every_state_is_reachable_and_only_closed_is_final() -> None:
    reached, todo = {CaseState.OPENED}, [CaseState.OPENED]
    while todo:
        new = NEXT[todo.pop()] - reached
        reached |= new
        todo += new
    assert reached == set(CaseState) == set(CHINESE)
    assert [state for state in CaseState if not NEXT[state]] == [CaseState.CLOSED]


def test_every_kind_stands_in_the_table_with_a_chinese_name_and_a_way_to_be_settled() -> None:
    assert set(KINDS) == set(CaseKind)
    assert all(kind.chinese and kind.settlements and kind.hands for kind in KINDS.values())
    assert len({kind.chinese for kind in KINDS.values()}) == len(KINDS)


def test_nobody_chooses_to_be_overtaken() -> None:
    assert all(Settlement.OVERTAKEN not in kind.settlements for kind in KINDS.values())
    chosen = {settlement for kind in KINDS.values() for settlement in kind.settlements}
    assert chosen == set(Settlement) - {Settlement.OVERTAKEN, Settlement.LAPSED}


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("severity", list(Severity))
def test_stages_have_names_of_their_own_and_only_clocks_with_a_duration(kind: CaseKind, severity: Severity) -> None:
    stages = KINDS[kind].stages_at(severity)
    assert len({stage.name for stage in stages}) == len(stages)
    for stage in stages:
        assert stage_named(kind, severity, stage.name) is stage
    for deadline in deadlines_of(kind, Progress(severity)):
        assert DEADLINES[deadline].default is not None
    with pytest.raises(NoSuchStage):
        stage_named(kind, severity, "nonsense")


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("settlement", list(Settlement))
def test_a_kind_is_settled_by_its_own_ways_only(kind: CaseKind, settlement: Settlement) -> None:
    if settlement in KINDS[kind].settlements:
        assert remedy_named(kind, settlement).chinese
        return
    with pytest.raises(NoSuchSettlement):
        remedy_named(kind, settlement)


@pytest.mark.parametrize("kind", EVERY)
def test_whoever_works_on_a_kind_can_also_settle_it_in_every_way(kind: CaseKind) -> None:
    row = KINDS[kind]
    assert any(may(role, Permission.CASE_SETTLE) for role in row.hands)
    for role in (row.department, Role.OPERATIONS):
        assert may_work_on(kind, role)
        assert may(role, Permission.CASE_SETTLE)
    for remedy in row.settlements.values():
        assert any(may(role, remedy.needs) for role in row.hands if remedy.needs) or remedy.needs is None
    assert not may_work_on(kind, "owner")
    told = {remedy.told for remedy in row.settlements.values()} - {""}
    assert told <= {role.value for role in GRANTS}


def clocks(kind: CaseKind, *met: str, severity: Severity = Severity.ORDINARY, settled: bool = False) -> list[str]:
    """The clocks that may run."""
    return [str(deadline) for deadline in deadlines_of(kind, Progress(severity, met, settled))]


def test_the_clocks_of_every_kind_are_those_of_the_spec() -> None:
    first = {kind.value: clocks(kind) for kind in CaseKind}
    assert first == {
        "complaint": ["T10"],
        "mistake": ["T14"],
        "cross_department": ["T15"],
        "signature_dispute": ["T7"],
        "parcel_exception": ["T5"],
        "shortage": [],
        "payment_problem": [],
        "return": [],
    }
    assert clocks(CaseKind.COMPLAINT, severity=Severity.MAJOR) == ["T11", "T12"]


def test_a_clock_ends_with_what_it_waits_for_and_not_before() -> None:
    assert clocks(CaseKind.COMPLAINT, settled=True) == ["T10"], "a settlement is no answer"
    assert clocks(CaseKind.COMPLAINT, "answer") == []
    assert clocks(CaseKind.COMPLAINT, "first_response", severity=Severity.MAJOR) == ["T12"]
    assert clocks(CaseKind.CROSS_DEPARTMENT, "minutes") == ["T15"]
    assert clocks(CaseKind.CROSS_DEPARTMENT, "minutes", "plan") == []
    assert clocks(CaseKind.SIGNATURE_DISPUTE, "evidence_requested", "evidence_received") == ["T7"]
    assert clocks(CaseKind.SIGNATURE_DISPUTE, settled=True) == []


def test_a_clock_that_waits_for_a_stage_starts_with_it() -> None:
    on_the_way = ("decision", "goods_back", "inspection")
    assert clocks(CaseKind.RETURN, *on_the_way[:1]) == ["T20"]
    assert clocks(CaseKind.RETURN, *on_the_way[:2]) == []
    assert clocks(CaseKind.RETURN, *on_the_way, settled=True) == ["T8"], "settled is not yet done"
    assert clocks(CaseKind.RETURN, *on_the_way, "done") == []


def test_the_warehouse_reports_mistakes_and_sees_no_other_case_but_its_returns() -> None:
    assert kinds_seen_by("warehouse") == {CaseKind.MISTAKE, CaseKind.RETURN}
    assert [kind for kind in EVERY if may_open(kind, "warehouse")] == [CaseKind.MISTAKE]
    assert all(may_open(kind, "customer_service") for kind in EVERY)
    assert kinds_seen_by("auditor") == set(EVERY)


def test_a_case_waits_for_its_stages_then_for_its_settlement_then_for_its_close() -> None:
    kind = CaseKind.COMPLAINT
    assert next_stage(kind, Progress()).name == "answer"
    assert next_stage(kind, Progress(met=("answer",))).name == "settlement"
    assert next_stage(kind, Progress(met=("answer",), settled=True)).name == "closing"
    assert next_stage(CaseKind.PARCEL_EXCEPTION, Progress()).name == "settlement", (
        "the optional ones are not waited for"
    )
    assert missing_stages(CaseKind.PARCEL_EXCEPTION, Progress()) == ()
    agreed = Progress(met=("answer",), settled=True, awaits_order=True)
    assert next_stage(kind, agreed).name == "order", "it cannot be closed while the order has still to do its part"


@pytest.mark.parametrize(
    ("kind", "progress", "names"),
    [
        (CaseKind.COMPLAINT, Progress(), ["answer"]),
        (CaseKind.COMPLAINT, Progress(met=("answer",)), []),
        (CaseKind.COMPLAINT, Progress(Severity.MAJOR), ["first_response"]),
        (CaseKind.COMPLAINT, Progress(Severity.MAJOR, ("first_response",)), ["plan"]),
        (CaseKind.PARCEL_EXCEPTION, Progress(), ["carrier_contacted", "buyer_contacted"]),
        (CaseKind.PARCEL_EXCEPTION, Progress(met=("carrier_contacted",)), ["buyer_contacted"]),
        (CaseKind.PARCEL_EXCEPTION, Progress(settled=True), []),
        (CaseKind.RETURN, Progress(), []),
    ],
)
def test_what_can_be_said_to_be_reached_is_the_stage_whose_turn_it_is_and_the_optional_ones(
    kind: CaseKind, progress: Progress, names: list[str]
) -> None:
    assert [stage.name for stage in stages_to_say(kind, progress)] == names


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "Europe/Berlin"])
@pytest.mark.parametrize("deadline", ["T5", "T7", "T10", "T11", "T12", "T14", "T15"])
def test_a_clock_is_as_long_in_every_zone_also_when_the_hour_changes(zone: str, deadline: str) -> None:
    # In Berlin the clocks go forward within these hours.
    start = datetime(2030, 3, 30, 22, 30, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    known = DeadlineId(deadline)
    hours = {"T5": 24, "T7": 48, "T10": 24, "T11": 4, "T12": 24, "T14": 1, "T15": 24}[deadline]
    assert DeadlinePolicy().due(known, start) - start == timedelta(hours=hours)
