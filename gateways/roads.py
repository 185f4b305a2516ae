"""The road to each outside party, as the settings have it; a party the shop does not use has none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import httpx

from gateways.access import platforms_of
from gateways.by_hand import NOWHERE
from gateways.channel_notices import ChannelNotices, NoticeAddress
from gateways.channel_orders import CHANNEL_ORDERS, ChannelOrders
from gateways.coupons import CouponAccess, CouponService
from gateways.kuaidi100 import Kuaidi100Access, Kuaidi100Booking
from gateways.payment_providers import payment_provider
from gateways.payments import PaymentProvider, ProviderAccess
from gateways.wecom import GroupRobot
from gateways.woocommerce import WooPayments
from runtime.settings import Settings


def payment_providers(settings: Settings, http: httpx.AsyncClient) -> Mapping[str, PaymentProvider]:
    """Every provider the shop has an account with, by name."""
    access = {
        "stripe": ProviderAccess(settings.stripe_api_base, settings.stripe_api_key.get_secret_value()),
        "shopify": ProviderAccess(settings.shopify_api_base, settings.shopify_access_token.get_secret_value()),
        "bank_transfer": NOWHERE,
        "cash": NOWHERE,
    }
    providers = {name: payment_provider(name, http, entry) for name, entry in access.items()}
    # WooCommerce holds its buyers' money itself, through whatever plug-in took it.
    woocommerce = platforms_of(settings).get("woocommerce")
    return providers if woocommerce is None else providers | {"woocommerce": WooPayments(http, woocommerce)}


def booking(settings: Settings, http: httpx.AsyncClient) -> Kuaidi100Booking:
    """The road to all carriers; their events come back to our webhook."""
    access = Kuaidi100Access(
        base=settings.carrier_api_base,
        poll_base=settings.carrier_poll_base,
        key=settings.carrier_api_key.get_secret_value(),
        secret=settings.carrier_api_secret.get_secret_value(),
        salt=settings.kuaidi100_salt.get_secret_value(),
        callback_url=f"{settings.public_url.rstrip('/')}/v1/webhooks/carriers/kuaidi100",
        accounts=settings.carrier_accounts,
    )
    return Kuaidi100Booking(http, access)


def coupon_service(settings: Settings, http: httpx.AsyncClient) -> CouponService | None:
    """Where coupons are issued (R24); None for a shop that issues none."""
    if settings.coupon_api_base is None or settings.coupon_secret is None:
        return None
    return CouponService(http, CouponAccess(settings.coupon_api_base, settings.coupon_secret.get_secret_value()))


def notice_roads(settings: Settings, http: httpx.AsyncClient) -> ChannelNotices:
    """Where each channel's front end listens for status notices (R20)."""
    addresses = {
        channel: NoticeAddress("webhook", url, settings.notice_secrets[channel].get_secret_value())
        for channel, url in settings.notice_urls.items()
    }
    for channel, access in platforms_of(settings).items():
        own = NoticeAddress(channel, access.base, access.secret, access.user, access.session)
        addresses.setdefault(channel, own)
    return ChannelNotices(http, addresses)


def channel_orders(settings: Settings, http: httpx.AsyncClient) -> Mapping[str, ChannelOrders]:
    """The channels that can be asked for their orders (accident 7)."""
    access = platforms_of(settings)
    return {channel: CHANNEL_ORDERS[channel](http, access[channel]) for channel in CHANNEL_ORDERS if channel in access}


def group_robot(settings: Settings, http: httpx.AsyncClient) -> GroupRobot | None:
    """The robot of the company's group chat, if it has one (R25)."""
    key = settings.wecom_robot_key
    return GroupRobot(http, settings.wecom_api_base, key.get_secret_value()) if key else None


def told_channels(settings: Settings) -> Sequence[str]:
    """The channels that are told of status changes."""
    return sorted({*platforms_of(settings), *settings.notice_urls})
