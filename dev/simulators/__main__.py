"""``python -m dev.simulators --port P``: the payment provider, the carriers and the channels' front ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer
import uvicorn
from pydantic import SecretStr

from dev.simulators.app import create_app
from dev.simulators.config import SimulatorConfig
from runtime import garbage
from runtime.settings import Settings, load_settings


def config_from(settings: Settings, *, auto: bool, pace: timedelta) -> SimulatorConfig:
    """The same keys and secrets the shop has: both ends of each wire must know them."""
    return SimulatorConfig(
        public_url=settings.public_url,
        data_dir=settings.data_dir,
        stripe_api_key=settings.stripe_api_key.get_secret_value(),
        stripe_webhook_secret=settings.stripe_webhook_secret.get_secret_value(),
        shopify_access_token=settings.shopify_access_token.get_secret_value(),
        shopify_webhook_secret=settings.shopify_webhook_secret.get_secret_value(),
        carrier_key=settings.carrier_api_key.get_secret_value(),
        carrier_secret=settings.carrier_api_secret.get_secret_value(),
        wecom_key=settings.wecom_robot_key.get_secret_value() if settings.wecom_robot_key else "",
        coupon_secret=settings.coupon_secret.get_secret_value() if settings.coupon_secret else "",
        notice_secrets={channel: secret.get_secret_value() for channel, secret in settings.notice_secrets.items()},
        woocommerce_key=settings.woocommerce_consumer_key or "",
        woocommerce_secret=_known(settings.woocommerce_consumer_secret),
        taobao_app_secret=_known(settings.taobao_app_secret),
        youzan_token=_known(settings.youzan_access_token),
        stock_feed_secrets={feed: secret.get_secret_value() for feed, secret in settings.stock_feed_secrets.items()},
        auto=auto,
        pace=pace,
    )


def _known(secret: SecretStr | None) -> str:
    return "" if secret is None else secret.get_secret_value()


def serve(
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="ORDERFLOW_SIMULATOR_PORT if left out.")] = None,
    host: Annotated[str, typer.Option()] = "127.0.0.1",
    auto: Annotated[
        bool | None, typer.Option(help="Parcels move by themselves; ORDERFLOW_SIMULATOR_AUTO if left out.")
    ] = None,
    pace_seconds: Annotated[
        float, typer.Option(envvar="ORDERFLOW_SIMULATOR_PACE", min=0.05, help="Between the steps of such a parcel.")
    ] = 2.0,
) -> None:
    """Serve all simulated parties; their buttons are under /control, listed at /docs."""
    settings = load_settings()
    moving = settings.simulator_auto if auto is None else auto
    config = config_from(settings, auto=moving, pace=timedelta(seconds=pace_seconds))
    uvicorn.run(create_app(config), host=host, port=port or settings.simulator_port, log_level="warning")


if __name__ == "__main__":
    garbage.look_seldom()
    typer.run(serve)
