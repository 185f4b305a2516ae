"""Work that does not go on by itself, on one page, and tried again by hand on record (R22)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.retries import RetryWatch
from store import stuck, sweep_workflows
from tests.api.caller import Caller, an_order, paid
from tests.api.test_commands import in_review
from tests.api.test_schedules import UNANSWERED

_MENDED = {"is": False}


@activity.defn
async def reach_nobody() -> None:
    """Fails until it is mended; its words must not be shown."""
    if not _MENDED["is"]:
        raise ApplicationError("王測試 does not answer", type="NobodyThere")


@workflow.defn
class Waits:
    """Waits for an activity whose next attempt is an hour away, once it was tried three times."""

    @workflow.run
    async def run(self) -> None:
        policy = RetryPolicy(
            initial_interval=timedelta(milliseconds=10), backoff_coefficient=60, maximum_interval=timedelta(hours=1)
        )
        await workflow.execute_activity(reach_nobody, start_to_close_timeout=timedelta(seconds=5), retry_policy=policy)


@workflow.defn
class Broken:
    """Its tasks fail for ever, as after a faulty deployment."""

    @workflow.run
    async def run(self) -> None:
        raise ValueError("王測試")


@asynccontextmanager
async def running(shop: Caller, client: Client, kind: type[Any]) -> AsyncIterator[str]:
    """A workflow of this kind with its own worker; its id."""
    name = f"stuck-{uuid4()}"
    async with Worker(
        client, task_queue=name, workflows=[kind], activities=[reach_nobody],
        workflow_runner=UnsandboxedWorkflowRunner(), interceptors=[RetryWatch(shop.pool)],
    ):  # fmt: skip
        await client.start_workflow(kind.run, id=name, task_queue=name)
        yield name


async def seen(shop: Caller, kind: str, found: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The one row of this kind, once it is there."""
    rows: list[dict[str, Any]] = []

    async def is_there() -> bool:
        rows[:] = [row for row in (await shop.get("/v1/stuck")).json()[kind] if found(row)]
        return bool(rows)

    await shop.holds(is_there)
    return rows[0]


async def test_an_activity_that_is_retried_is_shown_and_run_at_once_when_asked(shop: Caller, temporal: Client) -> None:
    _MENDED["is"] = False
    async with running(shop, temporal, Waits) as name:
        row = await seen(shop, "activities", lambda row: row["workflow_id"] == name)
        assert (row["activity"], row["attempt"] >= 3, row["error"]) == ("reach_nobody", True, "NobodyThere")
        assert "王測試" not in (await shop.get("/v1/stuck")).text
        _MENDED["is"] = True
        path = f"/v1/stuck/activities/{name}/reach_nobody/retry"
        done = await shop.post(path, {"reason": "the line is mended"})
        assert (done.status_code, done.json()) == (200, {"what": f"reach_nobody of {name}"})
        await temporal.get_workflow_handle(name).result()
        assert (await shop.get("/v1/stuck")).json()["activities"] == []
        [act] = (await shop.get("/v1/audit", "auditor", act="tried_again")).json()["items"]
        assert act["why"] == "the line is mended"
        gone = await shop.post(path, {"reason": "once more"})
        assert gone.status_code == 404
        tried = (await shop.get("/v1/audit", "auditor", act="tried_again")).json()["items"]
        assert len(tried) == 1, "what was not tried is not on record as tried"


@pytest.mark.parametrize(
    ("status", "told", "on_record"),
    [*((status, 504, 1) for status in UNANSWERED), (RPCStatusCode.INVALID_ARGUMENT, 404, 0),
     (RPCStatusCode.RESOURCE_EXHAUSTED, 503, 0)],
)  # fmt: skip
async def test_an_activity_tried_by_hand_is_on_record_unless_it_is_certain_that_it_was_not(
    api: Caller, monkeypatch: pytest.MonkeyPatch, status: RPCStatusCode, told: int, on_record: int
) -> None:
    async def refuse(*_: Any, **__: Any) -> None:
        raise RPCError("as Temporal says it", status, b"")

    monkeypatch.setattr(api.app.state.house.client.workflow_service, "reset_activity", refuse)
    asked = await api.post("/v1/stuck/activities/order-1/book_carrier/retry", {"reason": "the line is mended"})
    assert (asked.status_code, asked.headers["content-type"]) == (told, "application/problem+json")
    assert told != 504 or "whether it still waits, before you ask again" in asked.json()["detail"]
    acts = (await api.get("/v1/audit", "auditor", act="tried_again")).json()["items"]
    what = {"what": "activity:order-1:book_carrier", "answer": "none"}
    assert [act["details"] for act in acts] == [what] * on_record


