"""Which platforms the shop has an account with, and where each is."""

from __future__ import annotations

from collections.abc import Mapping

from gateways.platforms import PlatformAccess
from runtime.settings import Settings


def platforms_of(settings: Settings) -> Mapping[str, PlatformAccess]:
    """Every platform whose keys are set, by the name of its channel; the others are neither asked nor told."""
    found = {"shopify": PlatformAccess(settings.shopify_api_base, settings.shopify_access_token.get_secret_value())}
    if settings.woocommerce_api_base and settings.woocommerce_consumer_key and settings.woocommerce_consumer_secret:
        found["woocommerce"] = PlatformAccess(
            settings.woocommerce_api_base,
            settings.woocommerce_consumer_secret.get_secret_value(),
            user=settings.woocommerce_consumer_key,
        )
    if settings.taobao_app_key and settings.taobao_app_secret and settings.taobao_session:
        found["taobao"] = PlatformAccess(
            settings.taobao_api_base,
            settings.taobao_app_secret.get_secret_value(),
            user=settings.taobao_app_key,
            session=settings.taobao_session.get_secret_value(),
        )
    if settings.youzan_access_token:
        found["youzan"] = PlatformAccess(settings.youzan_api_base, settings.youzan_access_token.get_secret_value())
    return found
