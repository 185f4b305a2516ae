"""What the simulated parties share with the shop: addresses, keys and secrets, as the real ones would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SimulatorConfig:
    """``data_dir`` None keeps everything in memory.

    ``pace`` is the time between the steps of an automatic parcel, ``first_retry`` the wait before
    a message that was not accepted is sent again; it doubles up to fifteen seconds.
    """

    public_url: str
    data_dir: Path | None
    stripe_api_key: str = field(repr=False)
    stripe_webhook_secret: str = field(repr=False)
    shopify_access_token: str = field(repr=False)
    shopify_webhook_secret: str = field(repr=False)
    carrier_key: str = field(repr=False)
    carrier_secret: str = field(repr=False)
    wecom_key: str = field(default="", repr=False)
    coupon_secret: str = field(default="", repr=False)
    notice_secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    woocommerce_key: str = field(default="", repr=False)
    woocommerce_secret: str = field(default="", repr=False)
    taobao_app_secret: str = field(default="", repr=False)
    youzan_token: str = field(default="", repr=False)
    stock_feed_secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    auto: bool = False
    pace: timedelta = timedelta(seconds=2)
    first_retry: timedelta = timedelta(seconds=0.5)
