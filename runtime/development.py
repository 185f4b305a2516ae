"""What development fills in for settings nobody set: the embedded stack beside this data directory.

It is the last source of ``Settings`` and gives nothing in production, where a missing setting is an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import PydanticBaseSettingsSource

from runtime import dev_secrets

OWN_CHANNELS = ("site", "app")
"""The shop's own channels: their front ends receive notices signed by us (R1, R20)."""

_UNDER_THEIR_OWN_NAME = (
    "blind_index_key",
    "audit_anchor_key",
    "token_secret",
    "console_secret",
    "stripe_api_key",
    "stripe_webhook_secret",
    "shopify_access_token",
    "shopify_webhook_secret",
    "woocommerce_webhook_secret",
    "taobao_app_secret",
    "youzan_client_id",
    "youzan_client_secret",
    "woocommerce_consumer_key",
    "woocommerce_consumer_secret",
    "taobao_app_key",
    "taobao_session",
    "youzan_access_token",
    "carrier_api_key",
    "carrier_api_secret",
    "kuaidi100_salt",
    "wecom_robot_key",
    "coupon_secret",
)


class DevelopmentDefaults(PydanticBaseSettingsSource):
    """Addresses of the embedded stack and the secrets its parts share."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 - its base asks for it
        """Unused: this source answers for all fields at once."""
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """The values for this data directory; nothing outside development."""
        if self._given("environment") != "development":
            return {}
        secrets = dev_secrets.load_or_make(Path(self._given("data_dir")))
        values = self._addresses(secrets) | _shared_secrets(secrets)
        # Sources are merged deeply, and a mapping somebody set must not gain entries of ours.
        return {field: value for field, value in values.items() if field not in self.current_state}

    def _given(self, field: str) -> Any:
        default = self.settings_cls.model_fields[field].default
        return self.current_state.get(field, default)

    def _addresses(self, secrets: Mapping[str, str]) -> dict[str, Any]:
        postgres = f"postgres:{secrets['database_password']}@127.0.0.1:{self._given('postgres_port')}"
        simulator = f"http://127.0.0.1:{self._given('simulator_port')}"
        return {
            "database_url": f"postgresql://{postgres}/orderflow",
            "temporal_address": f"127.0.0.1:{self._given('temporal_port')}",
            "temporal_ui_url": f"http://127.0.0.1:{self._given('temporal_ui_port')}",
            "public_url": f"http://127.0.0.1:{self._given('api_port')}",
            "console_public_url": f"http://127.0.0.1:{self._given('console_port')}",
            # The console of the embedded stack asks from here, for browsers that are here as well.
            "trusted_proxies": ["127.0.0.1", "::1"],
            "shop_phone": "+862160000000",
            "stripe_api_base": f"{simulator}/stripe",
            "shopify_api_base": f"{simulator}/shopify",
            "woocommerce_api_base": f"{simulator}/woocommerce",
            "taobao_api_base": f"{simulator}/taobao/router/rest",
            "youzan_api_base": f"{simulator}/youzan/api",
            "carrier_api_base": f"{simulator}/kuaidi100",
            "wecom_api_base": f"{simulator}/wecom",
            "coupon_api_base": f"{simulator}/coupons",
            "notice_urls": {channel: f"{simulator}/shopfront/notices/{channel}" for channel in OWN_CHANNELS},
        }


def _shared_secrets(secrets: Mapping[str, str]) -> dict[str, Any]:
    return {name: secrets[name] for name in _UNDER_THEIR_OWN_NAME} | {
        "vault_master_keys": {"1": secrets["vault_master_key"]},
        "vault_active_key_version": "1",
        "stock_feed_secrets": {"wms": secrets["stock_feed_secret"]},
        "notice_secrets": dict.fromkeys(OWN_CHANNELS, secrets["notice_secret"]),
    }
