"""A whole order as its channel writes it, whoever brings it: a webhook, or the channel's own list (R1, accident 7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from models.channels import shopify_order, taobao_trade, woocommerce_order, youzan_trade
from models.translation import Terms, Translation, Version


@dataclass(frozen=True)
class Reader:
    """How one channel's whole order is read. ``version`` is None where the order names no time of change."""

    translate: Callable[[Mapping[str, Any], Terms], Translation]
    version: Callable[[Mapping[str, Any]], Version | None]


READERS: Mapping[str, Reader] = MappingProxyType(
    {
        "shopify": Reader(shopify_order.translate, shopify_order.version),
        "woocommerce": Reader(woocommerce_order.translate, woocommerce_order.version),
        "taobao": Reader(taobao_trade.translate, taobao_trade.version),
        "youzan": Reader(youzan_trade.translate, youzan_trade.version),
    }
)
"""Every channel that can be asked for its orders; a new one is a line here."""
