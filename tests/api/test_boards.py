"""Lists, the deadline board, the record, health and metrics."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from temporalio.client import Client

from api.masking import masked, masked_name, masked_phone
from api.pages import cursor_of
from domain.deadlines import DEADLINES
from domain.permissions import Permission
from models.person import Address, Person
from models.temporal_names import ORDERS
from models.upkeep import REVIEW_RIGHTS_WORKFLOW
from store import orders
from tests.api.caller import Caller, an_order
from tests.api.test_commands import in_review
from tests.fixtures.orders import NOON
from tests.fixtures.orders import an_order as on_record

SHANGHAI = ZoneInfo("Asia/Shanghai")


async def test_orders_are_listed_newest_first_in_keyset_pages_with_filters(shop: Caller) -> None:
    placed = [await shop.placed(channel=channel) for channel in ("site", "site", "app")]
    seen: list[str] = []
    cursor: dict[str, Any] = {}
    for _ in range(2):
        page = (await shop.get("/v1/orders", limit=2, **cursor)).json()
        seen += [row["order_no"] for row in page["items"]]
        cursor = {"cursor": page["next_cursor"]}
    assert (seen, cursor) == (placed[::-1], {"cursor": None})
    only = (await shop.get("/v1/orders", channel="app", status="awaiting_payment", waiting_for="payment")).json()
    assert [row["order_no"] for row in only["items"]] == [placed[2]]
    assert (only["items"][0]["status"]["zh"], only["items"][0]["payment_status"]["zh"]) == ("待付款", "待付款")
    assert (await shop.get("/v1/orders", status="shipped")).json()["items"] == []


async def test_a_cursor_or_filter_that_is_not_ours_is_refused(api: Caller) -> None:
    for query in ({"cursor": "rubbish"}, {"cursor": cursor_of("a", "b")}, {"cursor": "x" * 600}, {"limit": 0},
                  {"status": "lost"}, {"waiting_for": "a\x00"}, {"limit": 10**6}):  # fmt: skip
        answer = await api.get("/v1/orders", **query)
        assert answer.status_code == 422, query
        assert answer.json()["faults"]


async def test_the_deadline_board_shows_the_most_overdue_first(shop: Caller) -> None:
    first, second = await shop.placed(), await shop.placed()
    async with shop.pool.connection() as conn:
        await conn.execute("UPDATE deadlines SET due_at = due_at - interval '2 days' WHERE order_no = %s", (second,))
    page = (await shop.get("/v1/deadlines", limit=1)).json()
    assert [(row["order_no"], row["deadline"], row["seconds_left"] < 0) for row in page["items"]] == [
        (second, "T1", True)
    ]
    rest = (await shop.get("/v1/deadlines", limit=1, cursor=page["next_cursor"])).json()
    assert [row["order_no"] for row in rest["items"]] == [first]
    assert rest["next_cursor"] is None


async def test_one_door_extends_and_waives_the_deadlines_of_orders_and_cases(shop: Caller) -> None:
    number = await shop.placed()
    case = (await shop.post("/v1/cases", {"kind": "complaint", "reason": "noise"}, "customer_service")).json()
    board = {(row["subject"], row["deadline"]): row for row in (await shop.get("/v1/deadlines")).json()["items"]}
    for subject, deadline in ((f"order:{number}", "T1"), (f"case:{case['case_no']}", "T10")):
        door, longer = f"/v1/deadlines/{subject}", {"deadline": deadline, "extend_by_seconds": 60, "reason": "typhoon"}
        assert (await shop.post(door, longer, "customer_service")).status_code == 403
        extended = (await shop.post(door, longer, "operations", key=f"one-{deadline}")).json()
        again = (await shop.post(door, longer, "operations", key=f"one-{deadline}")).json()
        assert extended == again
        moved = datetime.fromisoformat(extended["due_at"])
        assert moved - datetime.fromisoformat(board[subject, deadline]["due_at"]) == timedelta(seconds=60)
        waived = await shop.post(door, longer | {"extend_by_seconds": None}, "operations")
        assert (waived.status_code, waived.json()["state"]) == (200, "waived")
        refused = await shop.post(door, longer, "operations")
        assert (refused.status_code, refused.json()["type"].endswith("nothing-to-extend")) == (422, True)
    nobody = {"deadline": "T16", "extend_by_seconds": 60, "reason": "x"}
    assert (await shop.post("/v1/deadlines/rights-review:2020-01", nobody, "operations")).status_code == 422
    assert (await shop.post("/v1/deadlines/order:site-nobody", nobody, "operations")).status_code == 404


async def test_one_door_extends_the_review_of_rights(shop: Caller, temporal: Client) -> None:
    handle = await temporal.start_workflow(REVIEW_RIGHTS_WORKFLOW, id="t16-at-the-door", task_queue=ORDERS)
    await shop.eventually(lambda: shop.get(f"/v1/rights-reviews/{datetime.now(SHANGHAI):%Y-%m}"))
    [running] = (await shop.get("/v1/deadlines")).json()["items"]
    door, body = f"/v1/deadlines/{running['subject']}", {"deadline": "T16", "extend_by_seconds": 60, "reason": "x"}
    noted = await shop.post(door, body | {"note": "of nobody"}, "administrator")
    assert (noted.status_code, noted.json()["faults"][0]["field"]) == (422, "note")
    extended = (await shop.post(door, body, "administrator")).json()
    moved = datetime.fromisoformat(extended["due_at"]) - datetime.fromisoformat(running["due_at"])
    assert moved == timedelta(seconds=60)
    waived = await shop.post(door, body | {"extend_by_seconds": None}, "administrator")
    assert (waived.status_code, waived.json()["state"]) == (200, "waived")
    await handle.result()
    assert (await shop.post(door, body, "administrator")).status_code == 422


async def test_the_record_can_be_searched(shop: Caller) -> None:
    number = await shop.placed()
    await shop.placed()
    entries = (await shop.get("/v1/audit", "auditor", order=number)).json()["items"]
    assert [entry["act"] for entry in entries][:1] == ["order_recorded"]
    assert {entry["order_no"] for entry in entries} == {number}
    assert len(entries[0]["hash"]) == 64
    page = (await shop.get("/v1/audit", "auditor", act="order_recorded", limit=1)).json()
    following = (await shop.get("/v1/audit", "auditor", act="order_recorded", cursor=page["next_cursor"])).json()
    assert len(page["items"]) == len(following["items"]) == 1


async def test_ready_means_database_migrations_and_temporal(shop: Caller, api: Caller) -> None:
    ready, waiting = await shop.http.get("/readyz"), await api.http.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"status": "ready", "database": "ok", "temporal": "ok"})
    assert (waiting.status_code, waiting.json()["temporal"]) == (503, "away")
    async with shop.pool.connection() as conn:
        await conn.execute("UPDATE alembic_version SET version_num = 'older'")
    assert (await shop.http.get("/readyz")).json()["database"] == "not migrated"
    assert (await api.http.get("/healthz")).json() == {"status": "alive"}


async def test_metrics_count_by_route_pattern_and_hold_no_order(api: Caller) -> None:
    await api.place(an_order(channel_order_id="SECRET-1"))
    await api.app.state.house.errands.finish()
    await api.get("/v1/orders/site-SECRET-1")
    # What comes over the proxy in front is not the shop's own monitoring.
    assert (await api.http.get("/metrics", headers={"X-Forwarded-For": "203.0.113.5"})).status_code == 404
    told = (await api.http.get("/metrics")).text
    assert 'route="/v1/orders/{order_no}",status="404"' in told
    assert "orderflow_inbox_waiting 1.0" in told
    assert "SECRET-1" not in told


EVERYTHING = frozenset(Permission)


def test_a_masked_person_can_be_recognised_and_not_called() -> None:
    person = Person(name="王測試", phone="13812345678", address=Address("CN", "广东省", "深圳市", "", "虛構路1號"))
    assert masked(person, EVERYTHING).model_dump() == {"name": "王*", "phone": "138****5678", "city": "深圳市"}
    assert masked_phone("+8613812345678") == "+86****5678"
    assert (masked_phone("12345"), masked_phone("123")) == ("****45", "****")
    assert masked_name(" Test Buyer ") == "T*"
    assert masked(Person(), EVERYTHING).model_dump() == {"name": None, "phone": None, "city": None}


async def test_metrics_tell_how_far_each_channel_is_behind(api: Caller) -> None:
    """T13's lag is a metric: what a channel has not heard of, by its oldest change."""
    async with api.pool.connection() as conn:
        await orders.record(conn, on_record("site-1"), status="awaiting_payment", at=NOON)
        await conn.execute(
            "INSERT INTO notices (channel, order_no, sequence, body, changed_at)"
            " VALUES ('site', 'site-1', 90, '{}', now() - interval '20 minutes')"
        )
        await conn.execute("UPDATE notices SET state = 'delivered' WHERE sequence < 90")
    told = (await api.http.get("/metrics")).text
    lags = dict(re.findall(r'orderflow_channel_lag_seconds{channel="(\w+)"} ([0-9.]+)', told))
    assert 1200 <= float(lags["site"]) < 1300
    assert float(lags["shopify"]) == 0


