"""Every door has its lock (R22), and whoever lacks the key is told in one way."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from api.app import create_app
from api.auth import (
    BY_LINK,
    OPEN_TO_ALL,
    SIGNED,
    SIGNED_IN,
    SIGNING_IN,
    EitherLock,
    Lock,
    PermissionLock,
    TokensAreForDevelopment,
    issue_token,
)
from domain.permissions import GRANTS, Permission, Role, may
from runtime.settings import Settings
from store import audit
from tests.api.caller import NOBODY_LISTENS, Caller, an_order

ENTERING = {
    ("POST", "/v1/session"),
    ("POST", "/v1/session/exchange"),
    ("GET", "/v1/session/oidc/start"),
    ("GET", "/v1/session/oidc/callback"),
}
"""Whoever stands here has no token yet. The two POSTs answer with a token, which no key may keep."""
TOLD_ONCE = {
    ("POST", "/v1/session/second-factor"),
    ("POST", "/v1/session/second-factor/confirm"),
    ("POST", "/v1/session/second-factor/recovery-codes"),
}
"""They answer with a secret, which no key may keep."""
ABOUT_ONESELF = TOLD_ONCE | {
    ("GET", "/v1/session"),
    ("DELETE", "/v1/session"),
    ("POST", "/v1/session/password"),
    ("GET", "/v1/session/second-factor"),
    ("GET", "/v1/sessions"),
    ("POST", "/v1/sessions/end-others"),
    ("POST", "/v1/sessions/{session_id}/end"),
}
OPEN = {"/healthz", "/readyz", "/metrics", "/v1/terms", "/v1/terms/{version}"}


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    """The app, not opened: its routes are all that is looked at."""
    return create_app(
        Settings(
            data_dir=tmp_path,
            database_url="postgresql://nowhere/none",
            temporal_address=NOBODY_LISTENS,
            public_url="http://shop.test",
        )
    )


def doors(app: FastAPI) -> Iterator[tuple[str, str, list[Lock]]]:
    """Every route of ours: method, path, and the locks on it."""
    for context in iter_route_contexts(app.routes):
        route = context.route
        if isinstance(route, APIRoute):
            for method in route.methods or ():
                yield method, str(context.path), list(locks(route.dependant))


def locks(dependant: Dependant) -> Iterator[Lock]:
    """The locks among a route's dependencies, however deep."""
    for inner in dependant.dependencies:
        if isinstance(inner.call, Lock):
            yield inner.call
        yield from locks(inner)


def test_every_route_names_exactly_one_lock(app: FastAPI) -> None:
    found = list(doors(app))
    assert len(found) >= 25
    assert [(method, path) for method, path, locked in found if len(locked) != 1] == []


def test_only_health_is_open_and_only_webhooks_go_by_signature(app: FastAPI) -> None:
    by_lock = {path: locked[0] for _, path, locked in doors(app)}
    assert {path for path, lock in by_lock.items() if lock is OPEN_TO_ALL} == OPEN
    assert {path for path, lock in by_lock.items() if lock is BY_LINK} == {"/v1/tracking/{token}"}
    assert {path for path, lock in by_lock.items() if lock is SIGNED} == {
        path for path in by_lock if path.startswith("/v1/webhooks/")
    }
    assert all(isinstance(by_lock[path], PermissionLock) for path in by_lock if path.startswith("/v1/orders"))


def test_only_sign_in_asks_for_no_token_and_only_ones_own_session_for_no_permission(app: FastAPI) -> None:
    by_door = {(method, path): locked[0] for method, path, locked in doors(app)}
    assert {door for door, lock in by_door.items() if lock is SIGNING_IN} == ENTERING
    assert {door for door, lock in by_door.items() if lock is SIGNED_IN} == ABOUT_ONESELF


def test_every_post_but_webhooks_asks_for_an_idempotency_key(app: FastAPI) -> None:
    document = app.openapi()
    without = [
        path
        for path, methods in document["paths"].items()
        if "post" in methods
        and not path.startswith("/v1/webhooks/")
        and ("POST", path) not in ENTERING | TOLD_ONCE
        and "Idempotency-Key" not in {parameter["name"] for parameter in methods["post"].get("parameters", ())}
    ]
    assert without == []


async def test_without_the_permission_every_door_answers_each_role_403_and_it_is_on_record(api: Caller) -> None:
    before = await api.rows()
    let_in, refused = [], set()
    for (method, path, [lock]), role in itertools.product(list(doors(api.app)), Role):
        if lock.permission is None or may(role, lock.permission):
            continue
        if isinstance(lock, EitherLock) and may(role, lock.other):
            continue
        address = re.sub(r"\{\w+_no\}", "site-1-1", path)
        headers = api.token(role, subject=f"{role}-{method}-{path}")
        answer = await api.http.request(method, address, headers=headers, json={})
        if answer.status_code != 403 or answer.headers["content-type"] != "application/problem+json":
            let_in.append((method, path, role, answer.status_code))
        refused.add((str(role), str(lock.permission), f"{method} {path}"))
    assert let_in == []
    assert await api.rows() == before
    assert await denials_by_role(api) == refused


