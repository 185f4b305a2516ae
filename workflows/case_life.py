"""The living case: its file, its mail, and the one way it waits (as workflows.life does for orders).

Commands and the order's news are mail; one loop reads it before every look at the clock.
Due instants are absolute, so a timer is simply armed again after continue-as-new, or when its
deadline is extended.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from temporalio import workflow

from domain.case_kinds import KINDS
from domain.case_progress import deadlines_of, next_stage
from domain.case_shapes import Kind
from domain.cases import CaseState, advance
from domain.deadlines import DEADLINES, DeadlineId
from models.base import SYSTEM, Actor
from models.cases import CaseDone, CaseFile, CaseStep, OrderNews
from models.commands import Command
from models.state import Clock
from models.steps import Alert, ClockRow
from workflows import case_calls, case_display
from workflows.identity import Sequence, cause_of


@dataclass
class CaseLetter:
    """One piece of mail; ``answer`` is there when a person waits for a reply."""

    content: Command | OrderNews
    answer: asyncio.Future[CaseDone] | None = None


Reader = Callable[["CaseLife", CaseLetter], Awaitable[None]]


@dataclass
class CaseLife:
    """One case being lived. ``file`` is all that survives; the rest is rebuilt on replay."""

    file: CaseFile
    read: Reader
    mail: deque[CaseLetter] = field(default_factory=deque)
    armed: tuple[DeadlineId, datetime] | None = None
    timer: asyncio.Task[None] | None = None
    in_the_air: set[asyncio.Task[None]] = field(default_factory=set)
    sequence: Sequence = field(init=False)

    def __post_init__(self) -> None:
        """Number the steps of this run after those of the runs before it."""
        self.sequence = Sequence(self.file.runs)

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
        self.file.clocks.pop(DeadlineId.T19, None)
        return self.move(CaseState.CLAIMED if self.file.assignee else CaseState.OPENED)

    async def settlement_failed(self, why: str, command: Command | None = None) -> None:
        """It could not be carried out: the case goes back to work, and its department is told (R9)."""
        failed = self.file.settlement
        before = self.back_to_work()
        text = f"{self.file.opening.case_no}: {failed} could not be carried out"
        alert = Alert(department=self.kind.department, kind="case", text=text)
        details: dict[str, str | int | bool | None] = {"settlement": failed.value if failed else ""}
        waived = (DeadlineId.T19,) if command else ()
        step = self.step(
            "case_settlement_failed",
            before=before,
            why=why,
            command=command,
            alerts=(alert,),
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
                self.file.clocks[deadline] = Clock(id=deadline, due=policy.due(deadline, now), started=now)

    def start_clocks(self, start: datetime) -> None:
        """Start what this stage of the case has to be measured by, from ``start``."""
        policy = self.file.opening.policy.deadlines()
        for deadline in deadlines_of(self.file.kind, self.file.progress):
            self.file.clocks[deadline] = Clock(id=deadline, due=policy.due(deadline, start), started=start)

    def end_clocks(self) -> None:
        """End the clocks whose stage is met; the agreed date (T19) ends with what was agreed."""
        wanted = {*deadlines_of(self.file.kind, self.file.progress), DeadlineId.T19}
        self.file.clocks = {key: clock for key, clock in self.file.clocks.items() if key in wanted}

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
            clocks=tuple(ClockRow(**clock.model_dump()) for clock in file.clocks.values()),
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

    # --- waiting -----------------------------------------------------------------

    async def until(self, ready: Callable[[], bool]) -> DeadlineId | None:
        """Wait for ``ready``, reading mail; or return the deadline that passed first."""
        while True:
            await self.read_mail()
            if ready():
                return None
            clock = min(self.file.clocks.values(), key=lambda clock: clock.due, default=None)
            if clock is not None and clock.due <= workflow.now():
                del self.file.clocks[clock.id]
                return clock.id
            await self.start_afresh_if_long()
            case_display.show(self.file)
            self.arm(clock)
            await workflow.wait_condition(lambda: bool(self.mail) or ready() or self.timer_fired())

    def arm(self, clock: Clock | None) -> None:
        """Have exactly the timer of this clock running; it bears the T's number in the history."""
        wanted = (clock.id, clock.due) if clock else None
        if self.armed == wanted and not self.timer_fired():
            return
        if self.timer is not None:
            self.timer.cancel()
        self.armed, self.timer = wanted, None
        if clock is not None:
            summary = f"{clock.id} {DEADLINES[clock.id].promise}, due {clock.due:%Y-%m-%d %H:%M:%S} UTC"
            self.timer = asyncio.create_task(workflow.sleep(clock.due - workflow.now(), summary=summary))

    def timer_fired(self) -> bool:
        """The armed timer has run out."""
        return self.timer is not None and self.timer.done()

    def in_background(self, work: Coroutine[Any, Any, OrderNews]) -> None:
        """Wait for an outside party beside the mail; what it says becomes a letter."""

        async def wait() -> None:
            self.mail.append(CaseLetter(await work))
            self.in_the_air.discard(task)

        task = asyncio.create_task(wait())
        self.in_the_air.add(task)

    async def read_mail(self) -> None:
        """Deal with every letter in order of arrival."""
        while self.mail:
            await self.read(self, self.mail.popleft())

    async def start_afresh_if_long(self) -> None:
        """Continue as new when the history has grown long; the mail is read by then."""
        if self.in_the_air or not workflow.info().is_continue_as_new_suggested():
            return
        # A new update brings mail and waits for its answer: then reading comes first.
        await workflow.wait_condition(lambda: bool(self.mail) or workflow.all_handlers_finished())
        if not self.mail:
            self.file.runs += 1
            workflow.continue_as_new(args=[self.file.opening, self.file])
