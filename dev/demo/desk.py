"""The desks of the shop: every post asks the REST API with its own token, as a client like any other."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import httpx

from api.auth import issue_token
from domain.permissions import Role
from runtime.settings import Settings

PATIENCE = timedelta(seconds=60)
"""How long an answer is asked for again: a worker may be killed and come back meanwhile."""
_PAUSE_S = 0.5
_TRY_AGAIN = frozenset({202, 500, 502, 503, 504})


class Refused(Exception):
    """The API refused; ``status`` is the HTTP status and the text its own reason."""

    def __init__(self, status: int, detail: str) -> None:
        self.status = status
        super().__init__(f"{status}: {detail}")


class NoAnswer(Exception):
    """The API gave no final answer for as long as :data:`PATIENCE`."""


@dataclass(frozen=True)
class Post:
    """A person at a desk: the role, and the staff id by which acts are recorded (R22, R23)."""

    role: Role
    staff_id: str


INTEGRATOR = Post(Role.INTEGRATOR, "sample-channel")
REVIEWER = Post(Role.REVIEWER, "sample-reviewer-1")
SECOND_REVIEWER = Post(Role.REVIEWER, "sample-reviewer-2")
SERVICE = Post(Role.CUSTOMER_SERVICE, "sample-service-1")
OPERATIONS = Post(Role.OPERATIONS, "sample-operations-1")
WAREHOUSE = Post(Role.WAREHOUSE, "sample-warehouse-1")
AUDITOR = Post(Role.AUDITOR, "sample-auditor-1")

POSTS = (INTEGRATOR, REVIEWER, SECOND_REVIEWER, SERVICE, OPERATIONS, WAREHOUSE, AUDITOR)


class Desk:
    """Asks the API in the name of a post. ``client`` has the API's base URL."""

    def __init__(self, client: httpx.AsyncClient, settings: Settings) -> None:
        self._client = client
        self._bearer: Mapping[Post, dict[str, str]] = MappingProxyType(
            {post: {"Authorization": f"Bearer {issue_token(settings, post.role, post.staff_id)}"} for post in POSTS}
        )

    async def place(self, body: dict[str, Any]) -> str:
        """``POST /v1/orders``; returns the order's number once it is recorded."""
        return str((await self.ask("/v1/orders", body, INTEGRATOR))["order_no"])

    async def command(self, order_no: str, act: str, by: Post, **body: Any) -> dict[str, Any]:
        """A command: ``review``, ``cancel``, ``hold``, ``release``, ``address``, ``retry-stock``."""
        return await self.ask(f"/v1/orders/{order_no}/{act}", body, by)

    async def order(self, order_no: str) -> dict[str, Any]:
        """``GET /v1/orders/{no}``."""
        return await self.read(f"/v1/orders/{order_no}")

    async def timeline(self, order_no: str) -> list[dict[str, Any]]:
        """Every recorded act on the order, oldest first."""
        return list((await self.read(f"/v1/orders/{order_no}/timeline"))["items"])

    async def deadlines(self, order_no: str) -> dict[str, datetime]:
        """When each running deadline of the order falls."""
        clocks = (await self.order(order_no))["waits"]["deadlines"]
        return {clock["deadline"]: datetime.fromisoformat(clock["due_at"]) for clock in clocks}

    async def newest_orders(self, number: int) -> list[dict[str, Any]]:
        """The first page of the list of orders."""
        return list((await self.read("/v1/orders", limit=number))["items"])

    async def ask(self, path: str, body: dict[str, Any], by: Post) -> dict[str, Any]:
        """One request under one Idempotency-Key, asked again until there is a final answer.

        Raises Refused when the answer is no, NoAnswer when none comes.
        """
        headers = self._bearer[by] | {"Idempotency-Key": f"demo-{uuid.uuid4()}"}
        return await self._until_final("POST", path, headers, json=body)

    async def read(self, path: str, **query: Any) -> dict[str, Any]:
        """One reading, as operations see it."""
        return await self._until_final("GET", path, self._bearer[OPERATIONS], params=query)

    async def _until_final(self, method: str, path: str, headers: dict[str, str], **rest: Any) -> dict[str, Any]:
        deadline = asyncio.get_running_loop().time() + PATIENCE.total_seconds()
        while asyncio.get_running_loop().time() < deadline:
            answer = await self._once(method, path, headers, **rest)
            if answer is not None and answer.status_code not in _TRY_AGAIN:
                return _read(answer)
            await asyncio.sleep(_PAUSE_S)
        raise NoAnswer(f"{method} {path}")

    async def _once(self, method: str, path: str, headers: dict[str, str], **rest: Any) -> httpx.Response | None:
        try:
            return await self._client.request(method, path, headers=headers, **rest)
        except httpx.TransportError:
            return None


def _read(answer: httpx.Response) -> dict[str, Any]:
    content: dict[str, Any] = answer.json()
    if answer.is_success:
        return content
    faults = "; ".join(f"{fault['field']} {fault['problem']}" for fault in content.get("faults", ()))
    raise Refused(answer.status_code, faults or str(content.get("detail", "")))
