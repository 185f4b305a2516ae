"""How far a case has come: what is still missing, which clocks run, what it waits for next; pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from domain.case_kinds import KINDS
from domain.case_shapes import CaseKind, Remedy, Settlement, Severity, Stage
from domain.cases import NoSuchSettlement, NoSuchStage
from domain.deadlines import DeadlineId
from domain.permissions import Role


@dataclass(frozen=True)
class Progress:
    """How far a case has come: the names of the stages that are ``met``, and whether it is settled.

    A settled case may await its order, which has still to carry the settlement out.
    """

    severity: Severity = Severity.ORDINARY
    met: Collection[str] = field(default_factory=frozenset)
    settled: bool = False
    awaits_order: bool = False


def stage_named(kind: CaseKind, severity: Severity, name: str) -> Stage:
    """The stage of that name; raises NoSuchStage and says which there are."""
    stages = KINDS[kind].stages_at(severity)
    for stage in stages:
        if stage.name == name:
            return stage
    known = ", ".join(stage.name for stage in stages) or "none"
    raise NoSuchStage(f"a {severity} {kind} has no stage {name} (it has: {known})")


def remedy_named(kind: CaseKind, settlement: Settlement) -> Remedy:
    """What the settlement means; raises NoSuchSettlement and says which there are."""
    known = KINDS[kind].settlements
    if settlement not in known:
        raise NoSuchSettlement(f"a {kind} is not settled by {settlement} (it is by: {', '.join(known)})")
    return known[settlement]


def missing_stages(kind: CaseKind, progress: Progress) -> tuple[Stage, ...]:
    """The required stages that are not met yet, in their order."""
    stages = KINDS[kind].stages_at(progress.severity)
    return tuple(stage for stage in stages if stage.required and stage.name not in progress.met)


def stages_to_say(kind: CaseKind, progress: Progress) -> tuple[Stage, ...]:
    """What somebody may now say is reached: the stage whose turn it is and, before a settlement, any optional one."""
    missing = missing_stages(kind, progress)[:1]
    optional = [one for one in KINDS[kind].stages_at(progress.severity) if not (one.required or progress.settled)]
    return tuple(one for one in (*missing, *optional) if one.by_hand and one.name not in progress.met)


def deadlines_of(kind: CaseKind, progress: Progress) -> tuple[DeadlineId, ...]:
    """The clocks that may run for a case that has come so far; two stages can share one (T15)."""
    stages = [
        stage.deadline
        for stage in missing_stages(kind, progress)
        if stage.deadline and (not stage.after or stage.after in progress.met)
    ]
    settle_by = KINDS[kind].settle_by
    wanted = [*stages, settle_by] if settle_by and not progress.settled else stages
    return tuple(dict.fromkeys(wanted))


AFTER_THE_STAGES = (
    Stage("order", "the order to carry it out", "等待訂單執行"),
    Stage("settlement", "settlement", "等待定案"),
    Stage("closing", "closing", "等待結案"),
)
"""What a case waits for when no stage is missing, or its order has still to do what was agreed."""
_TO_CARRY_OUT, _TO_SETTLE, _TO_CLOSE = AFTER_THE_STAGES


def next_stage(kind: CaseKind, progress: Progress) -> Stage:
    """What the case waits for next, with its words in both languages."""
    if progress.awaits_order:
        return _TO_CARRY_OUT
    missing = missing_stages(kind, progress)
    if missing:
        return missing[0]
    return _TO_CLOSE if progress.settled else _TO_SETTLE


# The warehouse is picking only (R22): it reports its own mistakes (R24), and sees what it has to
# inspect; no complaint and no dispute is its business.
_SEES_ONLY: Mapping[str, frozenset[CaseKind]] = MappingProxyType(
    {Role.WAREHOUSE: frozenset({CaseKind.MISTAKE, CaseKind.RETURN})}
)
_OPENS_ONLY: Mapping[str, frozenset[CaseKind]] = MappingProxyType({Role.WAREHOUSE: frozenset({CaseKind.MISTAKE})})


def kinds_seen_by(role: str) -> frozenset[CaseKind]:
    """The kinds of cases that this post sees."""
    return _SEES_ONLY.get(role, frozenset(CaseKind))


def may_open(kind: CaseKind, role: str) -> bool:
    """Whether this post opens such cases; the right ``case.open`` comes first."""
    return kind in _OPENS_ONLY.get(role, frozenset(CaseKind))


def may_work_on(kind: CaseKind, role: str) -> bool:
    """Whether this post works on such cases: those of its row, and operations."""
    return role == Role.OPERATIONS or role in KINDS[kind].hands
