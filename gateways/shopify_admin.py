"""Shopify's Admin REST interface: JSON both ways, the shop's access token in a header.

Shopify's REST writes take no idempotency key, so whoever writes here first looks whether
the step was already done; see shopify.py and shopify_notices.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx

from gateways.http import TIMEOUT, ask, json_object, reading, segment, whole_json
from gateways.payments import ProviderAccess

PARTY = "shopify"
API_VERSION = "2025-01"


class ShopifyAdmin:
    """One shop. Raises Unavailable or Refused like every gateway; 429 carries Shopify's Retry-After."""

    def __init__(self, client: httpx.AsyncClient, access: ProviderAccess) -> None:
        self._client = client
        self._base = f"{access.base.rstrip('/')}/admin/api/{API_VERSION}"
        self._headers = {"X-Shopify-Access-Token": access.secret}

    async def get(self, path: str, root: str, **params: str) -> Any:
        """The value under ``root`` of what ``path`` answers."""
        request = self._client.build_request(
            "GET", f"{self._base}{path}", params=params or None, headers=self._headers, timeout=TIMEOUT
        )
        return await self._value(request, root)

    async def page(self, path: str, root: str, params: Mapping[str, str]) -> tuple[list[dict[str, Any]], str | None]:
        """A page of a list, amounts as they are written, and the cursor of the next one.

        Only the cursor is taken from the Link header: the address stays the shop's that we know.
        """
        request = self._client.build_request(
            "GET", f"{self._base}{path}", params=dict(params), headers=self._headers, timeout=TIMEOUT
        )
        answer = await ask(self._client, PARTY, request)
        with reading(PARTY):
            items = [dict(item) for item in whole_json(PARTY, answer)[root]]
            following = answer.links.get("next", {}).get("url")
            return items, None if following is None else httpx.URL(following).params["page_info"]

    async def post(self, path: str, body: dict[str, Any], root: str) -> Any:
        """Send ``body`` as JSON and return the value under ``root`` of the answer."""
        request = self._client.build_request(
            "POST",
            f"{self._base}{path}",
            content=json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(),
            headers=self._headers | {"Content-Type": "application/json"},
            timeout=TIMEOUT,
        )
        return await self._value(request, root)

    async def _value(self, request: httpx.Request, root: str) -> Any:
        answer = json_object(PARTY, await ask(self._client, PARTY, request))
        with reading(PARTY):
            return answer[root]


def order_path(order_id: str) -> str:
    """``/orders/{id}``: every path of ours begins there."""
    return f"/orders/{segment(order_id)}"
