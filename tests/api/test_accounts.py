"""Accounts and machine tokens in an administrator's hands (R22, R23)."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.house import House
from dev.seed import open_accounts
from domain.permissions import Role
from tests.api.caller import Caller, an_order, served
from tests.api.staff import OTHER_PASSWORD, PASSWORD, act, an_account, recorded, session_of, sign_in, who

NEW: dict[str, Any] = {"username": "Wang.Invented", "role": "reviewer", "password": PASSWORD, "why": "new here"}
TOKEN: dict[str, Any] = {"label": "erp nightly", "channels": ["site"], "valid_days": 30, "why": "new integration"}


async def test_an_account_is_opened_once_and_signs_in(api: Caller) -> None:
    first = await api.post("/v1/accounts", NEW, "administrator", key="k")
    again = await api.post("/v1/accounts", NEW, "administrator", key="k")
    assert (first.status_code, first.text) == (201, again.text)
    assert PASSWORD not in first.text
    assert (await sign_in(api, "wang.invented")).status_code == 201
    assert (await api.post("/v1/accounts", NEW, "administrator")).status_code == 409
    assert [one for one, _ in await recorded(api)] == ["account_created", "signed_in"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": "two words"}, "username"),
        ({"password": "short"}, "password"),
        ({"password": "wang.invented 2030"}, "password"),
        ({"role": "integrator"}, "role"),
        ({"role": "owner"}, "role"),
        ({"warehouses": ["'; DROP TABLE accounts"]}, "warehouses.0"),
    ],
)
async def test_a_faulty_account_is_refused_by_field_and_nothing_is_kept(
    api: Caller, change: dict[str, Any], field: str
) -> None:
    answer = await api.post("/v1/accounts", NEW | change, "administrator")
    assert answer.status_code == 422
    assert [fault["field"] for fault in answer.json()["faults"]] == [field]
    assert await api.value("SELECT count(*) FROM accounts") == 0


async def test_a_new_role_counts_from_the_next_sign_in_and_both_roles_are_on_record(api: Caller) -> None:
    staff_id, username = await an_account(api, Role.REVIEWER)
    path = f"/v1/accounts/{staff_id}/role"
    answer = await api.post(path, {"role": "finance", "why": "moved"}, "administrator", subject="boss-1")
    assert answer.json()["role"] == "finance"
    assert (await who(api, await session_of(api, username))).json()["staff"]["role"] == "finance"
    entry = (await api.get("/v1/audit", "auditor", act="account_role_changed")).json()["items"][0]
    assert (entry["who"], entry["before"], entry["after"], entry["why"]) == ("boss-1", "reviewer", "finance", "moved")
    assert username not in str(entry)


async def test_a_disabled_account_signs_in_no_more_until_it_is_enabled(api: Caller) -> None:
    staff_id, username = await an_account(api)
    await api.post(f"/v1/accounts/{staff_id}/disable", {"why": "left"}, "administrator")
    assert (await sign_in(api, username)).status_code == 401
    await api.post(f"/v1/accounts/{staff_id}/enable", {"why": "back"}, "administrator")
    assert (await sign_in(api, username)).status_code == 201


@pytest.mark.parametrize(("path", "body"), [("disable", {"why": "x"}), ("role", {"role": "sales", "why": "x"})])
async def test_the_last_administrator_cannot_leave(api: Caller, path: str, body: dict[str, Any]) -> None:
    first, _ = await an_account(api, Role.ADMINISTRATOR)
    second, _ = await an_account(api, Role.ADMINISTRATOR)
    assert (await api.post(f"/v1/accounts/{first}/{path}", body, "administrator")).status_code == 200
    refused = await api.post(f"/v1/accounts/{second}/{path}", body, "administrator")
    assert refused.status_code == 409
    assert await api.value("SELECT role || coalesce(disabled_at::text, '') FROM accounts WHERE staff_id = %s", second) \
        == "administrator"  # fmt: skip


async def test_accounts_are_listed_in_pages_without_any_hash(api: Caller) -> None:
    names = sorted([(await an_account(api))[1] for _ in range(3)])
    first = (await api.get("/v1/accounts", "administrator", limit=2)).json()
    rest = (await api.get("/v1/accounts", "administrator", cursor=first["next_cursor"])).json()
    assert [one["username"] for one in first["items"] + rest["items"]] == names
    assert "argon2" not in str(first)


async def test_an_unknown_account_is_not_found(api: Caller) -> None:
    answer = await api.post("/v1/accounts/staff-00000000/disable", {"why": "x"}, "administrator")
    assert answer.status_code == 404


# --- machine tokens -----------------------------------------------------------------


async def issued(api: Caller, **changes: Any) -> dict[str, Any]:
    answer = await api.post("/v1/tokens", TOKEN | changes, "administrator")
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


def bearer(token: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {token['token']}"}


async def test_a_machine_comes_in_as_integrator_of_its_channels(api: Caller) -> None:
    token = await issued(api)
    staff = (await who(api, bearer(token))).json()["staff"]
    assert (staff["id"], staff["role"], staff["channels"]) == (token["token_id"], "integrator", ["site"])
    assert (await act(api, "/v1/orders", an_order(), bearer(token))).status_code == 202


async def test_a_machine_may_no_more_than_its_token_says(api: Caller) -> None:
    token = await issued(api, permissions=["order.read"])
    assert (await api.http.get("/v1/orders", headers=bearer(token))).status_code == 200
    assert (await act(api, "/v1/orders", an_order(), bearer(token))).status_code == 403
    assert (await who(api, bearer(token))).json()["staff"]["permissions"] == ["order.read"]
    beyond = await api.post("/v1/tokens", TOKEN | {"permissions": ["audit.read"]}, "administrator")
    assert [fault["field"] for fault in beyond.json()["faults"]] == ["permissions"]


async def test_a_token_is_shown_once_and_kept_hashed(api: Caller) -> None:
    first = await api.post("/v1/tokens", TOKEN, "administrator", key="k")
    again = await api.post("/v1/tokens", TOKEN, "administrator", key="k")
    assert (first.status_code, again.status_code) == (201, 409)
    token = first.json()["token"]
    listed = await api.get("/v1/tokens", "administrator")
    assert [one["token_id"] for one in listed.json()["items"]] == [first.json()["token_id"]]
    kept = ""
    for table in ("machine_tokens", "audit_entries", "idempotency_keys"):
        async with api.pool.connection() as conn:
            kept += str(await (await conn.execute(f"SELECT * FROM {table}".encode())).fetchall())
    assert token not in listed.text + kept


async def test_a_revoked_token_opens_nothing_from_the_next_request_on(api: Caller) -> None:
    token = await issued(api)
    headers = api.token("administrator")
    assert (await who(api, bearer(token))).status_code == 200
    assert (await api.http.delete(f"/v1/tokens/{token['token_id']}", headers=headers)).status_code == 200
    assert (await who(api, bearer(token))).status_code == 401
    assert (await api.http.delete(f"/v1/tokens/{token['token_id']}", headers=headers)).status_code == 404
    assert [one for one, _ in await recorded(api)] == ["token_issued", "token_revoked"]


async def test_a_token_expires(api: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    token = await issued(api, valid_days=1)
    monkeypatch.setattr(House, "now", lambda _: datetime.now(UTC) + timedelta(days=1))
    assert (await who(api, bearer(token))).status_code == 401


async def test_a_machine_has_no_session_to_end(api: Caller) -> None:
    token = await issued(api)
    assert (await api.http.delete("/v1/session", headers=bearer(token))).status_code == 409
    assert (await who(api, bearer(token))).status_code == 200


# --- development's accounts -----------------------------------------------------------


async def test_development_has_an_account_for_each_post_and_seeding_again_changes_nothing(api: Caller) -> None:
    await open_accounts(api.pool, PASSWORD)
    await open_accounts(api.pool, "another password, which is not set")
    posts = {role.value for role in Role} - {"integrator"}
    assert await api.value("SELECT count(*) FROM accounts WHERE username = role") == len(posts)
    assert (await sign_in(api, "reviewer")).json()["staff"]["role"] == "reviewer"


async def test_nobody_is_given_or_chooses_a_password_that_was_stolen_elsewhere(api: Caller, tmp_path: Path) -> None:
    known = hashlib.sha1(OTHER_PASSWORD.encode(), usedforsecurity=False).hexdigest().upper()
    listed = tmp_path / "breached.txt"
    listed.write_text(f"{known}:3\r\n")
    async with served(api.settings.model_copy(update={"breached_passwords": listed})) as (app, client):
        strict = Caller(client, api.settings, api.pool, app)
        staff_id, username = await an_account(strict)
        headers = await session_of(strict, username)
        opening = {"username": "li.invented", "role": "sales", "password": OTHER_PASSWORD, "why": "new"}
        own = {"password": PASSWORD, "new_password": OTHER_PASSWORD}
        for answer in (
            await strict.post("/v1/accounts", opening, "administrator"),
            await strict.post(f"/v1/accounts/{staff_id}/password", opening, "administrator"),
            await act(strict, "/v1/session/password", own, headers),
        ):
            assert answer.status_code == 422
            assert "stolen elsewhere" in answer.json()["faults"][0]["problem"]
        assert (await sign_in(strict, username)).status_code == 201
