"""Shopify's orders by time of change: ``GET /orders.json`` with ``updated_at_min``, paged by the Link header."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

import httpx

from gateways.payments import ProviderAccess
from gateways.platforms import PlatformAccess
from gateways.shopify_admin import ShopifyAdmin

_MOST = "250"


class ShopifyOrders:
    """One shop's list."""

    def __init__(self, client: httpx.AsyncClient, access: PlatformAccess) -> None:
        self._admin = ShopifyAdmin(client, ProviderAccess(access.base, access.secret))

    async def changed(self, since: datetime, until: datetime) -> AsyncIterator[Mapping[str, Any]]:
        """Page after page; a page's cursor holds the question, so it is asked with nothing else but the limit."""
        asked = {
            "status": "any",
            "updated_at_min": since.isoformat(),
            "updated_at_max": until.isoformat(),
            "order": "updated_at asc",
            "limit": _MOST,
        }
        while asked:
            orders, following = await self._admin.page("/orders.json", "orders", asked)
            for order in orders:
                yield order
            asked = {"page_info": following, "limit": _MOST} if following else {}
