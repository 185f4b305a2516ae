"""WooCommerce's REST interface, version 3: JSON both ways, consumer key and secret as basic authentication."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx

from gateways.http import TIMEOUT, ask, json_object, reading, segment, whole_json
from gateways.platforms import PlatformAccess

PARTY = "woocommerce"


class WooRest:
    """One shop. Raises Unavailable or Refused; a refusal's code is WooCommerce's own."""

    def __init__(self, client: httpx.AsyncClient, access: PlatformAccess) -> None:
        self._client = client
        self._base = f"{access.base.rstrip('/')}/wp-json/wc/v3"
        self._auth = httpx.BasicAuth(access.user, access.secret)

    async def get(self, path: str) -> dict[str, Any]:
        """One resource, amounts as they are written."""
        return whole_json(PARTY, await self._ask("GET", path))

    async def listed(self, path: str, params: Mapping[str, str] | None = None) -> tuple[list[dict[str, Any]], int]:
        """A page of a list, amounts as they are written, and how many pages there are."""
        answer = await self._ask("GET", path, params=params)
        with reading(PARTY):
            # The list is a bare array; under a name it is read as every other message of theirs.
            wrapped = httpx.Response(200, content=b'{"list":' + answer.content + b"}")
            items = [dict(item) for item in whole_json(PARTY, wrapped)["list"]]
            return items, int(answer.headers.get("X-WP-TotalPages", "1"))

    async def put(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Change a resource."""
        return json_object(PARTY, await self._ask("PUT", path, body=body))

    async def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Make one."""
        return json_object(PARTY, await self._ask("POST", path, body=body))

    async def _ask(
        self, method: str, path: str, *, params: Mapping[str, str] | None = None, body: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        content = None if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        request = self._client.build_request(
            method,
            f"{self._base}{path}",
            params=params,
            content=content,
            headers={"Content-Type": "application/json"} if content else None,
            timeout=TIMEOUT,
        )
        # The client is shared by all parties, so the credentials go with the request alone.
        signed = next(self._auth.sync_auth_flow(request))
        return await ask(self._client, PARTY, signed, _code)


def order_path(order_id: str) -> str:
    """``/orders/{id}``: every path of ours begins there."""
    return f"/orders/{segment(order_id)}"


def _code(answer: httpx.Response) -> str | None:
    try:
        told = answer.json()
    except ValueError:
        return None
    return told.get("code") if isinstance(told, dict) else None
