"""The living order: its state, its mail, and the one way it waits.

A single loop moves the order. Commands and news are mail: handlers only drop them into
the box, and :meth:`Life.until` opens the box before every look at the clock. So nothing
interleaves, no lock is needed, and mail that lies there when a deadline fires is read
before the deadline counts (R3: a payment at T1 exactly is a payment in time).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from temporalio import workflow

from domain.deadlines import DEADLINES, DeadlineId
from domain.money import PaymentMethod
from domain.order_status import ENDED, OrderStatus, advance
from domain.waits import WAITS, clocks_of
from models.base import SYSTEM, Actor
from models.cases import CaseClosed, CaseOpened
from models.commands import Command, Done
from models.news import CarrierNews, ChannelCancelled, ParcelPacked, ParcelSplit, PaymentNews, ShortPick, WrongGoods
from models.refunds import RefundHeard
from models.state import Clock, OrderState, Parcel, ParcelState, StockState, StoppedClock
from models.steps import Alert, ClockRow, Step
from workflows import display
from workflows.identity import Sequence, cause_of

T = TypeVar("T")
FromOutside = PaymentNews | CarrierNews | ParcelPacked | ParcelSplit | ShortPick | WrongGoods | ChannelCancelled
News = FromOutside | CaseOpened | CaseClosed | RefundHeard


@dataclass
class Letter:
    """One piece of mail; ``answer`` is there when a person waits for a reply."""

    content: Command | News
    answer: asyncio.Future[Done] | None = None


Reader = Callable[["Life", Letter], Awaitable[None]]


@dataclass
class Life:
    """One order being lived. ``state`` is all that survives; the rest is rebuilt on replay."""

    state: OrderState
    read: Reader
    mail: deque[Letter] = field(default_factory=deque)
    in_the_air: int = 0
    armed: tuple[DeadlineId, datetime] | None = None
    timer: asyncio.Task[None] | None = None
    errands: set[asyncio.Task[None]] = field(default_factory=set)
    sequence: Sequence = field(init=False)

    def __post_init__(self) -> None:
        """Number the steps of this run after those of the runs before it."""
        self.sequence = Sequence(self.state.runs)

    # --- what it knows of itself ------------------------------------------------

    @property
    def status(self) -> OrderStatus:
        """Where the order stands."""
        return self.state.status

    @property
    def ended(self) -> bool:
        """No move leads on from here."""
        return self.state.status in ENDED

    @property
    def payment_due(self) -> bool:
        """An online payment is still missing: decided from the ledger's sums (accident 4)."""
        order = self.state.order
        return order.payment_method is PaymentMethod.ONLINE and self.state.captured - self.state.refunded < order.total

    @property
    def all_packed(self) -> bool:
        """Every parcel is picked and rechecked."""
        return all(parcel.state is not ParcelState.TO_PICK for parcel in self.state.parcels)

    @property
    def reserved(self) -> bool:
        """Goods are set aside for every line."""
        return self.state.stock is StockState.RESERVED

    def parcel(self, number: str) -> Parcel | None:
        """The parcel of that number, if it is one of this order's."""
        return next((parcel for parcel in self.state.parcels if parcel.parcel_no == number), None)

    # --- moving ----------------------------------------------------------------

    def step(
        self,
        act: str,
        *,
        by: Actor = SYSTEM,
        to: OrderStatus | None = None,
        force: bool = False,
        why: str = "",
        command: Command | None = None,
        details: dict[str, str | int | bool | None] | None = None,
        passed: tuple[DeadlineId, ...] = (),
        alert: Alert | None = None,
    ) -> Step:
        """Take one step: move if ``to`` says so, and return its record for an activity.

        Raises IllegalMove, and then nothing has changed. ``force`` goes past the table, by two
        persons' hands (R22).
        """
        before = self.state.status
        if to is not None and to is not before:
            self.enter(to if force else advance(before, to))
        self.state.steps += 1
        nth = self.state.acts[act] = self.state.acts.get(act, 0) + 1
        who = command.by if command else by
        reason = why or (command.reason if command else "")
        after, key = self.state.status, command.key if command else ""
        return Step(
            order_no=self.state.order.order_no,
            seq=self.sequence.next(),
            cause=cause_of(act, nth, before, after, who.id, reason, key, details),
            at=workflow.now(),
            act=act,
            by=who,
            before=before,
            after=after,
            why=reason,
            note_id=command.note_id if command else None,
            key=key,
            details=details or {},
            clocks=self.clock_rows(),
            passed=passed,
            waiting_for=WAITS[self.state.status].what,
            risk=self.state.risk,
            held=self.state.held,
            claimed_by=self.state.claimed_by.id if self.state.claimed_by else None,
            alert=alert,
        )

    def enter(self, status: OrderStatus) -> None:
        """Stand in a new status: its clocks start, the others end."""
        self.state.status = status
        self.state.clocks, self.state.stopped = {}, {}
        self.state.claimed_by = None
        for deadline in clocks_of(status, payment_due=self.payment_due, promotion=self.state.order.promotion):
            self.start_clock(deadline)

    def start_clock(self, deadline: DeadlineId) -> None:
        """Start, or start again, a deadline from this moment of workflow time."""
        now = workflow.now()
        policy = self.state.order.policy.deadlines()
        if self.state.clocks_stand:
            self.state.stopped[deadline] = StoppedClock(id=deadline, started=now, left=policy.duration(deadline))
        else:
            self.state.clocks[deadline] = Clock(id=deadline, due=policy.due(deadline, now), started=now)

    def clock_rows(self) -> tuple[ClockRow, ...]:
        """All deadlines of the order, running or stopped, as the board shows them."""
        now = workflow.now()
        running = [ClockRow(**clock.model_dump()) for clock in self.state.clocks.values()]
        stopped = [
            ClockRow(id=clock.id, due=now + clock.left, started=clock.started, left=clock.left)
            for clock in self.state.stopped.values()
        ]
        return (*running, *stopped)

    # --- waiting ---------------------------------------------------------------

    async def until(self, ready: Callable[[], bool]) -> DeadlineId | None:
        """Wait for ``ready``, reading mail; or return the deadline that passed first.

        The one way of waiting for an event or a deadline. Due instants are absolute, so a
        timer is simply armed again after continue-as-new, or when its deadline is extended.
        """
        while True:
            await self.read_mail()
            if ready():
                return None
            clock = self.next_clock()
            if clock is not None and clock.due <= workflow.now():
                return self.pass_clock(clock)
            await self.start_afresh_if_long()
            display.show(self.state)
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
            summary = f"{clock.id} {DEADLINES[clock.id].promise}, until {clock.due:%Y-%m-%d %H:%M:%S} UTC"
            self.timer = asyncio.create_task(workflow.sleep(clock.due - workflow.now(), summary=summary))

    def timer_fired(self) -> bool:
        """The armed timer has run out."""
        return self.timer is not None and self.timer.done()

    def next_clock(self) -> Clock | None:
        """The running deadline that falls first."""
        return min(self.state.clocks.values(), key=lambda clock: clock.due, default=None)

    def pass_clock(self, clock: Clock) -> DeadlineId:
        """A deadline has passed: it no longer runs."""
        del self.state.clocks[clock.id]
        return clock.id

    async def read_mail(self) -> None:
        """Deal with every letter in order of arrival."""
        while self.mail:
            await self.read(self, self.mail.popleft())

    async def busy(self, call: Awaitable[T], unless: Callable[[], bool] = lambda: False) -> T:
        """Await an outside party, however slow, and go on reading mail meanwhile.

        When ``unless`` becomes true the call is called off; it may end well all the same.
        """
        task = asyncio.ensure_future(call)
        self.in_the_air += 1
        display.show(self.state)
        while not task.done():
            await workflow.wait_condition(lambda: task.done() or bool(self.mail))
            await self.read_mail()
            if unless():
                task.cancel()
                break
        self.in_the_air -= 1
        return await task

    def send_out(self, errand: Coroutine[Any, Any, News]) -> None:
        """Have an outside party asked beside all else; what the errand comes to is a letter to ourselves.

        It calls regular activities only: local ones are the loop's, one at a time.
        """
        self.in_the_air += 1
        task = asyncio.create_task(self._run_errand(errand))
        self.errands.add(task)
        task.add_done_callback(self.errands.discard)

    async def _run_errand(self, errand: Coroutine[Any, Any, News]) -> None:
        news = await errand
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
            self.state.runs += 1
            workflow.continue_as_new(args=[self.state.order, self.state])
