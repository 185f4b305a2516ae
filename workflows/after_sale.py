"""Phase six: stand by while the return window is open (R16, T9)."""

from __future__ import annotations

from domain.order_status import OrderStatus
from models.base import clock_actor
from models.steps import Archive
from workflows import calls
from workflows.life import Life


async def stand_by(order: Life) -> None:
    """Wait until the return window closes and nothing holds the order; then archive it (R18, T18)."""
    if order.status is not OrderStatus.SIGNED:
        return
    passed = await order.until(lambda: not order.state.clocks)
    await order.until(lambda: order.state.held is None)
    by = clock_actor(passed) if passed else clock_actor("T18")
    step = order.step("archived", by=by, to=OrderStatus.ARCHIVED, passed=(passed,) if passed else ())
    await calls.archive(Archive(step=step))
