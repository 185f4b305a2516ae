"""Every activity the order calls: timeout, retry and summary live with the call.

Database steps are local activities, joined into one transaction each; calls to outside
parties are regular activities on the party's own queue, since they may be slow (FIELD_NOTES).
Local activities are called one at a time per workflow: the single loop sees to it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy

from models.payments import BookPayment, ClosePayment, Ledger, PaymentClosed, RefundDone, RefundPayment, Sums
from models.refunds import AskRefund, MoveRefund, RefundAsked
from models.steps import (
    AmendLines,
    Archive,
    BookCarrier,
    Booked,
    Cancelled,
    CancelOrder,
    GatherFacts,
    LetGo,
    LetGoParcel,
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
    VoidBooking,
)
from models.temporal_names import CARRIERS, PAYMENTS

with workflow.unsafe.imports_passed_through():
    from activities.carriers import Carriers
    from activities.order_steps import OrderSteps
    from activities.payments import Payments
    from activities.refunds import Refunds
    from activities.shortages import ShortageSteps

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
Hand = Callable[[Any, Asked], Awaitable[Answer]]

# The database may be away for hours; the step waits for it and never gives up: an order
# is not lost for a restart of PostgreSQL. Past the threshold the wait becomes a timer.
_DATABASE_RETRY = RetryPolicy(
    initial_interval=timedelta(milliseconds=100), maximum_interval=timedelta(seconds=30), backoff_coefficient=2
)
_PARTY_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=10))
_STEP_TIMEOUT = timedelta(seconds=10)
_PARTY_TIMEOUT = timedelta(seconds=30)
# A few tries at once; the long pauses between rounds are the workflow's own timers, which anybody can see.
_REFUND_RETRY = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_attempts=3)


async def _step(hand: Hand[Asked, Answer], request: Asked, summary: str) -> Answer:
    """One transaction in our own database: a local activity."""
    return await workflow.execute_local_activity_method(
        hand,
        request,
        start_to_close_timeout=_STEP_TIMEOUT,
        local_retry_threshold=timedelta(seconds=5),
        retry_policy=_DATABASE_RETRY,
        summary=summary,
    )


async def _party(
    hand: Hand[Asked, Answer], request: Asked, queue: str, summary: str, retry: RetryPolicy = _PARTY_RETRY
) -> Answer:
    """One call to an outside party: a regular activity on its queue."""
    return await workflow.execute_activity_method(
        hand,
        request,
        task_queue=queue,
        start_to_close_timeout=_PARTY_TIMEOUT,
        retry_policy=retry,
        summary=summary,
    )


async def record_order(request: RecordOrder) -> Reserved:
    """Record the order and reserve its stock, in one transaction (R2, R5)."""
    return await _step(OrderSteps.record_order, request, "record the order, reserve stock")


async def take_step(step: Step) -> None:
    """Record an act that needs nothing beyond its row, audit entry and notice."""
    await _step(OrderSteps.take_step, step, f"record: {step.act.replace('_', ' ')}")


async def reserve_stock(request: ReserveStock) -> Reserved:
    """Reserve again what was released or short (R9, R28)."""
    return await _step(OrderSteps.reserve_stock, request, "reserve stock again")


async def amend_lines(request: AmendLines) -> Reserved:
    """Lines leave the order or are replaced; what it then lacks is reserved, or nothing happens (R9)."""
    return await _step(ShortageSteps.amend_lines, request, "change the lines, reserve what they lack")


async def let_go_parcel(request: LetGoParcel) -> LetGo:
    """Give up one parcel that fell short; the order's other parcels go on (R9)."""
    return await _step(ShortageSteps.let_go_parcel, request, f"give up the parcel of {request.task_no}")


async def release_stock(step: Step) -> None:
    """Give the reserved goods back (T2P, R9)."""
    await _step(OrderSteps.release_stock, ReleaseStock(step=step), "release stock")


async def book_payment(request: BookPayment) -> Ledger:
    """Write a payment notice into the ledger, once."""
    return await _step(OrderSteps.book_payment, request, f"book payment: {request.news.event}")


async def gather_facts(order_no: str) -> ReviewFacts:
    """Look up what the automatic review needs (R6)."""
    return await _step(OrderSteps.gather_facts, GatherFacts(order_no=order_no), "gather facts for the review")


async def open_review(request: OpenReview) -> None:
    """Record the findings and where they lead (R6)."""
    await _step(OrderSteps.open_review, request, f"review: {request.step.why}")


async def release_to_warehouse(request: ReleaseToWarehouse) -> PickTasks:
    """Make the pick tasks (R8)."""
    return await _step(OrderSteps.release_to_warehouse, request, "make pick tasks")


async def move_parcel(request: MoveParcel) -> None:
    """Record a carrier's event and what it means (R12, R14)."""
    await _step(OrderSteps.move_parcel, request, f"parcel {request.parcel_no}: {request.parcel_state}")


async def cancel_order(request: CancelOrder) -> Cancelled:
    """Release stock and stop picking; learn what must be undone outside (R3)."""
    return await _step(OrderSteps.cancel_order, request, "release stock, stop picking")


async def archive(request: Archive) -> None:
    """Archive the order (R18)."""
    await _step(OrderSteps.archive, request, "archive")


async def close_payment(request: ClosePayment) -> PaymentClosed:
    """Close the payment at the provider, or learn that it was paid (T1)."""
    return await _party(Payments.close_payment, request, PAYMENTS, "close the payment at the provider")


async def refund_payment(request: RefundPayment) -> RefundDone:
    """Give money back through the provider (R3); raises ActivityError when it is away: see workflows.refunding."""
    summary = f"refund {request.amount} minor units"
    return await _party(Payments.refund_payment, request, PAYMENTS, summary, _REFUND_RETRY)


async def ask_refund(request: AskRefund) -> RefundAsked:
    """Put a refund on record and in the ledger (R16)."""
    return await _step(Refunds.ask_refund, request, f"ask for a refund of {request.amount} minor units")


async def move_refund(request: MoveRefund) -> Sums:
    """Take a refund on by one step."""
    return await _step(Refunds.move_refund, request, f"{request.step.act.replace('_', ' ')}: {request.refund_id}")


async def void_booking(request: VoidBooking) -> None:
    """Void the booking of a cancelled order."""
    await _party(Carriers.void_booking, request, CARRIERS, f"void the booking {request.tracking_no}")


def start_booking(request: BookCarrier) -> workflow.ActivityHandle[Booked]:
    """Start choosing and booking a carrier; the loop goes on reading mail meanwhile (R11).

    Called off, it is awaited all the same: a booking that was made must be known, to be voided.
    """
    return workflow.start_activity_method(
        Carriers.book_carrier,
        request,
        task_queue=CARRIERS,
        start_to_close_timeout=_PARTY_TIMEOUT,
        retry_policy=_PARTY_RETRY,
        cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        summary=f"book a carrier for parcel {request.parcel_no}",
    )
