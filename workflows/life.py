"""The living order: what it knows of itself, and the record of each step (it waits as workflows.living says)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NoReturn, TypeVar

from temporalio import workflow

from domain.deadlines import DeadlineId
from domain.money import PaymentMethod, is_paid
from domain.order_status import ENDED, OrderStatus, advance
from domain.waits import WAITS, clocks_of
from models.base import SYSTEM, Actor
from models.cases import CaseClosed, CaseOpened
from models.commands import Command, Done, Unheard, Unsigned
from models.news import CarrierNews, ChannelCancelled, ParcelPacked, ParcelSplit, PaymentNews, ShortPick, WrongGoods
from models.payments import Sums
from models.refunds import RefundHeard
from models.state import OrderState, Parcel, ParcelState, StockState
from models.steps import Alert, Step
from workflows import clocks, display, living
from workflows.identity import cause_of
from workflows.living import Living

T = TypeVar("T")
FromOutside = PaymentNews | CarrierNews | ParcelPacked | ParcelSplit | ShortPick | WrongGoods | ChannelCancelled
News = FromOutside | CaseOpened | CaseClosed | RefundHeard

Letter = living.Letter[Command | News | Unsigned | Unheard, Done]
Reader = Callable[["Life", Letter], Awaitable[None]]


@dataclass
class Life(Living[Command | News | Unsigned | Unheard, Done]):
    """One order being lived. ``state`` is all that survives."""

    state: OrderState
    read: Reader

    @property
    def kept(self) -> OrderState:
        """Its serialisable state."""
        return self.state

    async def read_letter(self, letter: Letter) -> None:
        """Deal with one letter."""
        await self.read(self, letter)

    def show(self) -> None:
        """Search attributes and current details."""
        display.show(self.state)

    def begin_anew(self) -> NoReturn:
        """Continue as new with the state."""
        workflow.continue_as_new(args=[self.state.order, self.state])

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
        paid = is_paid(order.total, self.state.captured, self.state.refunded)
        return order.payment_method is PaymentMethod.ONLINE and not paid

    @property
    def all_packed(self) -> bool:
        """Every parcel is picked and rechecked."""
        return all(parcel.state is not ParcelState.TO_PICK for parcel in self.state.parcels)

    @property
    def reserved(self) -> bool:
        """Goods are set aside for every line."""
        return self.state.stock is StockState.RESERVED

    def heed(self, sums: Sums) -> None:
        """Know what the ledger says, unless it has said something newer: answers overtake each other."""
        state = self.state
        if sums.version >= state.ledger_version:
            state.captured, state.refunded, state.ledger_version = sums.captured, sums.refunded, sums.version

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
            clocks=clocks.rows(self.state),
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
        clocks.keep_only(self.state, ())
        self.state.claimed_by = None
        for deadline in clocks_of(status, payment_due=self.payment_due, promotion=self.state.order.promotion):
            self.start_clock(deadline)

    def start_clock(self, deadline: DeadlineId) -> None:
        """Start, or start again, a deadline from this moment of workflow time."""
        now = workflow.now()
        due = self.state.order.policy.deadlines().due(deadline, now)
        clocks.start(self.state, deadline, due, now)

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
