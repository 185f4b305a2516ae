"""Phase one: the order is put on record, with its stock (R2, R5)."""

from __future__ import annotations

from temporalio import workflow

from domain.errors import WorkflowIdMismatch
from models.order import workflow_id
from models.steps import RecordOrder
from workflows import calls, holding, stock
from workflows.life import Life


async def record(order: Life) -> None:
    """Write the order and reserve all its lines or none; its first clocks start here."""
    state = order.state
    if state.recorded:
        return
    expected = workflow_id(state.order.order_no)
    if workflow.info().workflow_id != expected:
        raise WorkflowIdMismatch(f"start this order with the workflow id {expected}")
    order.enter(order.status)
    result = await calls.record_order(RecordOrder(step=order.step("order_recorded"), order=state.order))
    stock.note(order, result)
    state.recorded = True
    await holding.fall_under(order, result)
