"""WooCommerce's orders by time of change: ``GET /wp-json/wc/v3/orders``, numbered pages (X-WP-TotalPages)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx

from gateways.paging import backwards
from gateways.platforms import PlatformAccess
from gateways.woocommerce_rest import WooRest

_MOST = "100"


class WooOrders:
    """One shop's list."""

    def __init__(self, client: httpx.AsyncClient, access: PlatformAccess) -> None:
        self._rest = WooRest(client, access)

    async def changed(self, since: datetime, until: datetime) -> AsyncIterator[Mapping[str, Any]]:
        """Both bounds are exclusive there; the mark's overlap covers the second that falls between."""
        asked = {
            "modified_after": _utc(since),
            "modified_before": _utc(until),
            "dates_are_gmt": "true",
            "orderby": "modified",
            "order": "asc",
            "per_page": _MOST,
        }

        async def page(number: int) -> tuple[Sequence[Mapping[str, Any]], int]:
            return await self._rest.listed("/orders", asked | {"page": str(number)})

        async for order in backwards(page):
            yield order


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
