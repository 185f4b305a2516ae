"""Which providers there are. A new one is a module beside this one and a line in the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import httpx

from gateways.by_hand import ByHand
from gateways.errors import Refused
from gateways.payments import PaymentProvider, ProviderAccess
from gateways.shopify import ShopifyPayments
from gateways.stripe import StripePayments

PAYMENT_PROVIDERS: Mapping[str, Callable[[httpx.AsyncClient, ProviderAccess], PaymentProvider]] = MappingProxyType(
    {"stripe": StripePayments, "shopify": ShopifyPayments, "bank_transfer": ByHand, "cash": ByHand}
)


def payment_provider(name: str, client: httpx.AsyncClient, access: ProviderAccess) -> PaymentProvider:
    """The provider called ``name``; Refused("unknown_provider") if the shop has none of that name."""
    if name not in PAYMENT_PROVIDERS:
        raise Refused("payments", "unknown_provider")
    return PAYMENT_PROVIDERS[name](client, access)
