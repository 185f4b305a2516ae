"""What people ask of a case: one table, command → permission, rule, act.

The rule is checked twice: in the update's validator, where a refusal leaves no trace in the
history, and again when the letter is read, since the case may have moved meanwhile.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from domain.case_kinds import KINDS
from domain.case_progress import kinds_seen_by, may_work_on, missing_stages, remedy_named, stage_named
from domain.case_shapes import CaseKind, Remedy, Severity
from domain.cases import (
    UNSETTLED,
    CaseHeldByAnother,
    CaseStandsElsewhere,
    CaseState,
    NoSuchSettlement,
    NotYetComplete,
    both_names,
)
from domain.errors import MissingReason, NotAllowed, NothingToExtend
from domain.permissions import Permission, may
from models.cases import (
    LATEST_DELAY,
    CaseFile,
    ClaimCase,
    CloseCase,
    InvolveDepartments,
    MeetStage,
    NoteEvidence,
    RaiseCase,
    ReleaseCase,
    SettleCase,
)
from models.commands import ChangeDeadline, Command
from models.returns import DecideReturn, InspectGoods, ReceiveGoods
from workflows import case_acts, case_returns, clocks
from workflows.case_life import CaseLife

Rule = Callable[[CaseFile, Any, datetime], None]
Act = Callable[[CaseLife, Any], Awaitable[None]]


@dataclass(frozen=True)
class Decision:
    """Who may ask it, when it is in order, and what then happens. ``hands``: only the kind's own posts."""

    permission: Permission
    rule: Rule
    act: Act
    hands: bool = True


def check(file: CaseFile, command: Command, now: datetime) -> None:
    """Raise the rule that forbids this command now; return when it is in order."""
    decision = DECISIONS[type(command)]
    if not command.by.id.strip():
        raise NotAllowed("say who asks: it is kept with the act")
    if not may(command.by.role, decision.permission):
        raise NotAllowed(f"the role {command.by.role} may not {decision.permission}")
    if file.kind not in kinds_seen_by(command.by.role):
        raise NotAllowed(f"the role {command.by.role} has nothing to do with a {file.kind}")
    if decision.hands and not may_work_on(file.kind, command.by.role):
        raise NotAllowed(f"the role {command.by.role} does not work on a {file.kind}")
    if file.state is CaseState.CLOSED:
        raise CaseStandsElsewhere(f"the case is {both_names(file.state)}")
    decision.rule(file, command, now)


async def carry_out(case: CaseLife, command: Command) -> None:
    """Do it; the rule was checked just before."""
    await DECISIONS[type(command)].act(case, command)


# --- rules -------------------------------------------------------------------------------


def _in_free_hands(file: CaseFile, command: Command) -> None:
    if file.assignee is not None and file.assignee.id != command.by.id:
        raise CaseHeldByAnother(file.assignee.id)


def _unsettled(file: CaseFile) -> None:
    if file.state not in UNSETTLED:
        by = f" as {file.settlement} by {file.settled_by.id}" if file.settlement and file.settled_by else ""
        raise CaseStandsElsewhere(f"the case is {both_names(file.state)}{by}")


def _said(command: Command) -> None:
    if not command.reason and not command.note_id:
        raise MissingReason("give a reason or a note: it is kept with the act")


def _may_claim(file: CaseFile, command: ClaimCase, _now: datetime) -> None:
    _unsettled(file)
    _in_free_hands(file, command)


def _may_release(file: CaseFile, command: ReleaseCase, _now: datetime) -> None:
    _unsettled(file)
    if file.assignee is None:
        raise CaseStandsElsewhere("nobody has claimed this case")
    if not may(command.by.role, Permission.CASE_TAKE_OVER):
        _in_free_hands(file, command)


def _may_note(_file: CaseFile, _command: NoteEvidence, _now: datetime) -> None:
    """Evidence is welcome from anybody, until the case is closed."""


def _may_meet(file: CaseFile, command: MeetStage, _now: datetime) -> None:
    stage = stage_named(file.kind, file.severity, command.stage)
    if not stage.by_hand:
        raise CaseStandsElsewhere(f"{stage.name} is reached by what is done, not by saying so")
    if stage.name in file.met:
        raise CaseStandsElsewhere(f"{stage.name} was reached before")
    missing = missing_stages(file.kind, file.progress)
    if stage.required and missing[0] is not stage:
        raise CaseStandsElsewhere(f"{missing[0].name} comes before {stage.name}")
    _in_free_hands(file, command)
    _said(command)


def _may_raise(file: CaseFile, command: RaiseCase, _now: datetime) -> None:
    if not KINDS[file.kind].major:
        raise CaseStandsElsewhere(f"a {file.kind} has no tiers")
    if file.severity is Severity.MAJOR:
        raise CaseStandsElsewhere("the complaint is major already")
    _said(command)