async def test_with_the_permission_no_door_is_locked_to_any_role_that_has_it(api: Caller) -> None:
    locked = []
    for (method, path, [lock]), role in itertools.product(list(doors(api.app)), Role):
        if lock.permission is None or not may(role, lock.permission) or path == "/v1/events":
            continue
        # What is asked is rubbish: whatever is answered, it is not that the role may not ask.
        address = re.sub(r"\{\w+\}", "nothing-of-that-name", path)
        answer = await api.http.request(method, address, headers=api.token(role), content=b"")
        if answer.status_code in {401, 403}:
            locked.append((method, path, role, answer.status_code))
    assert locked == []


async def denials_by_role(api: Caller) -> set[tuple[str, str, str]]:
    """(role, right, door) of every refused attempt on record."""
    async with api.pool.connection() as conn:
        rows = await audit.page(conn, audit.Wanted(subject="denied"), limit=10_000)
    return {(row["role"], row["details"]["right"], row["details"]["door"]) for row in rows}


async def test_a_token_that_does_not_hold_is_refused(api: Caller) -> None:
    secret = api.settings.token_secret.get_secret_value()
    good = jwt.decode(issue_token(api.settings, "sales"), secret, ["HS256"], audience="orderflow-api")
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    tokens = {
        "none": None,
        "rubbish": "abc",
        "another secret": jwt.encode(good, "x" * 40, "HS256"),
        "unsigned": jwt.encode(good, "", "none"),
        "expired": jwt.encode({**good, "exp": hour_ago}, secret, "HS256"),
        "never expires": jwt.encode({name: good[name] for name in good if name != "exp"}, secret, "HS256"),
        "unknown role": jwt.encode({**good, "role": "owner"}, secret, "HS256"),
        "another audience": jwt.encode({**good, "aud": "else"}, secret, "HS256"),
    }
    let_in = {}
    for name, token in tokens.items():
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = await api.http.get("/v1/orders", headers=headers)
        if answer.status_code != 401 or answer.headers["www-authenticate"] != "Bearer":
            let_in[name] = answer.status_code
    assert let_in == {}
    assert (await api.get("/v1/orders", "sales")).status_code == 200


def test_tokens_are_not_issued_by_hand_in_production(api_settings: Settings) -> None:
    produced = api_settings.model_copy(update={"environment": "production"})
    with pytest.raises(TokensAreForDevelopment):
        issue_token(produced, "operations")


@pytest.fixture
def api_settings(app: FastAPI, tmp_path: Path) -> Settings:
    """Development settings without a database behind them."""
    del app
    return Settings(
        data_dir=tmp_path,
        database_url="postgresql://nowhere/none",
        temporal_address=NOBODY_LISTENS,
        public_url="http://shop.test",
    )


def test_rights_are_denied_unless_the_table_grants_them() -> None:
    assert set(GRANTS) == set(Role)
    assert not may("owner", Permission.ORDER_READ)
    assert not may("system", Permission.REVIEW_DECIDE)
    assert all(any(may(role, permission) for role in Role) for permission in Permission)


def test_the_auditor_reads_all_and_sees_no_person() -> None:
    assert may("auditor", Permission.AUDIT_READ)
    assert not may("auditor", Permission.CONTACT_MASKED)
    beyond = {permission for permission in GRANTS[Role.AUDITOR] if not permission.value.endswith(".read")}
    assert beyond == {Permission.VIEW_KEEP}


def test_the_warehouse_picks_and_sees_no_order() -> None:
    granted = {permission.value for permission in GRANTS[Role.WAREHOUSE]}
    picking = {"pick.read", "pick.work", "label.print", "stock.read", "contact.masked", "return.inspect"}
    its_own_mistakes = {"case.open", "case.read", "case.work"}
    what_it_is_told = {"broadcast.read", "alert.read"}
    assert granted == picking | its_own_mistakes | what_it_is_told


async def test_the_openapi_document_has_examples_and_problem_shapes(api: Caller) -> None:
    document = (await api.http.get("/openapi.json")).json()
    assert "ProblemView" in document["components"]["schemas"]
    assert "HTTPValidationError" not in document["components"]["schemas"]
    assert document["components"]["schemas"]["NewOrder"]["examples"][0]["currency"] == "CNY"
    assert {tag["name"] for tag in document["tags"]} >= {"orders", "commands", "warehouse", "webhooks"}
    assert an_order()["currency"] == "CNY"
