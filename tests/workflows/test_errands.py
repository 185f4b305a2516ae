"""What is asked of outside parties beside all else: a fault of ours there stops nobody silently."""

from __future__ import annotations

from typing import Any, NoReturn

import httpx
import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.testing import TimeSkipper

from models import workflow_names as names
from models.commands import Cancel
from models.payments import RefundDone, RefundPayment
from runtime.settings import Settings
from store.pool import Pool
from tests.workflows.shop import SERVICE, Handle, Shop, order_no
from tests.workflows.workers import working
from workflows import refunding


def faulty(request: RefundPayment, done: RefundDone) -> NoReturn:
    """A release with a fault where the provider's answer is read."""
    raise KeyError(f"{request.refund_id} {done.missing}")


async def failed(handle: Handle) -> dict[str, Any] | None:
    """What its workflow task failed of, once it has."""
    for event in (await handle.fetch_history()).events:
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
            return {"of": event.workflow_task_failed_event_attributes.failure.message}
    return None


async def test_a_fault_in_an_errand_fails_the_task_for_all_to_see_and_the_release_that_mends_it_goes_on(
    settings: Settings,
    time_skipper: TimeSkipper,
    pool: Pool,
    outside: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shop = Shop(time_skipper, pool, outside, settings.model_copy(update={"workflow_sandbox": False}))
    with monkeypatch.context() as release:
        release.setattr(refunding, "_heard", faulty)
        async with working(shop):
            await shop.stock_up()
            order = await shop.place()
            await shop.pay(order)
            await shop.reaches(order, "picking")
            await shop.ask(order, names.CANCEL, Cancel(by=SERVICE, reason="buyer_asked"))
            assert await shop.until(lambda: failed(order), bool) == {"of": "an errand ended with KeyError"}
            assert (await order.describe()).close_time is None, "the order itself has not failed"
    async with working(shop):
        assert await order.result() == "cancelled"
    given = await shop.all("SELECT amount, state FROM refunds WHERE order_no = %s", order_no(order))
    assert [one["state"] for one in given] == ["done"]
