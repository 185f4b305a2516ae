"""The order's steps in the database: local activities, one transaction each (FIELD_NOTES).

Temporal may run any of them twice; ``store.steps.once`` sees to it that the effect
happens once and that both runs get the same answer.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio import activity

from activities.facts import gather
from activities.refusals import final_refusals
from domain.packing import Limits
from models.news import PaymentEvent
from models.payments import BookPayment, Ledger
from models.state import ParcelState
from models.steps import (
    Archive,
    Cancelled,
    CancelOrder,
    GatherFacts,
    MoveParcel,
    OpenReview,
    PickTasks,
    RecordOrder,
    ReleaseStock,
    ReleaseToWarehouse,
    Reserved,
    ReserveStock,
    ReviewFacts,
    Step,
)
from runtime.crypto import Vault
from store import (
    holds,
    orders,
    parcels,
    payments,
    pick_plan,
    pick_tasks,
    put_back,
    refunds,
    review,
    risk,
    rules,
    steps,
    stock,
    stock_again,
    stock_out,
)
from store.pool import Connection, Pool

Bookings = tuple[tuple[str, str], ...]
"""(carrier, tracking number) each."""


class OrderSteps:
    """What an order does to its own rows. ``limits`` say what one parcel may weigh and take up (R10)."""

    def __init__(self, pool: Pool, vault: Vault, limits: Limits | None = None) -> None:
        self._pool = pool
        self._vault = vault
        self._limits = limits or Limits()

    @activity.defn
    async def record_order(self, request: RecordOrder) -> Reserved:
        """Write the order and reserve all its lines or none, in one transaction (R2, R5)."""
        order, step = request.order, request.step
        status = step.before or step.after

        async with self._connection() as conn:

            async def record() -> Reserved:
                await orders.record(conn, order, status=str(status), at=step.at)
                lines = [(line.sku, line.quantity) for line in order.lines]
                reserved = await stock.reserve(conn, order.order_no, lines, step.at, step.step_key)
                return await _under_holds(conn, step, reserved)

            return await steps.once(conn, step, Reserved, record)

    @activity.defn
    async def take_step(self, step: Step) -> None:
        """Record an act that needs nothing beyond its row, audit entry and notice (R23)."""
        async with self._connection() as conn:
            await steps.take(conn, step, lambda: risk.note_step(conn, step))

    @activity.defn
    async def reserve_stock(self, request: ReserveStock) -> Reserved:
        """Reserve again what was released or short: all or none, or as much as there is (R9, R28)."""
        step = request.step
        async with self._connection() as conn:

            async def reserve() -> Reserved:
                reserved = await stock_again.reserve(
                    conn, step.order_no, step.at, step.step_key, later=request.later, partly=request.partly
                )
                return await _under_holds(conn, step, reserved)

            return await steps.once(conn, step, Reserved, reserve)

    @activity.defn
    async def release_stock(self, request: ReleaseStock) -> None:
        """Give the reserved goods back and stop the picking of them (R3, R9, R28)."""
        step = request.step
        async with self._connection() as conn:
            await steps.take(conn, step, lambda: _let_go(conn, step))

    @activity.defn
    async def book_payment(self, request: BookPayment) -> Ledger:
        """Write a payment notice into the ledger, once; an echo changes nothing (R3, accident 5)."""
        step = request.step
        async with self._connection() as conn:
            return await steps.once(conn, step, Ledger, lambda: _book(conn, request), tell=True)

    @activity.defn
    async def gather_facts(self, request: GatherFacts) -> ReviewFacts:
        """Look up what the automatic review needs: verdicts only leave this activity (R6, R21)."""
        async with self._connection() as conn:
            return await gather(conn, self._vault, request.order_no)

    @activity.defn
    async def open_review(self, request: OpenReview) -> None:
        """Keep the findings, with the status they lead to (R6)."""
        step = request.step
        async with self._connection() as conn:
            await steps.take(conn, step, lambda: _keep_review(conn, request))

    @activity.defn
    async def release_to_warehouse(self, request: ReleaseToWarehouse) -> PickTasks:
        """Make the pick tasks, one for each parcel (R8).

        What is set aside is made sure of first: a worker that died may have let it go in a
        life that did not come to pass. An order that holds its goods keeps them.
        """
        step = request.step
        async with self._connection() as conn:

            async def make() -> PickTasks:
                reserved = await stock_again.reserve(conn, step.order_no, step.at, step.step_key, later=request.later)
                if reserved.short:
                    return PickTasks(parcels=(), short=reserved.short)
                return PickTasks(parcels=await pick_plan.create(conn, step.order_no, step.at, self._limits))

            return await steps.once(conn, step, PickTasks, make)

    @activity.defn
    async def move_parcel(self, request: MoveParcel) -> None:
        """Record a carrier's event on the parcel; when it leaves, the goods leave the stock (R12, R14)."""
        async with self._connection() as conn:
            await steps.take(conn, request.step, lambda: _move(conn, request), tell=True)

    @activity.defn
    async def cancel_order(self, request: CancelOrder) -> Cancelled:
        """Release the goods, stop the picking; say what must be undone outside (R3, R6, R7)."""
        step = request.step
        async with self._connection() as conn:

            async def end() -> Cancelled:
                return Cancelled(void=await _let_go(conn, step))

            return await steps.once(conn, step, Cancelled, end)

    @activity.defn
    async def archive(self, request: Archive) -> None:
        """Archive the order: its row says when, its clocks have ended (R18, T18)."""
        async with self._connection() as conn:
            await steps.take(conn, request.step)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        """A connection in whose block what cannot be helped by asking again is said to be final."""
        with final_refusals():
            async with self._pool.connection() as conn:
                yield conn


async def _under_holds(conn: Connection, step: Step, reserved: Reserved) -> Reserved:
    """With the emergencies that the order has come under by where its goods are (R25)."""
    return reserved.model_copy(update={"holds": await holds.fall_under(conn, step.order_no, step.at)})


async def _let_go(conn: Connection, step: Step) -> Bookings:
    """Goods back on the shelf, picking stopped; the carriers' bookings to void."""
    await put_back.tell(conn, step.order_no, step.at)
    await stock.release(conn, step.order_no, step.at, step.step_key, step.act)
    await stock_out.write_off_shorts(conn, step.order_no, step.at)
    await pick_tasks.cancel(conn, step.order_no, at=step.at)
    return await parcels.cancel(conn, step.order_no)


async def _book(conn: Connection, request: BookPayment) -> Ledger:
    """Book the notice; a refund the ledger did not know of may count against the buyer (R27)."""
    ledger = await payments.book(conn, request.step.order_no, request.news)
    if not ledger.booked:
        return ledger
    await risk.note_step(conn, request.step)
    if request.news.event is not PaymentEvent.REFUND_FAILED:
        return ledger
    back = await refunds.came_back(conn, request.step.order_no, request.news)
    return ledger.model_copy(update={"came_back": back})


async def _keep_review(conn: Connection, request: OpenReview) -> None:
    await review.save_findings(conn, request.step.order_no, request.step.seq, request.findings)
    await rules.keep_facts(conn, request)


async def _move(conn: Connection, request: MoveParcel) -> None:
    step, state = request.step, ParcelState(request.parcel_state)
    code = str(step.details.get("code", ""))
    has_left = await parcels.move(conn, request.parcel_no, state, request.event_id, code, step.at)
    if has_left:
        await stock_out.ship(conn, request.parcel_no, step.at)
    if request.collected is not None:
        await payments.collect(conn, step.order_no, request.collected, parcel_no=request.parcel_no, at=step.at)
