"""The clockwork of the house over REST."""

from __future__ import annotations

from typing import Any

import pytest
from temporalio.client import ScheduleHandle
from temporalio.service import RPCError, RPCStatusCode

import worker
from runtime.settings import Settings
from tests.api.caller import Caller
from workflows.schedules import SCHEDULES


def named(page: dict[str, Any], wanted: str) -> dict[str, Any]:
    """One schedule of the page."""
    return next(dict(one) for one in page["items"] if one["id"] == wanted)


async def test_every_schedule_is_shown_with_its_next_run_and_one_can_be_run_now(
    shop: Caller, settings: Settings
) -> None:
    missing = (await shop.get("/v1/schedules", "auditor")).json()
    assert {one["id"] for one in missing["items"]} == {standing.id for standing in SCHEDULES}
    await worker.ensure_schedules(shop.app.state.house.client, settings)
    try:
        page = (await shop.get("/v1/schedules", "auditor")).json()
        assert not any(one["missing"] or one["paused"] for one in page["items"])
        assert all(one["next_run_at"] for one in page["items"])
        before = len(named(page, "fold-board")["runs"])
        done = await shop.post("/v1/schedules/fold-board/run", {"reason": "the board looked old"})
        assert (done.status_code, done.json()) == (200, {"id": "fold-board"})

        async def run_is_shown() -> bool:
            runs = named((await shop.get("/v1/schedules", "auditor")).json(), "fold-board")["runs"]
            return len(runs) > before and runs[0]["status"] == "completed"

        await shop.holds(run_is_shown)
        [act] = (await shop.get("/v1/audit", "auditor", act="schedule_run")).json()["items"]
        assert (act["subject"], act["why"]) == ("schedule:fold-board", "the board looked old")
    finally:
        for standing in SCHEDULES:
            await shop.app.state.house.client.get_schedule_handle(standing.id).delete()


async def test_a_schedule_that_is_none_cannot_be_run_and_an_auditor_runs_nothing(shop: Caller) -> None:
    unknown = await shop.post("/v1/schedules/tea-time/run", {"reason": "thirsty"})
    assert (unknown.status_code, "no schedule tea-time" in unknown.json()["detail"]) == (404, True)
    denied = await shop.post("/v1/schedules/sweep/run", {"reason": "curious"}, "auditor")
    assert denied.status_code == 403


UNANSWERED = [
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.CANCELLED,
    RPCStatusCode.UNKNOWN,
    RPCStatusCode.UNAVAILABLE,
    RPCStatusCode.INTERNAL,
]
"""After these it may have been done."""


async def test_a_run_of_which_no_answer_came_is_on_record_as_such_for_it_ran(
    shop: Caller, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    trigger = ScheduleHandle.trigger

    async def unheard(handle: ScheduleHandle, **options: Any) -> None:
        await trigger(handle, **options)
        raise RPCError("Timeout expired", RPCStatusCode.DEADLINE_EXCEEDED, b"")

    monkeypatch.setattr(ScheduleHandle, "trigger", unheard)
    await worker.ensure_schedules(shop.app.state.house.client, settings)
    try:
        asked = await shop.post("/v1/schedules/fold-board/run", {"reason": "the board looked old"})
        assert (asked.status_code, asked.json()["type"]) == (504, "urn:orderflow:problem:no-answer")
        assert "look among its last runs" in asked.json()["detail"]

        async def it_ran() -> bool:
            return bool(named((await shop.get("/v1/schedules", "auditor")).json(), "fold-board")["runs"])

        await shop.holds(it_ran)
        [act] = (await shop.get("/v1/audit", "auditor", act="schedule_run")).json()["items"]
        assert (act["why"], act["details"]) == ("the board looked old", {"answer": "none"})
    finally:
        for standing in SCHEDULES:
            await shop.app.state.house.client.get_schedule_handle(standing.id).delete()


@pytest.mark.parametrize(
    ("status", "told", "on_record"),
    [*((status, 504, 1) for status in UNANSWERED), (RPCStatusCode.NOT_FOUND, 404, 0),
     (RPCStatusCode.RESOURCE_EXHAUSTED, 503, 0)],
)  # fmt: skip
async def test_a_run_is_on_record_unless_it_is_certain_that_there_was_none(
    api: Caller, monkeypatch: pytest.MonkeyPatch, status: RPCStatusCode, told: int, on_record: int
) -> None:
    async def refuse(*_: Any, **__: Any) -> None:
        raise RPCError("as Temporal says it", status, b"")

    monkeypatch.setattr(ScheduleHandle, "trigger", refuse)
    assert (await api.post("/v1/schedules/sweep/run", {"reason": "the books look odd"})).status_code == told
    assert await api.value("SELECT count(*) FROM audit_entries WHERE act = 'schedule_run'") == on_record


async def test_without_temporal_the_schedules_are_said_to_be_away(api: Caller) -> None:
    assert (await api.get("/v1/schedules", "auditor")).status_code == 503
    asked = await api.post("/v1/schedules/sweep/run", {"reason": "the books look odd"})
    assert asked.status_code == 503
    assert await api.value("SELECT count(*) FROM audit_entries") == 0, "what was not run is not on record as run"
