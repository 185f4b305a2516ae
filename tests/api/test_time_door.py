"""The time machine's door: it moves one order in development, and production has no such route."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from temporalio.client import Client
from temporalio.worker import Worker

from cli.processes import api_app
from dev.time_door import open_door
from dev.time_machine import NotInProduction
from models.order import workflow_id
from runtime.settings import Settings
from tests.api.caller import Caller
from tests.api.test_commands import in_review
from tests.e2e.test_time_machine import WaitingOrder, ask_a_slow_party

DOOR = "/v1/deadlines/{subject}/clock"


def paths(app: FastAPI) -> set[str]:
    """Every path of the application."""
    return {str(context.path) for context in iter_route_contexts(app.routes)}


def test_production_serves_no_time_machine_and_refuses_to_be_given_one(settings: Settings) -> None:
    production = settings.model_copy(update={"environment": "production"})
    assert DOOR in paths(api_app(settings))
    served = api_app(production)
    assert DOOR not in paths(served)
    with pytest.raises(NotInProduction):
        open_door(served, production)
    assert DOOR not in paths(served)


async def test_one_order_is_moved_past_a_deadline_under_a_key(shop: Caller) -> None:
    open_door(shop.app, shop.settings)
    number, other = await in_review(shop), await shop.placed()
    path = f"/v1/deadlines/order:{number}/clock"
    due = (await shop.get(f"/v1/orders/{number}")).json()["waits"]["deadlines"][0]["due_at"]
    moved = await shop.post(path, {"past": due}, key="once")
    assert moved.status_code == 200, moved.text
    assert moved.json()["now"] > due
    assert (await shop.post(path, {"past": due}, key="once")).json() == moved.json()

    async def reminded() -> bool:
        acts = (await shop.get(f"/v1/orders/{number}/timeline")).json()["items"]
        return "review_reminded" in [act["act"] for act in acts]

    await shop.holds(reminded)
    now = datetime.fromisoformat((await shop.get(f"/v1/deadlines/order:{other}/clock")).json()["now"])
    assert now - datetime.now(UTC) < timedelta(minutes=1)


async def test_an_order_that_ends_on_the_way_is_told_of(shop: Caller, temporal: Client) -> None:
    open_door(shop.app, shop.settings)
    number = "site-WAITS"
    async with Worker(temporal, task_queue=number, workflows=[WaitingOrder], activities=[ask_a_slow_party]):
        await temporal.start_workflow(WaitingOrder.run, id=workflow_id(number), task_queue=number)
        moved = await shop.post(f"/v1/deadlines/order:{number}/clock", {"seconds": 2 * 86_400})
    assert (moved.status_code, moved.json()["ended"]) == (200, True), moved.text


async def test_a_wrong_request_moves_nothing(shop: Caller) -> None:
    open_door(shop.app, shop.settings)
    number = await in_review(shop)
    path = f"/v1/deadlines/order:{number}/clock"
    for body in ({}, {"seconds": 0}, {"seconds": 60, "past": "2030-01-01T00:00:00Z"}, {"past": "2030-01-01T00:00:00"}):
        assert (await shop.post(path, body)).status_code == 422
    assert (await shop.post(path, {"seconds": 60}, "reviewer")).status_code == 403
    assert (await shop.post("/v1/deadlines/order:site-NONE/clock", {"seconds": 60})).status_code == 404
    now = datetime.fromisoformat((await shop.get(path)).json()["now"])
    assert now - datetime.now(UTC) < timedelta(minutes=1)
