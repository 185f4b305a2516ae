"""Lists of orders: the same filters for the page, the count and the export (accident 10, R21)."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import httpx
import pytest

from store import order_lists
from store.order_lists import Counted, OrderFilter
from tests.api.caller import Caller
from tests.api.test_scope import denials
from tests.api.test_search import buyer, recorded
from tests.fixtures.orders import NOON, stock_up

BOM = "\ufeff"


@pytest.fixture
async def desk(api: Caller) -> Caller:
    """Six orders; each differs from site-0 in what its number says."""
    for number in range(6):
        await recorded(api, f"site-{number}", buyer() if number < 2 else None)
    changes = (
        "UPDATE orders SET placed_at = placed_at + substr(order_no, 6)::int * interval '1 hour'",
        "UPDATE orders SET status = 'manual_review', waiting_for = 'review decision' WHERE order_no = 'site-1'",
        "UPDATE orders SET risk = 'review' WHERE order_no = 'site-2'",
        "UPDATE orders SET held = 'power cut' WHERE order_no = 'site-3'",
        "UPDATE orders SET due_at = placed_at - substr(order_no, 6)::int * interval '1 day' WHERE order_no >= 'site-4'",
        "INSERT INTO reservations VALUES ('site-5', 'SZ', 'TEA', 1, 'held')",
        "INSERT INTO cases (case_no, kind, order_no, subject, severity, state, stage, department, participants, reason,"
        " opened_by, opened_at, evidence, updated_at, step_seq, closed_at)"
        " SELECT 'K-' || n, 'complaint', 'site-' || n, '', 'ordinary', 'opened', 'answer', 'sales', '[]', '', 'x',"
        " now(), '[]', now(), 0, CASE WHEN n = 5 THEN now() END FROM (VALUES (4), (5)) AS numbers (n)",
    )
    async with api.pool.connection() as conn:
        await stock_up(conn, "TEA", 1)
        for change in changes:
            await conn.execute(change.encode())
    return api


FILTERS: list[tuple[dict[str, Any], list[int]]] = [
    ({}, [5, 4, 3, 2, 1, 0]),
    ({"status": "manual_review"}, [1]),
    ({"waiting_for": "review decision"}, [1]),
    ({"channel": "app"}, []),
    ({"risk": "review"}, [2]),
    ({"risk": "none"}, [5, 4, 3, 1, 0]),
    ({"held": True}, [3]),
    ({"held": False, "risk": "none"}, [5, 4, 1, 0]),
    ({"warehouse": "SZ"}, [5]),
    ({"has_case": True}, [4]),
    ({"has_case": False, "due_before": NOON.isoformat()}, [5]),
    (
        {"placed_from": (NOON + timedelta(hours=2)).isoformat(), "placed_to": (NOON + timedelta(hours=4)).isoformat()},
        [3, 2],
    ),
    ({"sort": "due"}, [5, 4]),
    ({"sort": "placed", "held": False}, [5, 4, 2, 1, 0]),
]


async def test_page_count_and_export_are_the_same_list(desk: Caller) -> None:
    for query, numbers in FILTERS:
        expected = [f"site-{number}" for number in numbers]
        page = (await desk.get("/v1/orders", **query)).json()
        assert [row["order_no"] for row in page["items"]] == expected, query
        exported = (await desk.get("/v1/orders.csv", **query)).text
        assert [row["order_no"] for row in csv.DictReader(io.StringIO(exported.removeprefix(BOM)))] == expected, query
        if query.get("sort") != "due":
            counted = (await desk.get("/v1/orders/count", **query)).json()
            assert (counted["count"], counted["exact"], counted["text"]) == (len(expected), True, str(len(expected)))


async def test_pages_follow_each_other_in_every_order(desk: Caller) -> None:
    for sort in ("recorded", "placed", "due"):
        whole = [row["order_no"] for row in (await desk.get("/v1/orders", sort=sort)).json()["items"]]
        seen: list[str] = []
        query: dict[str, Any] = {}
        while query.get("cursor", "") is not None:
            page = (await desk.get("/v1/orders", sort=sort, limit=2, **query)).json()
            seen += [row["order_no"] for row in page["items"]]
            query = {"cursor": page["next_cursor"]}
        assert seen == whole, sort


async def test_a_cursor_of_another_order_and_a_time_without_zone_are_refused(desk: Caller) -> None:
    cursor = (await desk.get("/v1/orders", limit=1)).json()["next_cursor"]
    for query in ({"cursor": cursor, "sort": "placed"}, {"placed_from": "2030-01-01T00:00:00"}, {"sort": "total"}):
        assert (await desk.get("/v1/orders", **query)).status_code == 422, query


async def test_a_range_of_placed_times_is_listed_by_them(desk: Caller) -> None:
    cursor = (await desk.get("/v1/orders", limit=1, placed_from=NOON.isoformat())).json()["next_cursor"]
    assert (await desk.get("/v1/orders", sort="placed", cursor=cursor)).status_code == 200
    assert (await desk.get("/v1/orders", sort="recorded", cursor=cursor)).status_code == 422


async def test_counting_stops_where_it_becomes_dear(desk: Caller) -> None:
    async with desk.pool.connection() as conn:
        assert await order_lists.count(conn, OrderFilter(), up_to=5) == Counted(5, exact=False)
        assert await order_lists.count(conn, OrderFilter(), up_to=6) == Counted(6, exact=True)


async def test_an_export_runs_nothing_in_a_spreadsheet(desk: Caller) -> None:
    async with desk.pool.connection() as conn:
        for number, text in enumerate(("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " ＝1")):
            await conn.execute("UPDATE orders SET held = %s WHERE order_no = %s", (text, f"site-{number}"))
    answer = await desk.get("/v1/orders.csv", "finance")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    held = [row["held"] for row in csv.DictReader(io.StringIO(answer.text.removeprefix(BOM), newline=""))]
    assert sorted(held) == sorted(["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\t=1", "' ＝1"])


async def test_an_export_shows_buyers_for_a_purpose_only_and_each_is_a_reveal_on_record(
    desk: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "13800138000" not in (await desk.get("/v1/orders.csv")).text
    path, calling = "/v1/orders.csv", {"purpose": "call_buyer"}
    assert (await desk.post(path, calling, "reviewer")).status_code == 403
    assert await denials(desk) == [("contact.reveal", f"POST {path}", None)]
    assert (await desk.post(path, {"purpose": "other"})).status_code == 422
    monkeypatch.setitem(desk.app.state.house.settings.__dict__, "reveals_per_hour", 3)
    assert (await desk.post(path, calling)).status_code == 422
    assert await desk.value("SELECT count(*) FROM audit_entries WHERE act = 'contact_revealed'") == 0
    two = str(httpx.URL(path, params={"placed_to": (NOON + timedelta(hours=2)).isoformat()}))
    text = [(await desk.post(two, calling, key="one-look")).text for _ in range(2)][-1]
    assert await desk.value("SELECT count(*) FROM right_uses WHERE permission = 'contact.reveal'") == 1
    rows = list(csv.DictReader(io.StringIO(text.removeprefix(BOM))))
    assert [(row["name"], row["phone"]) for row in rows] == [("王測試", "13800138000")] * 2
    entries = (await desk.get("/v1/audit", act="contact_revealed")).json()["items"]
    assert [(entry["subject"], entry["details"]["purpose"]) for entry in entries] == [
        ("order:site-0", "call_buyer"),
        ("order:site-1", "call_buyer"),
    ]
    refused = await desk.post(two, calling)
    assert (refused.status_code, "retry-after" in refused.headers) == (429, True)
    assert await desk.value("SELECT count(*) FROM audit_entries WHERE act = 'contact_revealed'") == 2
