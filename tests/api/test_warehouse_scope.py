"""Orders of a warehouse: whoever is confined to some is given those that have goods there, and no others (R22)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from domain.permissions import Role, may
from models.base import SYSTEM
from store import audit, orders, payments, scopes, stock
from store.pool import Connection
from tests.api.caller import Caller
from tests.api.staff import act, an_account, session_of
from tests.api.test_case_scope import a_case
from tests.api.test_doors import doors
from tests.api.test_events import address, watching
from tests.api.test_house_wide import PEOPLE
from tests.api.test_scope import _REFUND, a_task, denials
from tests.fixtures.orders import NOON, a_capture, stock_up
from tests.fixtures.orders import an_order as on_record

__all__ = ["address"]

OTHERS = re.compile(r"web-[24]\b")
_DEADLINE = """
INSERT INTO deadlines (subject, deadline, order_no, workflow_id, started_at, due_at, state, department)
VALUES ('order:' || %(order)s, 'T18', %(order)s, 'order-' || %(order)s, now(), now(), 'running', 'operations')
"""
_ALERT = """
INSERT INTO alerts (at, department, kind, key, order_no, text)
SELECT now(), d, 'T18', d || %(order)s, %(order)s, %(order)s
FROM unnest(ARRAY['warehouse', 'operations', 'customer_service', 'logistics', 'finance', 'reviewer']) d
"""


@pytest.fixture
async def two_warehouses(api: Caller) -> Caller:
    """web-1 and web-3 have goods in Shanghai, web-2 in Guangzhou, web-4 nowhere yet; each has everything else."""
    async with api.pool.connection() as conn:
        await a_task(conn, "web-1", "TEA", "SH")
        await a_task(conn, "web-2", "CUP", "GZ")
        await stock_up(conn, "POT", 1, warehouse="SH")
        for number in ("web-3", "web-4"):
            await orders.record(conn, on_record(number, ("POT", 1)), status="manual_review", at=NOON)
        assert not (await stock.reserve(conn, "web-3", [("POT", 1)], NOON, "web-3")).short
        for number in ("web-1", "web-2", "web-3", "web-4"):
            await _all_else(conn, number)
    return api


async def _all_else(conn: Connection, number: str) -> None:
    await payments.book(conn, number, a_capture(number, 100))
    for statement in (_REFUND, _DEADLINE, _ALERT):
        await conn.execute(statement.encode(), {"order": number})
    await audit.append(conn, audit.Entry(f"order:{number}", NOON, SYSTEM, "invented_act", order_no=number))


async def of_shanghai(api: Caller, role: Role) -> dict[str, str]:
    """The header of somebody who works for the warehouse in Shanghai."""
    _, username = await an_account(api, role, warehouses=["SH"])
    return await session_of(api, username)


async def test_no_list_gives_anything_of_another_warehouses_orders(two_warehouses: Caller) -> None:
    api, given, seen = two_warehouses, [], set()
    for role in PEOPLE:
        headers = await of_shanghai(api, role)
        for method, path, [lock] in doors(api.app):
            right = lock.permission
            if method != "GET" or "{" in path or path == "/v1/events" or right is None or not may(role, right):
                continue
            if scopes.is_house_wide(right, path):
                continue
            answer = await api.http.get(path, headers=headers)
            seen |= {path} if "web-1" in answer.text else set()
            if OTHERS.search(answer.text):
                given.append((role.value, path))
    assert given == []
    assert seen >= {
        "/v1/orders", "/v1/orders.csv", "/v1/refunds", "/v1/ledger", "/v1/deadlines", "/v1/alerts", "/v1/parcels",
        "/v1/pick-tasks", "/v1/audit",
    }  # fmt: skip


async def test_no_door_opens_an_order_of_another_warehouse_and_the_attempt_is_on_record(two_warehouses: Caller) -> None:
    api, let_in, tried = two_warehouses, [], set()
    for role in PEOPLE:
        headers = await of_shanghai(api, role)
        for method, path, [lock] in doors(api.app):
            if "{order_no}" not in path or lock.permission is None or not may(role, lock.permission):
                continue
            if scopes.is_house_wide(lock.permission, path):
                continue
            for number in ("web-2", "web-4"):
                filled = re.sub(r"\{\w+\}", "R1", path.replace("{order_no}", number))
                answer = await api.http.request(method, filled, headers=headers, json={})
                tried.add(f"{method} {path}")
                if answer.status_code != 404:
                    let_in.append((role.value, method, path, number, answer.status_code))
    assert let_in == []
    assert len(tried) > 20
    assert {door for right, door, _ in await denials(api) if right == "scope"} == tried


async def test_orders_of_ones_own_warehouse_are_there_from_the_moment_goods_are_set_aside(
    two_warehouses: Caller,
) -> None:
    headers = await of_shanghai(two_warehouses, Role.CUSTOMER_SERVICE)
    for number in ("web-1", "web-3"):
        for part in ("", "/timeline", "/payments"):
            answer = await two_warehouses.http.get(f"/v1/orders/{number}{part}", headers=headers)
            assert answer.status_code == 200, (number, part, answer.text)


async def test_they_are_counted_and_found_and_no_others(two_warehouses: Caller) -> None:
    api, headers = two_warehouses, await of_shanghai(two_warehouses, Role.CUSTOMER_SERVICE)
    listed = (await api.http.get("/v1/orders", headers=headers)).json()["items"]
    assert {order["order_no"] for order in listed} == {"web-1", "web-3"}
    for query, number in (({}, 2), ({"warehouse": "GZ"}, 0), ({"status": "manual_review"}, 1)):
        counted = await api.http.get("/v1/orders/count", params=query, headers=headers)
        assert counted.json()["count"] == number, query
    for wanted, found in (("web-1", ["web-1"]), ("web-2", []), ("web-4", [])):
        answer = await act(api, "/v1/orders/search", {"order_no": wanted}, headers)
        assert [order["order_no"] for order in answer.json()["items"]] == found


async def test_goods_that_came_back_to_a_warehouse_bring_their_order_along(two_warehouses: Caller) -> None:
    api, headers = two_warehouses, await of_shanghai(two_warehouses, Role.LOGISTICS)
    await a_case(api, "K-back", "web-2", kind="return")
    assert (await api.http.get("/v1/orders/web-2", headers=headers)).status_code == 404
    async with api.pool.connection() as conn:
        await conn.execute(
            """INSERT INTO returns (case_no, order_no, reason, wish, state, findings, liable, worth, postage, warehouse,
                                    opened_at)
               VALUES ('K-back', 'web-2', 'quality', 'refund', 'received', '[]', 'seller', 0, 0, 'SH', now())"""
        )
    assert (await api.http.get("/v1/orders/web-2", headers=headers)).status_code == 200


async def test_events_tell_of_orders_of_ones_own_warehouse_only(two_warehouses: Caller, address: str) -> None:
    headers = await of_shanghai(two_warehouses, Role.LOGISTICS)
    async with watching(two_warehouses, address, known=headers) as stream:
        await stream.next()
        for number in ("web-2", "web-4", "web-3"):
            async with two_warehouses.pool.connection() as conn:
                await audit.append(conn, audit.Entry(f"order:{number}", NOON, SYSTEM, "seen", order_no=number))
        event, data, _ = await stream.next()
        assert (event, data["order_no"]) == ("order", "web-3")
        assert set(data) == {"order_no", "status", "seq", "at"}, "where it belongs is told to nobody"


@pytest.mark.parametrize(
    "chosen", [{"warehouse": "GZ"}, {"channel": "web"}, {"orders": ["web-2"]}, {"orders": ["web-1", "web-4"]}]
)
async def test_no_orders_of_another_warehouse_are_held(two_warehouses: Caller, chosen: dict[str, Any]) -> None:
    headers = await of_shanghai(two_warehouses, Role.OPERATIONS)
    refused = await act(two_warehouses, "/v1/holds", {**chosen, "reason": "flood"}, headers)
    assert refused.status_code == 403
    assert ("by warehouse" in refused.json()["detail"]) == ("channel" in chosen)
    assert await two_warehouses.value("SELECT count(*) FROM bulk_holds") == 0
    # Temporal is away from this API: whoever comes so far was let in.
    for own in ({"warehouse": "SH"}, {"orders": ["web-1", "web-3"]}):
        let_in = await act(two_warehouses, "/v1/holds", {**own, "reason": "flood"}, headers)
        assert let_in.status_code == 503
