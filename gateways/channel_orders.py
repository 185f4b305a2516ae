"""Asking a channel for its orders, in case a webhook was lost (accident 7).

Each channel is one module beside this one and a line in the table; what it yields is the
order as the platform writes it, untouched, so that it is read as a webhook is.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Protocol, TypeAlias

import httpx

from gateways.platforms import PlatformAccess
from gateways.shopify_orders import ShopifyOrders
from gateways.taobao_orders import TaobaoOrders
from gateways.woocommerce_orders import WooOrders
from gateways.youzan_orders import YouzanOrders

Order: TypeAlias = Mapping[str, Any]


class ChannelOrders(Protocol):
    """One channel's list of orders. Raises Unavailable or Refused."""

    def changed(self, since: datetime, until: datetime) -> AsyncIterator[Order]:
        """Every order whose last change lies between the two, whole, at least once, in any order."""


CHANNEL_ORDERS: Mapping[str, Callable[[httpx.AsyncClient, PlatformAccess], ChannelOrders]] = MappingProxyType(
    {"shopify": ShopifyOrders, "woocommerce": WooOrders, "taobao": TaobaoOrders, "youzan": YouzanOrders}
)
"""Who can be asked; a channel that is not here has no list of orders that we could read."""