def _may_settle(file: CaseFile, command: SettleCase, now: datetime) -> None:
    _unsettled(file)
    _in_free_hands(file, command)
    remedy = remedy_named(file.kind, command.settlement)
    if remedy.needs is not None and not may(command.by.role, remedy.needs):
        raise NotAllowed(f"the role {command.by.role} may not {remedy.needs}")
    if remedy.then is not None and (command.until is None or not now < command.until <= now + LATEST_DELAY):
        raise NoSuchSettlement(f"{command.settlement} needs a date to come, at most {LATEST_DELAY.days} days away")
    if remedy.referenced and not command.reference:
        raise NoSuchSettlement(f"{command.settlement} needs the reference under which it was done")
    _names_its_lines(command, remedy)
    _may_take(file, command, remedy)
    _said(command)
    if file.kind is CaseKind.RETURN:
        case_returns.may_settle(file, command)


def _may_take(file: CaseFile, command: SettleCase, remedy: Remedy) -> None:
    """How much, and for whom: a remedy without it cannot be carried out."""
    said = {name for name in ("amount", "lines") if getattr(command, name)}
    if remedy.takes and not said & remedy.takes:
        raise NoSuchSettlement(f"{command.settlement} needs {' or '.join(sorted(remedy.takes))}")
    if remedy.does is not None and file.opening.order_no is None:
        raise NoSuchSettlement(f"{command.settlement} is for the buyer of an order, and this case concerns none")


def _names_its_lines(command: SettleCase, remedy: Remedy) -> None:
    if bool(command.changes) != remedy.changes:
        needs = "names the lines that change" if remedy.changes else "changes no lines"
        raise NoSuchSettlement(f"{command.settlement} {needs}")
    if remedy.changes and any(change.sku is not None for change in command.changes) != remedy.replaces:
        needs = "names the SKU that comes instead" if remedy.replaces else "only takes lines out; see substitute"
        raise NoSuchSettlement(f"{command.settlement} {needs}")


def _may_close(file: CaseFile, command: CloseCase, _now: datetime) -> None:
    if file.state is not CaseState.SETTLED:
        raise CaseStandsElsewhere(f"the case is {both_names(file.state)}: settle it first")
    if file.awaits_order:
        raise CaseStandsElsewhere("the order has still to carry the settlement out; the case then closes by itself")
    _in_free_hands(file, command)
    if missing := missing_stages(file.kind, file.progress):
        raise NotYetComplete(f"still missing: {', '.join(stage.words for stage in missing)}")
    if KINDS[file.kind].reviewed and not (command.cause_id and command.prevention_id):
        raise NotYetComplete("write down the cause and how it is prevented from now on (R24)")


def _may_change_deadline(file: CaseFile, command: ChangeDeadline, _now: datetime) -> None:
    _said(command)
    if command.deadline not in clocks.names(file):
        running = ", ".join(clocks.names(file)) or "none"
        raise NothingToExtend(f"{command.deadline} is not running for this case (running: {running})")


def _may_involve(file: CaseFile, command: InvolveDepartments, _now: datetime) -> None:
    if not KINDS[file.kind].involves:
        raise CaseStandsElsewhere(f"a {file.kind} is across departments already")
    if file.involved is not None:
        raise CaseStandsElsewhere(f"the departments meet in {file.involved} already")
    _said(command)


_P = Permission

DECISIONS: Mapping[type[Command], Decision] = MappingProxyType(
    {
        ClaimCase: Decision(_P.CASE_WORK, _may_claim, case_acts.claim),
        ReleaseCase: Decision(_P.CASE_WORK, _may_release, case_acts.release),
        NoteEvidence: Decision(_P.CASE_WORK, _may_note, case_acts.note_evidence, hands=False),
        MeetStage: Decision(_P.CASE_WORK, _may_meet, case_acts.meet_stage),
        RaiseCase: Decision(_P.CASE_WORK, _may_raise, case_acts.make_major, hands=False),
        SettleCase: Decision(_P.CASE_SETTLE, _may_settle, case_acts.settle),
        CloseCase: Decision(_P.CASE_SETTLE, _may_close, case_acts.close),
        ChangeDeadline: Decision(_P.DEADLINE_CHANGE, _may_change_deadline, case_acts.change_deadline, hands=False),
        InvolveDepartments: Decision(_P.CASE_WORK, _may_involve, case_acts.involve),
        DecideReturn: Decision(_P.RETURN_DECIDE, case_returns.may_decide, case_returns.decide),
        ReceiveGoods: Decision(_P.RETURN_INSPECT, case_returns.may_receive, case_returns.receive, hands=False),
        InspectGoods: Decision(_P.RETURN_INSPECT, case_returns.may_inspect, case_acts.inspect, hands=False),
    }
)
