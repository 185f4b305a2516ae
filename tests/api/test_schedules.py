"""The clockwork of the house over REST."""

from __future__ import annotations

from typing import Any

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


async def test_without_temporal_the_schedules_are_said_to_be_away(api: Caller) -> None:
    assert (await api.get("/v1/schedules", "auditor")).status_code == 503
    asked = await api.post("/v1/schedules/sweep/run", {"reason": "the books look odd"})
    assert asked.status_code == 503
    assert await api.value("SELECT count(*) FROM audit_entries") == 0, "what was not run is not on record as run"
