"""What orders have lived through replays through the code as it is now (STYLE 13)."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner, WorkflowRunner
from temporalio.workflow import NondeterminismError

from models import workflow_names as names
from models.order import PlaceOrder
from models.state import OrderState
from runtime.temporal import sandbox
from tests.replay import golden
from tests.workflows.shop import GOOD
from worker import WORKFLOWS
from workflows import delivery, fulfilment, intake, payment, review
from workflows.order import OrderWorkflow

RUNNERS = {"sandboxed": sandbox, "as in production": UnsandboxedWorkflowRunner}


@pytest.fixture(scope="module")
def histories() -> dict[str, WorkflowHistory]:
    """All golden histories; fails when the folder holds none, or not exactly the expected ones."""
    return dict(golden.load_all())


def replayer(runner: WorkflowRunner, *workflows: type) -> Replayer:
    """Replays as the worker would, patient with a busy machine."""
    return Replayer(
        workflows=workflows or WORKFLOWS,
        data_converter=pydantic_data_converter,
        workflow_runner=runner,
        debug_mode=True,
    )


@pytest.mark.parametrize("runner", RUNNERS)
@pytest.mark.parametrize("name", sorted(golden.EXPECTED))
async def test_a_golden_history_replays(name: str, runner: str, histories: dict[str, WorkflowHistory]) -> None:
    await replayer(RUNNERS[runner]()).replay_workflow(histories[name])


def test_every_workflow_that_the_worker_knows_has_a_history(histories: dict[str, WorkflowHistory]) -> None:
    started = (history.events[0].workflow_execution_started_event_attributes for history in histories.values())
    registered = [workflow._Definition.must_from_class(one).name for one in WORKFLOWS]
    assert {one.workflow_type.name for one in started} == set(registered)


@workflow.defn(name=names.ORDER_WORKFLOW)
class ReviewsBeforePayment(OrderWorkflow):
    """An order whose phases somebody has put into another order."""

    @workflow.init
    def __init__(self, order: PlaceOrder, resumed: OrderState | None = None) -> None:
        super().__init__(order, resumed)

    @workflow.run
    async def run(self, order: PlaceOrder, resumed: OrderState | None = None) -> str:
        await intake.record(self.order)
        await review.decide(self.order)
        await payment.collect(self.order)
        await fulfilment.pick_pack_ship(self.order)
        await delivery.follow_to_signature(self.order)
        return str(self.order.status)


async def test_phases_in_another_order_do_not_replay(histories: dict[str, WorkflowHistory]) -> None:
    changed = replayer(UnsandboxedWorkflowRunner(), ReviewsBeforePayment)
    with pytest.raises(NondeterminismError):
        await changed.replay_workflow(histories["approved_by_a_person"])


async def test_a_step_left_out_does_not_replay(
    histories: dict[str, WorkflowHistory], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def skip(order: object) -> None:
        return

    monkeypatch.setattr(review, "decide", skip)
    with pytest.raises(NondeterminismError):
        await replayer(UnsandboxedWorkflowRunner()).replay_workflow(histories["approved_by_the_rules"])


def test_a_folder_without_histories_fails(tmp_path: Path) -> None:
    with pytest.raises(golden.WrongSet):
        golden.load_all(tmp_path)


def test_one_missing_history_fails_and_is_named(tmp_path: Path, histories: dict[str, WorkflowHistory]) -> None:
    for name, history in histories.items():
        golden.keep(name, history, tmp_path)
    (tmp_path / "cash_on_delivery.json").unlink()
    with pytest.raises(golden.WrongSet, match="cash_on_delivery"):
        golden.load_all(tmp_path)


@pytest.mark.parametrize("name", sorted(golden.EXPECTED))
def test_no_history_tells_of_a_person_or_of_the_machine(name: str) -> None:
    text = (golden.HISTORIES / f"{name}.json").read_text(encoding="utf-8")
    told = "\n".join([text, *payloads(json.loads(text))])
    assert GOOD.name is not None
    assert GOOD.phone is not None
    assert GOOD.address is not None
    for word in (GOOD.name, GOOD.phone, GOOD.phone.removeprefix("+86"), GOOD.address.street, "site-packages", "@"):
        assert word not in told


def payloads(value: Any) -> Iterator[str]:
    """Every payload of a history in the clear."""
    if isinstance(value, dict):
        if isinstance(data := value.get("data"), str):
            yield base64.b64decode(data).decode("utf-8", errors="replace")
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from payloads(inner)
