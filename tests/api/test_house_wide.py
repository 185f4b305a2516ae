"""Whoever is confined: every door gives them theirs alone or is shut, and there is no third (R22)."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from domain.permissions import GRANTS, Permission, Role, may
from models.base import SYSTEM
from store import audit, orders, scopes
from tests.api.caller import Caller
from tests.api.staff import act, an_account, session_of
from tests.api.test_doors import doors
from tests.api.test_scope import a_task, denials
from tests.fixtures.orders import NOON
from tests.fixtures.orders import an_order as on_record

PLACES: tuple[dict[str, Any], ...] = ({"channels": ["site"]}, {"warehouses": ["SH"]})
PEOPLE = [role for role in Role if role is not Role.INTEGRATOR]
_DIFFERENCE = """
INSERT INTO sweep_differences (kind, subject, order_no, evidence, about, first_seen, last_seen)
VALUES ('workflow_missing', %(subject)s, %(order_no)s, 'invented', '{}', %(at)s, %(at)s)
"""
_HOLD = """
INSERT INTO bulk_holds (hold_id, scope, names, reason, clocks, state, opened_by, opened_at)
VALUES (%s, %s, %s, 'invented', 'run', 'standing', 'somebody', now())
"""

HOLDS = {"H-SITE": ("channel", ["site"]), "H-APP": ("channel", ["app"]), "H-BOTH": ("channel", ["app", "site"]),
         "H-SH": ("warehouse", ["SH"]), "H-GZ": ("warehouse", ["GZ"]), "H-ONE": ("orders", ["site-1"]),
         "H-TWO": ("orders", ["site-1", "app-1"])}  # fmt: skip


async def at(api: Caller, role: Role, **place: Any) -> dict[str, str]:
    """The header of somebody of that role who is confined to that place."""
    _, username = await an_account(api, role, **place)
    return await session_of(api, username)


@pytest.fixture
async def two_of_each(api: Caller) -> Caller:
    """For each of two channels an order, its acts, a difference about it and one about nobody's, and holds."""
    async with api.pool.connection() as conn:
        for number in ("site-1", "app-1"):
            await orders.record(conn, on_record(number), status="awaiting_payment", at=NOON)
            await conn.execute(_DIFFERENCE.encode(), {"subject": number, "order_no": number, "at": NOON})
            entry = audit.Entry(f"order:{number}", NOON, SYSTEM, "invented_act", order_no=number)
            await audit.append(conn, entry)
        await conn.execute(_DIFFERENCE.encode(), {"subject": "SH/TEA", "order_no": None, "at": NOON})
        for name, (scope, names) in HOLDS.items():
            await conn.execute(_HOLD.encode(), (name, scope, names))
    return api


async def ask(api: Caller, method: str, path: str, headers: dict[str, str]) -> httpx.Response:
    """The door with numbers of nothing, and a body that says nothing."""
    address = re.sub(r"\{\w+\}", "site-1", re.sub(r"\{staff_id\}", "staff-00000000", path))
    return await api.http.request(method, address, headers=headers, json={})


async def test_a_door_about_the_whole_house_is_shut_to_whoever_is_confined_and_it_is_on_record(api: Caller) -> None:
    let_in = []
    shut = {(method, path, lock.permission) for method, path, [lock] in doors(api.app)
            if lock.permission is not None and scopes.is_house_wide(lock.permission, path)}  # fmt: skip
    assert len(shut) > 25
    signed_in = {(role, str(place)): await at(api, role, **place) for role in PEOPLE for place in PLACES}
    before = await api.rows()
    for (role, place), headers in signed_in.items():
        for method, path, permission in shut:
            if may(role, permission):
                answer = await ask(api, method, path, headers)
                if answer.status_code != 403 or "whole house" not in answer.json()["detail"]:
                    let_in.append((role, place, method, path, answer.status_code))
    assert let_in == []
    assert await api.rows() == before
    tried = {f"{method} {path}" for method, path, right in shut if any(may(role, right) for role in PEOPLE)}
    assert {door for right, door, _ in await denials(api) if right == "scope"} == tried


async def test_no_other_list_gives_anything_of_another_channel(two_of_each: Caller) -> None:
    api, given, seen = two_of_each, [], set()
    for role in PEOPLE:
        headers = await at(api, role, channels=["site"])
        for method, path, [lock] in doors(api.app):
            right = lock.permission
            if method != "GET" or "{" in path or path == "/v1/events" or right is None:
                continue
            if not may(role, right) or scopes.is_house_wide(right, path):
                continue
            answer = await api.http.get(path, headers=headers)
            seen |= {path} if "site-1" in answer.text or "H-SITE" in answer.text else set()
            if re.search(r"app-1|H-(APP|BOTH|SH|GZ|TWO)|SH/TEA", answer.text):
                given.append((role, path))
    assert given == []
    assert seen >= {"/v1/orders", "/v1/orders.csv", "/v1/audit", "/v1/audit.csv", "/v1/differences", "/v1/holds"}


