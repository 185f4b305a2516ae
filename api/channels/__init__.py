"""The channels whose messages we understand: another one is another module and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from api.adapters import Adapter
from api.channels.shopify import Shopify
from api.channels.taobao import Taobao
from api.channels.woocommerce import WooCommerce
from api.channels.youzan import Youzan

CHANNELS: Mapping[str, Adapter] = MappingProxyType(
    {
        "shopify": Shopify(),
        "woocommerce": WooCommerce(),
        "taobao": Taobao(),
        "youzan": Youzan(),
    }
)
