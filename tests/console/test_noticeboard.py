"""What stands before everybody: the most urgent first, and until when the first of it stands by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from api.schemas.emergencies import BroadcastPage
from console.bench import Bench
from console.calls import Api
from console.entrance import StaffCard
from console.noticeboard import first_over, standing
from console.preferences import Preferences


def _stands(severity: str, until: str, *, stands: bool = True) -> dict[str, Any]:
    return {
        "broadcast_id": f"B-{severity}", "severity": severity, "text": severity, "departments": [],
        "sent_by": "operations-1", "sent_at": "2030-01-02T08:00:00Z", "posted_at": None, "refused": None,
        "stands": stands, "stands_until": until, "ended_at": None, "ended_by": None,
    }  # fmt: skip


PAGE = BroadcastPage.model_validate({
    "items": [
        _stands("notice", "2030-01-05T08:00:00Z"),
        _stands("emergency", "2030-01-07T08:00:00Z"),
        _stands("warning", "2030-01-04T08:00:00Z", stands=False),
    ],
    "next_cursor": None,
})  # fmt: skip


async def test_the_most_urgent_stands_first_before_the_department_that_asks() -> None:
    asked: list[httpx.URL] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return httpx.Response(200, content=PAGE.model_dump_json())

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://shop.test") as http:
        card = StaffCard(id="picker-1", role="warehouse", permissions=frozenset({"broadcast.read"}))
        found = await standing(Bench(card, Api(http, "known"), Preferences("en", "light"), ZoneInfo("Asia/Shanghai")))
    assert [one.severity for one in found] == ["emergency", "warning", "notice"]
    assert [(url.params["department"], url.params["standing"]) for url in asked] == [("warehouse", "true")]


def test_the_first_that_is_over_by_itself_is_one_that_still_stands() -> None:
    assert first_over(PAGE.items) == datetime(2030, 1, 5, 8, tzinfo=UTC)
    assert first_over([]) is None
