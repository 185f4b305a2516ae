"""The time machine's door: it moves one order in development, and production has no such route."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper
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
        assert (await shop.get(f"/v1/deadlines/order:{number}/clock")).json()["ended"] is False
        moved = await shop.post(f"/v1/deadlines/order:{number}/clock", {"seconds": 2 * 86_400})
        assert (await shop.get(f"/v1/deadlines/order:{number}/clock")).json()["ended"] is True
    assert (moved.status_code, moved.json()["ended"]) == (200, True), moved.text


async def test_what_is_left_of_a_moved_clock_is_told_by_that_clock_and_of_all_others_by_the_walls(shop: Caller) -> None:
    open_door(shop.app, shop.settings)
    number, other = await in_review(shop), await shop.placed()
    await shop.post(f"/v1/deadlines/order:{number}/clock", {"seconds": 1_800})
    left = {
        (one["order_no"], one["deadline"]): one["seconds_left"]
        for one in (await shop.get("/v1/deadlines", limit=200)).json()["items"]
    }
    assert 5_300 < left[number, "T3"] < 5_410
    assert 86_300 < left[other, "T1"] < 86_401
    moved = {one["subject"]: one["ahead_seconds"] for one in (await shop.get("/v1/deadlines/moved")).json()["items"]}
    assert 1_795 < moved.pop(f"order:{number}") < 1_810
    assert f"order:{other}" not in moved


async def test_a_case_and_a_review_of_rights_are_moved_by_their_names_on_the_board(shop: Caller) -> None:
    open_door(shop.app, shop.settings)
    number = await shop.placed()
    case = (await shop.post(f"/v1/orders/{number}/cases", {"kind": "complaint", "reason": "late"})).json()["case_no"]
    moved = await shop.post(f"/v1/deadlines/case:{case}/clock", {"seconds": 25 * 3_600})
    assert moved.status_code == 200, moved.text
    assert moved.json()["ahead_seconds"] > 24 * 3_600

    async def escalated() -> bool:
        acts = (await shop.get(f"/v1/cases/{case}/timeline")).json()["items"]
        return ("case_deadline_passed", ["customer_service", "operations"]) in [
            (act["act"], act["details"].get("told")) for act in acts
        ]

    await shop.holds(escalated)
    acts = (await shop.get(f"/v1/orders/{number}/timeline")).json()["items"]
    [opened] = [act for act in acts if act["act"] == "case_opened"]
    assert opened["after"] == {"code": "opened", "zh": "待領取", "en": "opened"}
    assert (await shop.get("/v1/deadlines/rights-review:2026-01/clock")).status_code == 404
    assert (await shop.get("/v1/deadlines/channel:nowhere/clock")).status_code == 404


@pytest.mark.parametrize(("status", "told"), [(RPCStatusCode.INVALID_ARGUMENT, 409), (RPCStatusCode.UNAVAILABLE, 503)])
async def test_a_server_that_moves_no_clock_is_a_plain_refusal(
    shop: Caller, monkeypatch: pytest.MonkeyPatch, status: RPCStatusCode, told: int
) -> None:
    open_door(shop.app, shop.settings)
    number = await in_review(shop)

    async def refuse(*_: object) -> bool:
        raise RPCError("time skipping is not enabled", status, b"")

    monkeypatch.setattr(TimeSkipper, "fast_forward", refuse)
    answer = await shop.post(f"/v1/deadlines/order:{number}/clock", {"seconds": 60})
    assert (answer.status_code, answer.headers["content-type"]) == (told, "application/problem+json")


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
