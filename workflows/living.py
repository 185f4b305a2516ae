"""What orders and cases have in common: mail, clocks, and the one way they wait.

A single loop moves each of them. Commands and news are mail: handlers only drop them into the
box, and :meth:`Living.until` opens the box before every look at the clock. So nothing
interleaves, no lock is needed, and mail that lies there when a deadline fires is read
before the deadline counts (R3: a payment at T1 exactly is a payment in time).
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, NoReturn, TypeVar

from temporalio import workflow

from domain.deadlines import DEADLINES, DeadlineId
from models.state import Clock
from workflows import clocks
from workflows.clocks import Kept
from workflows.identity import Sequence

Content = TypeVar("Content")
Reply = TypeVar("Reply")


@dataclass
class Letter(Generic[Content, Reply]):
    """One piece of mail; ``answer`` is there when a person waits for a reply."""

    content: Content
    answer: asyncio.Future[Reply] | None = None


class ErrandFaulty(Exception):
    """An errand met what nobody foresaw. It fails the workflow task, and never the workflow."""


@dataclass
class Living(ABC, Generic[Content, Reply]):
    """One workflow being lived. What is ``kept`` is all that survives; the rest is rebuilt on replay."""

    mail: deque[Letter[Content, Reply]] = field(init=False, default_factory=deque)
    in_the_air: int = field(init=False, default=0)
    armed: tuple[DeadlineId, datetime] | None = field(init=False, default=None)
    timer: asyncio.Task[None] | None = field(init=False, default=None)
    errands: set[asyncio.Task[None]] = field(init=False, default_factory=set)
    fault: Exception | None = field(init=False, default=None)
    sequence: Sequence = field(init=False)

    def __post_init__(self) -> None:
        """Number the steps of this run after those of the runs before it."""
        self.sequence = Sequence(self.kept.runs)

    @property
    @abstractmethod
    def kept(self) -> Kept:
        """Its serialisable state."""

    @abstractmethod
    async def read_letter(self, letter: Letter[Content, Reply]) -> None:
        """Deal with one letter."""

    @abstractmethod
    def show(self) -> None:
        """Show in the Temporal UI how it stands."""

    @abstractmethod
    def begin_anew(self) -> NoReturn:
        """Continue as new with what is kept."""

    async def until(self, ready: Callable[[], bool]) -> DeadlineId | None:
        """Wait for ``ready``, reading mail; or return the deadline that passed first.

        The one way of waiting for an event or a deadline. Due instants are absolute, so a
        timer is simply armed again after continue-as-new, or when its deadline is extended.
        Raises ErrandFaulty.
        """
        while True:
            if self.fault is not None:
                raise ErrandFaulty(f"an errand ended with {type(self.fault).__name__}") from self.fault
            await self.read_mail()
            if ready():
                return None
            clock = clocks.next_of(self.kept)
            if clock is not None and clock.due <= workflow.now():
                clocks.end(self.kept, clock.id)
                return clock.id
            await self.start_afresh_if_long()
            self.show()
            self.arm(clock)
            await workflow.wait_condition(self.something_came(ready))

    def something_came(self, ready: Callable[[], bool]) -> Callable[[], bool]:
        """Whether there is a reason to wake."""
        return lambda: bool(self.mail) or ready() or self.timer_fired() or self.fault is not None

    def arm(self, clock: Clock | None) -> None:
        """Have exactly the timer of this clock running; it bears the T's number in the history."""
        wanted = (clock.id, clock.due) if clock else None
        if self.armed == wanted and not self.timer_fired():
            return
        if self.timer is not None:
            self.timer.cancel()
        self.armed, self.timer = wanted, None
        if clock is not None:
            summary = f"{clock.id} {DEADLINES[clock.id].promise}, until {clock.due:%Y-%m-%d %H:%M:%S} UTC"
            self.timer = asyncio.create_task(workflow.sleep(clock.due - workflow.now(), summary=summary))

    def timer_fired(self) -> bool:
        """The armed timer has run out."""
        return self.timer is not None and self.timer.done()

    async def read_mail(self) -> None:
        """Deal with every letter in order of arrival."""
        while self.mail:
            await self.read_letter(self.mail.popleft())

    def send_out(self, errand: Coroutine[Any, Any, Content]) -> None:
        """Have an outside party asked beside all else; what the errand comes to is a letter to ourselves.

        It calls regular activities only: local ones are the loop's, one at a time.
        """
        self.in_the_air += 1
        task = asyncio.create_task(self._run_errand(errand))
        self.errands.add(task)
        task.add_done_callback(self.errands.discard)

    async def _run_errand(self, errand: Coroutine[Any, Any, Content]) -> None:
        try:
            news = await errand
        except Exception as error:  # noqa: BLE001
            # A party's refusal is a letter. This is a fault of ours: who waits for the answer must not wait for
            # ever, so the task fails until a release mends it, and stands among the stuck work meanwhile.
            self.fault = error
            return
        self.in_the_air -= 1
        self.mail.append(Letter(news))

    async def start_afresh_if_long(self) -> None:
        """Continue as new when the history has grown long; nothing may be in the air then.

        Called with the mail read: only the answers have still to reach their handlers.
        A letter that comes meanwhile is read first, and the next wait tries again.
        """
        if self.in_the_air or not workflow.info().is_continue_as_new_suggested():
            return
        # A new update brings mail and waits for its answer: then reading comes first.
        await workflow.wait_condition(lambda: bool(self.mail) or workflow.all_handlers_finished())
        if not self.mail:
            self.kept.runs += 1
            self.begin_anew()