async def test_a_channel_that_is_behind_has_its_t13_on_the_board(shop: Caller) -> None:
    number = await in_review(shop)
    board = (await shop.get("/v1/deadlines")).json()["items"]
    [behind] = [row for row in board if row["deadline"] == "T13"]
    assert (behind["subject"], behind["order_no"], behind["department"]) == ("channel:site", None, "operations")
    assert 850 < behind["seconds_left"] <= 900
    pages = [(await shop.get("/v1/deadlines", limit=1)).json()]
    pages.append((await shop.get("/v1/deadlines", limit=1, cursor=pages[0]["next_cursor"])).json())
    assert [page["items"][0]["deadline"] for page in pages] == ["T13", "T2"]
    assert pages[1]["items"][0]["order_no"] == number
    async with shop.pool.connection() as conn:
        await conn.execute("UPDATE notices SET state = 'delivered'")
    board = (await shop.get("/v1/deadlines")).json()["items"]
    assert [row["deadline"] for row in board] == ["T2", "T3"]


async def test_the_table_of_deadlines_has_every_t(api: Caller) -> None:
    table = (await api.get("/v1/deadlines/table", "reviewer")).json()
    assert [row["id"] for row in table] == [str(deadline) for deadline in DEADLINES]
    by_id = {row["id"]: row for row in table}
    assert by_id["T13"] == {
        "id": "T13", "promise": "status at the channel", "default_seconds": 900, "seconds": 900,
        "starts": "status changed", "action": "alert, keep trying",
    }  # fmt: skip
    assert {row["id"] for row in table if row["seconds"] is None} == {"T16", "T17", "T19"}
