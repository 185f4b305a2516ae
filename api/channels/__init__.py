"""The channels whose messages we understand: another one is another module and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from api.adapters import Adapter
from api.channels.shopify import Shopify
from api.channels.taobao import Taobao
from api.channels.woocommerce import WooCommerce
from api.channels.youzan import Youzan
from runtime.settings import Settings

CHANNELS: Mapping[str, Adapter] = MappingProxyType(
    {
        "shopify": Shopify(),
        "woocommerce": WooCommerce(),
        "taobao": Taobao(),
        "youzan": Youzan(),
    }
)

IMPORTED = "csv"
"""The channel of orders that came in a file; a later order under it goes on with that numbering."""


def known_channels(settings: Settings) -> frozenset[str]:
    """Every channel of this shop: those with a front end of its own, those that send webhooks, and the file's."""
    return frozenset({*settings.notice_urls, *CHANNELS, IMPORTED})
