"""Phase six: stand by while the return window is open (R16, T9)."""

from __future__ import annotations

from domain.deadlines import DeadlineId
from domain.order_status import OrderStatus
from models.base import clock_actor
from models.steps import Archive
from workflows import calls, clocks, open_cases
from workflows.life import Life

WAITS_FOR_CASES = "close of the open cases"


async def stand_by(order: Life) -> None:
    """Wait until the return window closes and nothing holds the order; then archive it (R18, T18)."""
    if order.status is not OrderStatus.SIGNED:
        return
    await open_cases.replacement_over(order)
    passed = await order.until(lambda: not clocks.names(order.state))
    if passed is not None and _something_open(order):
        await close_window(order, passed)
        passed = None
    await order.until(lambda: order.state.held is None and not _something_open(order))
    by = clock_actor(passed) if passed else clock_actor("T18")
    step = order.step("archived", by=by, to=OrderStatus.ARCHIVED, passed=(passed,) if passed else ())
    await calls.archive(Archive(step=step))


def _something_open(order: Life) -> bool:
    """A case, or a refund that is not back yet: the order is not archived over it (T18)."""
    return bool(order.state.open_cases or order.state.refunds)


async def close_window(order: Life, passed: DeadlineId) -> None:
    """T9 passed while a case is open: the window is closed, the order waits for the case (T18)."""
    step = order.step("return_window_closed", by=clock_actor(passed), passed=(passed,))
    await calls.take_step(step.model_copy(update={"waiting_for": WAITS_FOR_CASES}))
