"""How an order is started and spoken to, also past our API."""

from __future__ import annotations

import asyncio
import inspect

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from models import workflow_names as names
from models.commands import Hold
from models.order import workflow_id
from models.payments import LateMoney
from models.temporal_names import ORDERS
from tests.workflows.shop import OPERATIONS, Shop, captured, number_of
from workflows.cases import CaseWorkflow
from workflows.order import OrderWorkflow


def is_door(member: object) -> bool:
    """A signal of a name; the one for all other names takes whatever comes."""
    known = getattr(member, "__temporal_signal_definition", None)
    return known is not None and known.name is not None


async def test_an_integrator_starts_an_order_with_plain_json_and_a_client_of_their_own(shop: Shop) -> None:
    order = await shop.order(payment_reference=None, payment_provider=None)
    plain = order.model_dump(mode="json", exclude_defaults=True)
    await shop.skipper.client.start_workflow("OrderWorkflow", plain, id=workflow_id(order.order_no), task_queue=ORDERS)
    known = shop.handle(order)
    await known.signal("payment", captured(number_of(known), order.total).model_dump(mode="json"))
    await shop.reaches(known, "picking")


async def test_an_input_that_is_no_order_fails_with_what_is_wrong_and_records_nothing(shop: Shop) -> None:
    order = await shop.order()
    wrong = order.model_dump(mode="json") | {"total": 1}
    handle = await shop.skipper.client.start_workflow(
        "OrderWorkflow", wrong, id=workflow_id(order.order_no), task_queue=ORDERS
    )
    with pytest.raises(WorkflowFailureError) as failure:
        await handle.result()
    assert "does not add up" in str(failure.value.cause)
    assert await shop.all("SELECT 1 FROM orders") == []


@pytest.mark.parametrize("lives", [OrderWorkflow, CaseWorkflow])
def test_every_signal_can_come_without_what_it_takes(lives: type) -> None:
    doors = {name: door for name, door in inspect.getmembers(lives) if is_door(door)}
    assert len(doors) > 10
    heard = {name: list(inspect.signature(door).parameters.values())[1:] for name, door in doors.items()}
    shut = [
        name for name, (said,) in heard.items() if said.default is not None or "Unsigned" not in str(said.annotation)
    ]
    assert shut == [], "a signal without input would jam its workflow for good"


async def test_an_order_under_a_foreign_workflow_id_is_refused(shop: Shop) -> None:
    order = await shop.order()
    handle = await shop.skipper.client.start_workflow("OrderWorkflow", order, id="order-other-1", task_queue=ORDERS)
    with pytest.raises(WorkflowFailureError) as failure:
        await handle.result()
    assert isinstance(failure.value.cause, ApplicationError)
    assert failure.value.cause.type == "WorkflowIdMismatch"
    assert await shop.all("SELECT 1 FROM orders") == []


async def test_a_payment_that_comes_before_the_order_is_on_record_is_not_lost(shop: Shop) -> None:
    order = await shop.order()
    await shop.skipper.client.start_workflow(
        "OrderWorkflow",
        order,
        id=workflow_id(order.order_no),
        task_queue=ORDERS,
        start_signal=names.PAYMENT,
        start_signal_args=[captured(order.channel_order_id, order.total)],
    )
    known = shop.handle(order)
    await shop.reaches(known, "picking")


async def test_fifty_starts_at_once_are_one_order(shop: Shop) -> None:
    order = await shop.order()

    async def start() -> bool:
        try:
            await shop.start(order)
        except (RPCError, RuntimeError):
            return False
        return True

    started = await asyncio.gather(*(start() for _ in range(50)), return_exceptions=True)
    assert started.count(True) == 1
    handle = shop.handle(order)
    await shop.until(lambda: shop.row(handle), lambda row: row is not None)
    assert await shop.stock() == (10, 1)


async def test_a_payment_after_the_end_is_given_back(shop: Shop) -> None:
    handle = await shop.place(lines=({"line_no": 1, "sku": "TEA", "quantity": 11, "unit_price": 100},), total=1_100)
    assert await handle.result() == "intercepted"
    number = number_of(handle)
    intent = {"amount": 1_100, "order_no": f"web-{number}", "id": f"pi_{number}late"}
    await shop.outside.post("/control/stripe/payment_intents", json=intent)
    await shop.outside.post(f"/control/stripe/payment_intents/pi_{number}late/pay", json={"times": 0})
    late = LateMoney(order_no=f"web-{number}", news=captured(number, 1_100, reference=f"pi_{number}late"))
    back = await shop.skipper.client.execute_workflow(
        "LateMoneyWorkflow", late, id=f"late-money-web-{number}-1", task_queue=ORDERS, result_type=int
    )
    assert back == 1_100
    assert await shop.money(handle) == (1_100, 1_100)


async def test_current_details_say_in_both_languages_what_the_order_waits_for(shop: Shop) -> None:
    handle = await shop.place()
    await shop.ask(handle, names.HOLD, Hold(by=OPERATIONS, reason="flood"))
    details = await handle.query("__temporal_workflow_metadata")
    text = details.current_details if hasattr(details, "current_details") else details["currentDetails"]
    for words in ("待付款", "awaiting payment", "等待付款", "T1 online payment", "Held 已掛起: flood"):
        assert words in text