async def test_reading_changes_nothing_and_the_sweep_forgets_what_does_not_wait_any_more(
    shop: Caller, temporal: Client
) -> None:
    _MENDED["is"] = False
    async with running(shop, temporal, Waits) as name:
        await seen(shop, "activities", lambda row: row["workflow_id"] == name)
        async with shop.pool.connection() as conn:
            await stuck.note(conn, "order-given-up", "reach_nobody", datetime.now(UTC))
        noted = "SELECT array_agg(workflow_id ORDER BY workflow_id) FROM retrying"
        shown = (await shop.get("/v1/stuck")).json()["activities"]
        assert [row["workflow_id"] for row in shown] == [name]
        assert await shop.value(noted) == ["order-given-up", name]
        await sweep_workflows.compare_all(temporal, shop.pool, datetime.now(UTC), datetime.now(UTC))
        assert await shop.value(noted) == [name]


async def test_a_workflow_whose_tasks_fail_is_shown_without_its_words(shop: Caller, temporal: Client) -> None:
    async with running(shop, temporal, Broken) as name:
        row = await seen(shop, "workflows", lambda row: row["workflow_id"] == name)
    assert (row["workflow_type"], "WorkerUnhandledFailure" in row["problem"]) == ("Broken", True)


async def test_a_message_that_finds_no_order_is_shown_and_forwarded_at_once_when_asked(shop: Caller) -> None:
    order = an_order()
    number = f"site-{order['channel_order_id']}"
    await shop.stripe(paid(number, order["total"], order["payment"]["reference"]))
    row = await seen(shop, "messages", lambda row: True) if await tried_twice(shop) else {}
    assert (row["source"], row["error"], row["attempts"]) == ("stripe", "NobodyYet", 2)
    path = f"/v1/stuck/messages/{row['message_id']}/retry"
    assert (await shop.post(path, {"reason": "again"}, "administrator")).status_code == 403
    await shop.place(order)
    await shop.until(number, "picking")
    done = await shop.post(path, {"reason": "again"})
    assert (done.status_code, "reached its order" in done.json()["detail"]) == (404, True)
    assert (await shop.get("/v1/stuck")).json()["messages"] == []


async def tried_twice(shop: Caller) -> bool:
    """The message that waits is due again, and is tried a second time by a person."""
    await shop.app.state.house.errands.finish()
    message_id = await shop.value("SELECT message_id FROM inbox WHERE state = 'received'")
    done = await shop.post(f"/v1/stuck/messages/{message_id}/retry", {"reason": "is the order there by now?"})
    return done.status_code == 200


async def test_a_status_that_its_channel_did_not_hear_is_shown_and_told_at_once_when_asked(shop: Caller) -> None:
    number = await in_review(shop)
    async with shop.pool.connection() as conn:
        await conn.execute(
            "UPDATE notices SET state = 'pending', attempts = 3, last_error = 'http 503', delivered_at = NULL,"
            " next_attempt_at = now() + interval '1 hour' WHERE order_no = %s",
            (number,),
        )
    row = await seen(shop, "notices", lambda row: row["order_no"] == number)
    assert len((await shop.get("/v1/stuck")).json()["notices"]) == 1, "of several statuses the newest stands for all"
    assert (row["channel"], row["attempts"], row["error"]) == ("site", 3, "http 503")
    done = await shop.post(f"/v1/stuck/notices/{number}/retry", {"reason": "their front end is back"})
    assert done.status_code == 200
    assert await shop.value("SELECT count(*) FROM notices WHERE next_attempt_at IS NOT NULL") == 0
    timeline = (await shop.get(f"/v1/orders/{number}/timeline")).json()["items"]
    assert [act["why"] for act in timeline if act["act"] == "tried_again"] == ["their front end is back"]
    assert (await shop.post("/v1/stuck/notices/site-NONE/retry", {"reason": "x"})).status_code == 404


async def test_without_temporal_the_page_says_what_it_cannot_know(api: Caller) -> None:
    page = (await api.get("/v1/stuck", "administrator")).json()
    assert (page["workflows"], page["messages"]) == (None, [])
