"""Cases lie within channels and warehouses like the orders they are about: in lists, reads, acts and events (R22)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest

from domain.permissions import Role
from models.base import SYSTEM
from store import audit, orders
from tests.api.caller import Caller
from tests.api.staff import act, an_account, session_of
from tests.api.test_events import address, watching
from tests.api.test_scope import a_task, denials
from tests.fixtures.orders import NOON
from tests.fixtures.orders import an_order as on_record

__all__ = ["address"]

MISTAKE: Mapping[str, Any] = {"kind": "mistake", "reason": "wrong goods"}
_CASE = """
INSERT INTO cases (case_no, kind, order_no, subject, severity, state, stage, department, participants, reason,
opened_by, opened_at, evidence, updated_at, step_seq)
VALUES (%s, %s, %s, %s, 'ordinary', 'opened', '', 'warehouse', '[]', '', %s, now(), '[]', now(), 1)
"""
_RETURNED = """
INSERT INTO returns (case_no, order_no, reason, wish, state, findings, liable, worth, postage, warehouse, opened_at)
VALUES ('K-back', 'web-2', 'quality', 'refund', 'received', '[]', 'seller', 0, 0, 'SH', now())
"""


async def a_case(api: Caller, number: str, order_no: str | None, *, kind: str = "mistake", **more: str) -> None:
    """A case on record."""
    values = (number, kind, order_no, more.get("subject", ""), more.get("by", "somebody"))
    async with api.pool.connection() as conn:
        await conn.execute(_CASE.encode(), values)


async def confined(
    api: Caller, role: Role, *, warehouses: tuple[str, ...] = (), channels: tuple[str, ...] = ()
) -> tuple[str, dict[str, str]]:
    """(staff id, header) of somebody who belongs there."""
    staff_id, username = await an_account(api, role, f"confined-{uuid4().hex[:6]}")
    scope = {"warehouses": list(warehouses), "channels": list(channels), "why": "works there"}
    done = await api.post(f"/v1/accounts/{staff_id}/scope", scope, "administrator")
    assert done.status_code == 200, done.text
    return staff_id, await session_of(api, username)


async def listed(api: Caller, headers: dict[str, str], **query: str) -> set[str]:
    """The numbers of the cases that somebody finds."""
    answer = await api.http.get("/v1/cases", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return {row["case_no"] for row in answer.json()["items"]}


@pytest.fixture
async def two_warehouses(api: Caller) -> Caller:
    """web-1 leaves from Shanghai and web-2 from Guangzhou; each has cases."""
    async with api.pool.connection() as conn:
        await a_task(conn, "web-1", "TEA", "SH")
        await a_task(conn, "web-2", "CUP", "GZ")
    parcel = await api.value("SELECT parcel_no FROM parcels WHERE order_no = 'web-2'")
    await a_case(api, "K-mine", "web-1")
    await a_case(api, "K-theirs", "web-2")
    await a_case(api, "K-parcel", "web-2", subject=parcel)
    await a_case(api, "K-back", "web-2", kind="return")
    await a_case(api, "K-of-others", None)
    async with api.pool.connection() as conn:
        await conn.execute(_RETURNED.encode())
    return api


async def test_a_picker_finds_the_cases_of_their_own_warehouse_only(two_warehouses: Caller) -> None:
    api = two_warehouses
    me, headers = await confined(api, Role.WAREHOUSE, warehouses=("SH",))
    await a_case(api, "K-own-report", None, by=me)
    assert await listed(api, headers) == {"K-mine", "K-back", "K-own-report"}
    assert await listed(api, headers, order_no="web-2") == {"K-back"}
    _, there = await confined(api, Role.WAREHOUSE, warehouses=("GZ",))
    assert await listed(api, there) == {"K-theirs", "K-parcel"}, "a return belongs where its goods came back to"
    assert "K-of-others" in await listed(api, api.token("warehouse")), "whoever is not confined sees all"


async def test_a_case_of_another_warehouse_is_not_there_for_any_act_and_the_attempt_is_on_record(
    two_warehouses: Caller,
) -> None:
    api = two_warehouses
    _, headers = await confined(api, Role.WAREHOUSE, warehouses=("SH",))
    assert (await api.http.get("/v1/cases/K-mine", headers=headers)).status_code == 200
    before = await api.rows()
    for path in ("/v1/cases/K-theirs", "/v1/cases/K-parcel/timeline", "/v1/cases/K-of-others"):
        assert (await api.http.get(path, headers=headers)).status_code == 404, path
    for path, body in (
        ("/v1/cases/K-theirs/claim", {}),
        ("/v1/cases/K-theirs/evidence", {"what": "photo", "reference": "archive/1"}),
        ("/v1/cases/K-theirs/receipt", {"warehouse": "SH"}),
    ):
        assert (await act(api, path, body, headers)).status_code == 404, path
    assert await api.rows() == before
    doors = {door for right, door, _ in await denials(api) if right == "scope"}
    assert doors == {
        "GET /v1/cases/{case_no}", "GET /v1/cases/{case_no}/timeline", "POST /v1/cases/{case_no}/claim",
        "POST /v1/cases/{case_no}/evidence", "POST /v1/cases/{case_no}/receipt",
    }  # fmt: skip


async def test_goods_are_received_at_ones_own_warehouse_only(two_warehouses: Caller) -> None:
    _, headers = await confined(two_warehouses, Role.WAREHOUSE, warehouses=("SH",))
    refused = await act(two_warehouses, "/v1/cases/K-back/receipt", {"warehouse": "GZ"}, headers)
    assert (refused.status_code, "not yours" in refused.json()["detail"]) == (403, True)


async def test_a_case_is_opened_within_ones_own_warehouse_only(two_warehouses: Caller) -> None:
    api = two_warehouses
    _, headers = await confined(api, Role.WAREHOUSE, warehouses=("SH",))
    for path, body in (("/v1/cases", {**MISTAKE, "order_no": "web-2"}), ("/v1/orders/web-2/cases", dict(MISTAKE))):
        assert (await act(api, path, body, headers)).status_code == 404, path
    assert {door for _, door, _ in await denials(api)} == {"POST /v1/cases", "POST /v1/orders/{order_no}/cases"}
    # Temporal is away from this API: whoever comes so far was let in.
    assert (await act(api, "/v1/orders/web-1/cases", dict(MISTAKE), headers)).status_code == 503


@pytest.fixture
async def two_channels(api: Caller) -> Caller:
    """An order of each of two channels, with a case each."""
    async with api.pool.connection() as conn:
        for number in ("site-1", "app-1"):
            await orders.record(conn, on_record(number), status="awaiting_payment", at=NOON)
    await a_case(api, "K-site", "site-1", kind="complaint")
    await a_case(api, "K-app", "app-1", kind="complaint")
    return api


async def test_whoever_belongs_to_a_channel_sees_and_works_on_its_cases_only(two_channels: Caller) -> None:
    api = two_channels
    _, headers = await confined(api, Role.CUSTOMER_SERVICE, channels=("site",))
    assert await listed(api, headers) == {"K-site"}
    assert (await api.http.get("/v1/cases/K-app", headers=headers)).status_code == 404
    assert (await act(api, "/v1/cases/K-app/claim", {}, headers)).status_code == 404
    opened = {"kind": "complaint", "reason": "late", "order_no": "app-1"}
    assert (await act(api, "/v1/cases", opened, headers)).status_code == 404
    shown = (await api.http.get("/v1/orders/site-1", headers=headers)).json()["cases"]
    assert [case["case_no"] for case in shown] == ["K-site"]


async def told(api: Caller, number: str) -> None:
    """An act on the case is committed."""
    async with api.pool.connection() as conn:
        entry = audit.Entry(subject=f"case:{number}", at=NOON, by=SYSTEM, act="case_claimed")
        await audit.append(conn, entry)


async def test_events_tell_of_cases_of_ones_own_channel_only(two_channels: Caller, address: str) -> None:
    _, headers = await confined(two_channels, Role.CUSTOMER_SERVICE, channels=("site",))
    async with watching(two_channels, address, known=headers) as stream:
        await stream.next()
        await told(two_channels, "K-app")
        await told(two_channels, "K-site")
        event, data, _ = await stream.next()
        assert (event, data["case_no"]) == ("case", "K-site")
        assert set(data) == {"case_no", "kind", "state", "order_no", "at"}, "where it belongs is told to nobody"


async def test_events_tell_of_cases_of_ones_own_warehouse_only(two_warehouses: Caller, address: str) -> None:
    api = two_warehouses
    me, headers = await confined(api, Role.LOGISTICS, warehouses=("SH",))
    await a_case(api, "K-own-report", None, by=me)
    async with watching(api, address, known=headers) as stream:
        await stream.next()
        for number in ("K-theirs", "K-of-others", "K-back"):
            await told(api, number)
        assert (await stream.next())[1]["case_no"] == "K-back"
        await told(api, "K-own-report")
        assert (await stream.next())[1]["case_no"] == "K-own-report"


async def test_the_deadline_of_another_channels_case_is_not_changed(two_channels: Caller) -> None:
    _, headers = await confined(two_channels, Role.OPERATIONS, channels=("site",))
    change = {"deadline": "T10", "extend_by_seconds": 3600, "reason": "asked for"}
    assert (await act(two_channels, "/v1/deadlines/case:K-app", change, headers)).status_code == 404
    assert (await act(two_channels, "/v1/cases/K-app/deadlines", change, headers)).status_code == 404


_CLOCK = """
INSERT INTO deadlines (subject, deadline, order_no, workflow_id, started_at, due_at, state, department)
VALUES (%s, %s, %s, 'w', now(), now(), 'running', 'customer_service')
"""


async def test_the_board_of_deadlines_shows_those_of_ones_own_orders_and_cases(two_channels: Caller) -> None:
    api = two_channels
    clocks = [("case:K-site", "T10", "site-1"), ("case:K-app", "T10", "app-1"),
              ("order:site-1", "T3", "site-1"), ("order:app-1", "T3", "app-1")]  # fmt: skip
    async with api.pool.connection() as conn:
        for clock in clocks:
            await conn.execute(_CLOCK.encode(), clock)
    for channels, seen in ((("site",), {"case:K-site", "order:site-1"}), ((), {subject for subject, *_ in clocks})):
        _, headers = await confined(api, Role.CUSTOMER_SERVICE, channels=channels)
        board = (await api.http.get("/v1/deadlines", headers=headers)).json()["items"]
        assert {row["subject"] for row in board} == seen
