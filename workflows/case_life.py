"""The living case: its file, and the record of each step (it waits as workflows.living says)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from temporalio import workflow

from domain import sayings
from domain.case_kinds import KINDS
from domain.case_progress import deadlines_of, next_stage
from domain.case_shapes import Kind
from domain.cases import CaseState, advance
from domain.deadlines import DeadlineId
from models.base import SYSTEM, Actor
from models.cases import CaseDone, CaseFile, CaseStep, ClocksStand, OrderNews
from models.commands import Command, Unheard, Unsigned
from models.steps import Alert
from workflows import case_calls, case_display, clocks, living
from workflows.identity import cause_of
from workflows.living import Living

CaseNews = OrderNews | ClocksStand
CaseLetter = living.Letter[Command | CaseNews | Unsigned | Unheard, CaseDone]
Reader = Callable[["CaseLife", CaseLetter], Awaitable[None]]


@dataclass
class CaseLife(Living[Command | CaseNews | Unsigned | Unheard, CaseDone]):
    """One case being lived. ``file`` is all that survives."""

    file: CaseFile
    read: Reader

    @property
    def kept(self) -> CaseFile:
        """Its serialisable state."""
        return self.file

    async def read_letter(self, letter: CaseLetter) -> None:
        """Deal with one letter."""
        await self.read(self, letter)

    def show(self) -> None:
        """Search attributes and current details."""
        case_display.show(self.file)

    def begin_anew(self) -> NoReturn:
        """Continue as new with the file."""
        workflow.continue_as_new(args=[self.file.opening, self.file])

    @property
    def kind(self) -> Kind:
        """The row of its kind."""
        return KINDS[self.file.kind]

    @property
    def closed(self) -> bool:
        """No move leads on from here."""
        return self.file.state is CaseState.CLOSED

    # --- moving ------------------------------------------------------------------

    def move(self, to: CaseState) -> CaseState:
        """Stand in another state; returns the one before. Raises CaseStandsElsewhere."""
        before = self.file.state
        if to is not before:
            self.file.state = advance(before, to)
        return before

    def back_to_work(self) -> CaseState:
        """From settled back to whoever had it, or to the queue; the settlement is void."""
        self.file.settlement = self.file.settled_by = self.file.settled_at = None
        self.file.awaits_order, self.file.amount, self.file.lines, self.file.remedy = False, None, [], {}
        clocks.end(self.file, DeadlineId.T19)
        return self.move(CaseState.CLAIMED if self.file.assignee else CaseState.OPENED)

    async def settlement_failed(self, why: str, command: Command | None = None) -> None:
        """It could not be carried out: the case goes back to work, and its department is told (R9)."""
        failed = self.file.settlement
        before = self.back_to_work()
        told = sayings.case_settlement_failed(self.file.opening.case_no, failed)
        details: dict[str, str | int | bool | None] = {"settlement": failed.value if failed else ""}
        waived = (DeadlineId.T19,) if command else ()
        step = self.step(
            "case_settlement_failed",
            before=before,
            why=why,
            command=command,
            alerts=(Alert.to(self.kind.department, told),),
            details=details,
            waived=waived,
        )
        await case_calls.take_case_step(step)

    def reach(self, stage: str) -> None:
        """A stage is met: its clock ends, and those that wait for it start now."""
        self.file.met.append(stage)
        self.end_clocks()
        started = {one.deadline for one in self.kind.stages_at(self.file.severity) if one.after == stage}
        policy, now = self.file.opening.policy.deadlines(), workflow.now()
        for deadline in started:
            if deadline is not None:
                clocks.start(self.file, deadline, policy.due(deadline, now), now)

    def start_clocks(self, start: datetime) -> None:
        """Start what this stage of the case has to be measured by, from ``start``."""
        policy = self.file.opening.policy.deadlines()
        for deadline in deadlines_of(self.file.kind, self.file.progress):
            clocks.start(self.file, deadline, policy.due(deadline, start), start)

    def end_clocks(self) -> None:
        """End the clocks whose stage is met; the agreed date (T19) ends with what was agreed."""
        wanted = {*deadlines_of(self.file.kind, self.file.progress), DeadlineId.T19}
        clocks.keep_only(self.file, wanted)

    def step(
        self,
        act: str,
        *,
        before: CaseState | None = None,
        by: Actor = SYSTEM,
        command: Command | None = None,
        why: str = "",
        alerts: Iterable[Alert] = (),
        details: dict[str, str | int | bool | None] | None = None,
        **more: Any,
    ) -> CaseStep:
        """The record of one step, as the case stands now; ``before`` where it stood, if it moved."""
        file = self.file
        nth = file.acts[act] = file.acts.get(act, 0) + 1
        who, reason = command.by if command else by, why or (command.reason if command else "")
        key = command.key if command else ""
        return CaseStep(
            case_no=file.opening.case_no,
            order_no=file.opening.order_no,
            kind=file.kind,
            seq=self.sequence.next(),
            cause=cause_of(act, nth, before, file.state, who.id, reason, key, details),
            at=workflow.now(),
            act=act,
            by=who,
            before=before or file.state,
            after=file.state,
            why=reason,
            note_id=command.note_id if command else None,
            key=key,
            details=details or {},
            clocks=clocks.rows(file),
            severity=file.severity,
            stage="" if self.closed else next_stage(file.kind, file.progress).name,
            assignee=file.assignee.id if file.assignee else None,
            escalated_to=file.escalated_to,
            settlement=file.settlement,
            settled_at=file.settled_at,
            evidence=tuple(file.evidence),
            remedy=file.remedy,
            alerts=tuple(alerts),
            **more,
        )
