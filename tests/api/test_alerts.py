"""Alerts: each department reads what it is told, and says that it has looked (R7, R25)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dev.time_door import open_door
from domain import sayings
from domain.permissions import Role
from store import alerts
from tests.api.caller import Caller
from tests.api.test_case_scope import confined, two_warehouses
from tests.api.test_commands import in_review

__all__ = ["two_warehouses"]


async def overdue(shop: Caller) -> str:
    """An order that nobody reviewed in time: its reviewers were reminded (T2), operations told (T3)."""
    open_door(shop.app, shop.settings)
    number = await in_review(shop)
    moved = await shop.post(f"/v1/deadlines/order:{number}/clock", {"seconds": 3 * 3600})
    assert moved.status_code == 200, moved.text

    async def escalated() -> bool:
        return bool(await told(shop, number, "operations", "T3"))

    await shop.holds(escalated)
    return number


async def told(shop: Caller, number: str, role: str, kind: str) -> list[int]:
    """The alerts of that kind about that order which stand before that role."""
    items: list[dict[str, Any]] = (await shop.get("/v1/alerts", role, limit=200)).json()["items"]
    return [one["id"] for one in items if (one["order_no"], one["kind"]) == (number, kind)]


async def test_each_department_is_told_its_own_and_the_record_says_who_was(shop: Caller) -> None:
    number = await overdue(shop)
    assert len(await told(shop, number, "reviewer", "T2")) == 1
    assert await told(shop, number, "reviewer", "T3") == []
    assert await told(shop, number, "finance", "T3") == []
    assert len(await told(shop, number, "auditor", "T2")) == 1, "the auditor sees what every department is told"
    assert (await shop.get("/v1/alerts", "finance", department="operations")).status_code == 403
    acts = (await shop.get(f"/v1/orders/{number}/timeline")).json()["items"]
    assert {act["act"]: act["details"]["told"] for act in acts if "told" in act["details"]} == {
        "review_reminded": ["reviewer"],
        "review_escalated": ["operations"],
    }


async def test_an_alert_tells_its_kind_and_its_facts_for_a_sentence_in_another_language(shop: Caller) -> None:
    number = await overdue(shop)
    items = (await shop.get("/v1/alerts", "operations", limit=200)).json()["items"]
    [late] = [one for one in items if (one["order_no"], one["kind"]) == (number, "T3")]
    assert late["facts"] == {"about": number}
    assert late["text"] == f"T3 manual review: due: passed for {number}; escalate to operations"


async def test_what_somebody_has_looked_at_leaves_the_list_and_nobody_looks_for_another_department(
    shop: Caller,
) -> None:
    number = await overdue(shop)
    ids = await told(shop, number, "operations", "T3")
    for role in ("reviewer", "auditor"):
        assert (await shop.post("/v1/alerts/seen", {"ids": ids}, role)).json() == {"seen": 0}
    assert await told(shop, number, "operations", "T3") == ids
    assert (await shop.post("/v1/alerts/seen", {"ids": ids}, "operations", key="once")).json() == {"seen": 1}
    assert (await shop.post("/v1/alerts/seen", {"ids": ids}, "operations", key="once")).json() == {"seen": 1}
    assert (await shop.post("/v1/alerts/seen", {"ids": ids}, "operations")).json() == {"seen": 0}
    assert await told(shop, number, "operations", "T3") == []


async def test_the_newest_comes_first_in_pages(shop: Caller) -> None:
    await overdue(shop)
    first = (await shop.get("/v1/alerts", "operations", limit=1)).json()
    second = (await shop.get("/v1/alerts", "operations", limit=1, cursor=first["next_cursor"])).json()
    assert first["items"][0]["id"] > second["items"][0]["id"]


async def test_warehouse_staff_are_told_of_orders_of_their_own_houses_only(two_warehouses: Caller) -> None:
    api, now = two_warehouses, datetime.now(UTC)
    async with api.pool.connection() as conn:
        for number in ("web-1", "web-2", None):
            told = sayings.put_back(f"{number}-T1", "SH", [(1, "TEA", "A-01")])
            await alerts.raise_alert(conn, told, at=now, department="warehouse", key=f"x:{number}", order_no=number)
    for house, own in (("SH", "web-1"), ("GZ", "web-2")):
        _, headers = await confined(api, Role.WAREHOUSE, warehouses=(house,))
        found = (await api.http.get("/v1/alerts", headers=headers)).json()["items"]
        assert [one["order_no"] for one in found] == [None, own]
        every = await api.value("SELECT array_agg(id) FROM alerts WHERE order_no IS NOT NULL")
        looked = await api.http.post(
            "/v1/alerts/seen", json={"ids": every}, headers=headers | {"Idempotency-Key": house}
        )
        assert looked.json() == {"seen": 1}, "nobody looks at what is for another house"


async def test_whoever_is_confined_to_a_channel_is_told_of_its_orders_only(two_warehouses: Caller) -> None:
    api, now = two_warehouses, datetime.now(UTC)
    async with api.pool.connection() as conn:
        for number in ("web-1", "app-1", None):
            told = sayings.channel_behind("web", 1)
            await alerts.raise_alert(conn, told, at=now, department="operations", key=f"y:{number}", order_no=number)
    _, headers = await confined(api, Role.OPERATIONS, channels=("web",))
    found = (await api.http.get("/v1/alerts", headers=headers)).json()["items"]
    assert [one["order_no"] for one in found if one["kind"] == "T13"] == ["web-1"]
