"""Accounts for tests: invented usernames, and sign-ins through the real doors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
from argon2 import PasswordHasher

from domain.permissions import Role
from models.base import Actor
from store import accounts
from store.accounts import Act, NewAccount
from tests.api.caller import Caller

PASSWORD = "four invented words"
OTHER_PASSWORD = "another four invented words"
HASH = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
"""A hash says how dear it is to check: this one is cheap, for hashing is slow by design."""

HAND = Actor(id="test", role="system")


async def an_account(
    api: Caller,
    role: Role = Role.REVIEWER,
    username: str | None = None,
    warehouses: Sequence[str] = (),
    channels: Sequence[str] = (),
) -> tuple[str, str]:
    """(staff id, username) of a fresh account whose password is PASSWORD."""
    name = username or f"invented-{uuid4().hex[:8]}"
    new = NewAccount(name, role, HASH, warehouses=tuple(warehouses), channels=tuple(channels))
    async with api.pool.connection() as conn:
        row = await accounts.create(conn, new, Act(HAND, datetime.now(UTC)))
    return str(row["staff_id"]), name


async def sign_in(api: Caller, username: str, password: str = PASSWORD) -> httpx.Response:
    """POST /v1/session."""
    return await api.http.post("/v1/session", json={"username": username, "password": password})


async def session_of(api: Caller, username: str, password: str = PASSWORD) -> dict[str, str]:
    """The Authorization header of a fresh session."""
    answer = await sign_in(api, username, password)
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def who(api: Caller, headers: dict[str, str]) -> httpx.Response:
    """GET /v1/session."""
    return await api.http.get("/v1/session", headers=headers)


async def act(api: Caller, path: str, body: Any, headers: dict[str, str]) -> httpx.Response:
    """A POST with a fresh key."""
    return await api.http.post(path, json=body, headers=headers | {"Idempotency-Key": str(uuid4())})


async def recorded(api: Caller) -> list[tuple[str, str]]:
    """(act, actor) of everything on the accounts' chain."""
    async with api.pool.connection() as conn:
        cursor = await conn.execute("SELECT act, actor FROM audit_entries WHERE subject = 'accounts' ORDER BY id")
        return [(row["act"], row["actor"]) for row in await cursor.fetchall()]
