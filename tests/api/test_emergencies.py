"""Emergencies over HTTP: bulk holds, peak mode, broadcasts, digests, and the operations' hand (R7, R22, R25)."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from typing import Any

from domain.digest import Day
from store import digests
from tests.api.caller import Caller
from tests.api.test_commands import in_review


async def counted(shop: Caller, hold_id: str, **wanted: object) -> dict[str, Any]:
    """The emergency, once it has come so far."""
    seen: dict[str, Any] = {}
    for _ in range(200):
        seen = (await shop.get(f"/v1/holds/{hold_id}")).json()
        if all(seen[name] == value for name, value in wanted.items()):
            return seen
        await asyncio.sleep(0.05)
    raise AssertionError(f"it never came to {wanted}: {seen}")


async def test_a_channel_is_held_shown_on_each_order_and_released_once(shop: Caller) -> None:
    number, other = await in_review(shop), await shop.placed(channel="app")
    body = {"channel": "site", "reason": "order_flood", "clocks": "stop"}
    opened = await shop.post("/v1/holds", body, key="flood")
    assert opened.status_code == 201, opened.text
    hold_id = opened.json()["hold_id"]
    assert (await shop.post("/v1/holds", body, key="flood")).json()["hold_id"] == hold_id
    view = await counted(shop, hold_id, state="standing", held=1)
    assert (view["scope"], view["names"], view["reason"], view["clocks"]) == (
        "channel", ["site"], "order_flood", "stop",
    )  # fmt: skip
    order = (await shop.get(f"/v1/orders/{number}")).json()
    assert order["held"] == "order_flood"
    assert {clock["state"] for clock in order["waits"]["deadlines"]} == {"stopped"}
    assert order["waits"]["until"] is None
    board = (await shop.get("/v1/deadlines")).json()["items"]
    stopped = {row["deadline"]: row["seconds_left"] for row in board if row["state"] == "stopped"}
    assert 3_500 < stopped["T2"] <= 3_600
    results = (await shop.get(f"/v1/holds/{hold_id}/orders")).json()["items"]
    assert [(row["order_no"], row["state"]) for row in results] == [(number, "held")]
    assert (await shop.get(f"/v1/orders/{other}")).json()["held"] is None

    released = await shop.post(f"/v1/holds/{hold_id}/release", {"reason": "flood_over"})
    assert released.status_code == 200, released.text
    await counted(shop, hold_id, state="released", let_go=1, held=0)
    order = (await shop.get(f"/v1/orders/{number}")).json()
    assert order["held"] is None
    assert {clock["state"] for clock in order["waits"]["deadlines"]} == {"running"}
    again = await shop.post(f"/v1/holds/{hold_id}/release", {"reason": "once_more"})
    assert (again.status_code, again.json()["type"].rsplit(":", 1)[1]) == (409, "not-waiting-for-this")
    assert (await shop.post("/v1/holds/H-AAAAAAAAAAAA/release", {"reason": "x"})).status_code == 404
    assert [row["hold_id"] for row in (await shop.get("/v1/holds")).json()["items"]] == [hold_id]


async def test_a_hold_names_exactly_one_selection(api: Caller) -> None:
    before = await api.rows()
    bodies: list[dict[str, Any]] = [
        {},
        {"warehouse": "SH", "channel": "site"},
        {"orders": []},
        {"orders": ["no number"]},
    ]
    for body in bodies:
        assert (await api.post("/v1/holds", {"reason": "x", **body})).status_code == 422
    assert (await api.post("/v1/holds", {"reason": "x", "channel": "site"}, "sales")).status_code == 403
    away = await api.post("/v1/holds", {"reason": "x", "channel": "site"})
    assert away.status_code == 503
    assert await api.rows() == before


async def test_what_a_hold_would_reach_is_told_before_anything_is_done(shop: Caller) -> None:
    await in_review(shop)

    async def reach(role: str = "operations", **asked: str) -> Any:
        return await shop.get("/v1/holds/reach", role, **asked)

    for asked in ({"channel": "site"}, {"warehouse": "SZ"}):
        told = (await reach(**asked)).json()
        assert (told["count"], told["exact"], told["text"]) == (1, True, "1")
    for asked in ({"channel": "app"}, {"warehouse": "SH"}):
        assert (await reach(**asked)).json()["count"] == 0
    assert (await shop.get("/v1/holds")).json()["items"] == []
    assert (await reach(channel="site", warehouse="SH")).status_code == 422
    assert (await reach()).status_code == 422
    assert (await reach("sales", channel="site")).status_code == 403


async def test_peak_mode_is_set_shown_and_reaches_who_waits(shop: Caller) -> None:
    number = await in_review(shop)
    assert (await shop.get("/v1/peak")).json()["factor"] == 1
    due = (await shop.get(f"/v1/orders/{number}")).json()["waits"]["until"]
    assert (await shop.post("/v1/peak", {"factor": 13, "reason": "x"})).status_code == 422
    made = await shop.post("/v1/peak", {"factor": 4, "reason": "double_eleven"})
    assert made.status_code == 201, made.text
    shown = (await shop.get("/v1/peak", "reviewer")).json()
    assert (shown["factor"], shown["reason"], shown["set_by"]) == (4, "double_eleven", "operations-1")
    until = due
    for _ in range(200):
        until = (await shop.get(f"/v1/orders/{number}")).json()["waits"]["until"]
        if until != due:
            break
        await asyncio.sleep(0.05)
    moved = datetime.fromisoformat(until) - datetime.fromisoformat(due)
    assert moved.total_seconds() == 3 * 3_600


async def test_a_broadcast_is_on_the_desks_and_holds_no_person(shop: Caller) -> None:
    personal = await shop.post("/v1/broadcasts", {"severity": "notice", "text": "call 13800138000"})
    assert (personal.status_code, personal.json()["faults"][0]["field"]) == (422, "text")
    body = {"severity": "emergency", "text": "上海倉停電", "departments": ["warehouse"]}
    sent = await shop.post("/v1/broadcasts", body)
    assert sent.status_code == 201, sent.text
    everybody = await shop.post("/v1/broadcasts", {"severity": "notice", "text": "明日盤點"})
    assert everybody.status_code == 201
    seen = (await shop.get("/v1/broadcasts", "warehouse", department="warehouse")).json()["items"]
    assert [row["text"] for row in seen] == ["明日盤點", "上海倉停電"]
    others = (await shop.get("/v1/broadcasts", department="finance", limit=1)).json()
    assert [row["text"] for row in others["items"]] == ["明日盤點"]
    assert (await shop.post("/v1/broadcasts", body, "warehouse")).status_code == 403


async def test_a_broadcast_stands_until_it_is_ended_or_forgotten(shop: Caller) -> None:
    sent = (await shop.post("/v1/broadcasts", {"severity": "warning", "text": "外箱不足"})).json()
    forgotten = (await shop.post("/v1/broadcasts", {"severity": "notice", "text": "昨日盤點"})).json()["broadcast_id"]
    assert (sent["stands"], sent["ended_at"]) == (True, None)
    async with shop.pool.connection() as conn:
        await conn.execute(
            "UPDATE broadcasts SET sent_at = sent_at - interval '73 hours' WHERE broadcast_id = %s", (forgotten,)
        )

    async def standing() -> list[str]:
        found = await shop.get("/v1/broadcasts", "warehouse", department="warehouse", standing=True)
        return [row["text"] for row in found.json()["items"]]

    assert await standing() == ["外箱不足"]
    path = f"/v1/broadcasts/{sent['broadcast_id']}/end"
    assert (await shop.post(path, {"reason": "x"}, "warehouse")).status_code == 403
    ended = await shop.post(path, {"reason": "boxes_came"}, key="over")
    assert (ended.status_code, ended.json()["stands"], ended.json()["ended_by"]) == (200, False, "operations-1")
    assert (await shop.post(path, {"reason": "boxes_came"}, key="over")).json() == ended.json()
    assert await standing() == []
    assert len((await shop.get("/v1/broadcasts", "warehouse")).json()["items"]) == 2
    for number, status in ((sent["broadcast_id"], 409), (forgotten, 409), ("B-AAAAAAAAAAAA", 404)):
        assert (await shop.post(f"/v1/broadcasts/{number}/end", {"reason": "again"})).status_code == status
    [act] = (await shop.get("/v1/audit", "auditor", act="broadcast_ended")).json()["items"]
    assert (act["subject"], act["why"]) == (f"broadcast:{sent['broadcast_id']}", "boxes_came")


async def test_digests_are_listed_by_day_in_pages(api: Caller) -> None:
    async with api.pool.connection() as conn:
        for day in (1, 2, 3):
            await digests.keep(conn, Day(date(2026, 6, day), {"site": day}, {}, 0, 0, {}), datetime.now(UTC))
    first = (await api.get("/v1/digests", limit=2)).json()
    rest = (await api.get("/v1/digests", limit=2, cursor=first["next_cursor"])).json()
    assert [row["day"] for row in first["items"] + rest["items"]] == ["2026-06-03", "2026-06-02", "2026-06-01"]
    assert rest["next_cursor"] is None
    assert (await api.get("/v1/digests/2026-06-02", "auditor")).json()["by_channel"] == {"site": 2}
    assert (await api.get("/v1/digests/2026-06-09")).status_code == 404
    assert (await api.get("/v1/digests/soon")).status_code == 422
    assert (await api.get("/v1/digests", "warehouse")).status_code == 403


async def test_a_status_is_forced_by_two_persons_and_each_refusal_says_why(shop: Caller) -> None:
    number = await in_review(shop)
    path = f"/v1/orders/{number}/status"
    hopeless = await shop.post(path, {"to": "packed", "reason": "x", "force": True})
    assert (hopeless.status_code, hopeless.json()["type"].rsplit(":", 1)[1]) == (409, "not-whole")
    plain = await shop.post(path, {"to": "intercepted", "reason": "fake_address"})
    assert (plain.status_code, plain.json()["type"].rsplit(":", 1)[1]) == (409, "consent-needed")
    asked = await shop.post(path, {"to": "intercepted", "reason": "fake_address", "force": True})
    assert asked.status_code == 200, asked.text
    request = asked.json()["force_request"]
    assert (request["id"], request["to"]["code"], request["asked_by"]) == ("F1", "intercepted", "operations-1")
    alone = await shop.post(f"{path}/F1/consent", {})
    assert (alone.status_code, alone.json()["type"].rsplit(":", 1)[1]) == (403, "same-person")
    done = await shop.post(f"{path}/F1/consent", {"reason": "seen"}, subject="operations-2")
    assert (done.status_code, done.json()["force_request"]) == (200, None)
    await shop.until(number, "intercepted")
    acts = (await shop.get(f"/v1/orders/{number}/timeline")).json()["items"]
    forced = next(act for act in acts if act["act"] == "status_forced")
    assert (forced["who"], forced["details"]["asked_by"], forced["why"]) == (
        "operations-2", "operations-1", "fake_address",
    )  # fmt: skip