async def test_whoever_is_not_confined_sees_all_of_it(two_of_each: Caller) -> None:
    for path in ("/v1/audit", "/v1/differences", "/v1/orders"):
        answer = await two_of_each.get(path, "auditor")
        assert "site-1" in answer.text, path
        assert "app-1" in answer.text, path
    holds = (await two_of_each.get("/v1/holds")).text
    assert [name for name in HOLDS if name not in holds] == []


async def test_a_hold_is_theirs_who_could_have_opened_it(two_of_each: Caller) -> None:
    api = two_of_each
    for place, own in (({"channels": ["site"]}, {"H-SITE", "H-ONE"}), ({"warehouses": ["SH"]}, {"H-SH"})):
        headers = await at(api, Role.OPERATIONS, **place)
        listed = (await api.http.get("/v1/holds", headers=headers)).json()["items"]
        assert {one["hold_id"] for one in listed} == own


async def test_a_hold_of_another_channel_is_not_there_in_any_part(api: Caller) -> None:
    async with api.pool.connection() as conn:
        await conn.execute(_HOLD.encode(), ("H-7Q2MXYZ4B3TA", "channel", ["app"]))
    headers = await at(api, Role.OPERATIONS, channels=["site"])
    for part in ("", "/orders"):
        path = f"/v1/holds/H-7Q2MXYZ4B3TA{part}"
        assert (await api.http.get(path, headers=headers)).status_code == 404
        assert (await api.get(path)).status_code == 200
    assert len(await denials(api)) == 2


async def test_a_difference_of_another_channel_is_not_there_to_settle(two_of_each: Caller) -> None:
    api, headers = two_of_each, await at(two_of_each, Role.FINANCE, channels=["site"])
    numbers = {one["subject"]: one["id"] for one in (await api.get("/v1/differences")).json()["items"]}
    verdict = {"decision": "accept", "reason": "counted by hand"}
    assert (await act(api, f"/v1/differences/{numbers['app-1']}", verdict, headers)).status_code == 404
    assert (await act(api, f"/v1/differences/{numbers['SH/TEA']}", verdict, headers)).status_code == 404
    assert (await act(api, f"/v1/differences/{numbers['site-1']}", verdict, headers)).status_code == 200
    left = (await api.get("/v1/differences")).json()["items"]
    assert {one["subject"] for one in left} == {"app-1", "SH/TEA"}


async def test_sums_are_of_ones_own_channels_and_of_no_warehouse(two_of_each: Caller) -> None:
    api, headers = two_of_each, await at(two_of_each, Role.SALES, channels=["site"])
    window = {"since": NOON.replace(minute=0).isoformat(), "until": NOON.replace(minute=59).isoformat()}
    placed = (await api.http.get("/v1/board", params=window, headers=headers)).json()["placed"]
    assert {one["channel"] for one in placed} == {"site"}
    everything = (await api.get("/v1/board", "sales", **window)).json()["placed"]
    assert {one["channel"] for one in everything} == {"site", "app"}
    elsewhere = await at(api, Role.SALES, warehouses=["SH"])
    for path in ("/v1/board", "/v1/carriers/compared"):
        assert (await api.http.get(path, headers=elsewhere)).status_code == 403


async def test_the_record_of_orders_of_ones_own_warehouse_is_found_and_no_other(api: Caller) -> None:
    async with api.pool.connection() as conn:
        await a_task(conn, "web-1", "TEA", "SH")
        await a_task(conn, "web-2", "CUP", "GZ")
        for number in ("web-1", "web-2"):
            await audit.append(conn, audit.Entry(f"order:{number}", NOON, SYSTEM, "invented_act", order_no=number))
    headers = await at(api, Role.OPERATIONS, warehouses=["SH"])
    found = {one["order_no"] for one in (await api.http.get("/v1/audit", headers=headers)).json()["items"]}
    assert found == {"web-1"}
    assert {one["order_no"] for one in (await api.get("/v1/audit")).json()["items"]} >= {"web-1", "web-2"}


async def test_the_last_who_manages_accounts_cannot_be_confined(api: Caller) -> None:
    staff_id, _ = await an_account(api, Role.ADMINISTRATOR)
    body = {"channels": ["site"], "warehouses": [], "why": "invented"}
    assert (await api.post(f"/v1/accounts/{staff_id}/scope", body, "administrator")).status_code == 409


def test_every_right_over_accounts_rules_and_clocks_is_house_wide() -> None:
    reaching = {right for right in Permission if right.value.split(".")[0] in
                {"account", "token", "rights", "stuck", "risk", "schedule", "workflow", "digest"}}  # fmt: skip
    assert reaching <= scopes.HOUSE_WIDE
    # A machine, and who picks, are confined always: nothing of theirs may be.
    assert not scopes.HOUSE_WIDE & (GRANTS[Role.INTEGRATOR] | GRANTS[Role.WAREHOUSE])
