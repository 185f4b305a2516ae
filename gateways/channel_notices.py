"""Telling a channel's front end where its order stands (R20, T13).

A notice is a whole snapshot with a sequence number, so a newer one replaces an older one
and a lost one is made good by the next. Each kind of channel is one function in NOTICE_ROADS.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeAlias

import httpx
from standardwebhooks import Webhook

from gateways import taobao_notices, woocommerce_notices, youzan_notices
from gateways.errors import Refused, Unavailable
from gateways.http import TIMEOUT, retry_after, send, utc_now
from gateways.payments import ProviderAccess
from gateways.platforms import PlatformAccess
from gateways.shopify_admin import ShopifyAdmin
from gateways.shopify_notices import ParcelOnTheWay, show_order
from gateways.taobao_notices import Waybill
from gateways.taobao_top import Top
from gateways.woocommerce_rest import WooRest
from gateways.youzan_cloud import YouzanCloud

PARTY = "channel"
EVENT = "order.status_changed"


@dataclass(frozen=True, slots=True)
class NoticeParcel:
    """One parcel as the buyer may see it; the tracking number is empty until there is one."""

    parcel_no: str
    carrier: str
    tracking_no: str
    state: str


@dataclass(frozen=True, slots=True)
class Notice:
    """The order as its front end shall show it from now on; no personal data (R21).

    ``sequence`` rises with every change of one order; ``changed_at`` is ISO 8601 with offset.
    """

    order_no: str
    channel_order_id: str
    sequence: int
    status: str
    status_zh: str
    payment_status: str
    changed_at: str
    parcels: tuple[NoticeParcel, ...] = ()
    returns: tuple[Mapping[str, Any], ...] = ()
    """Each with case_no, rma_no, wish, state, due_at (R16)."""
    replacements: tuple[Mapping[str, Any], ...] = ()
    """Orders sent at no charge for this one, each with order_no, status, parcels (R16)."""


@dataclass(frozen=True, slots=True)
class NoticeAddress:
    """Where and how one channel is told. ``secret`` signs (webhook) or opens; ``kind`` is a row of NOTICE_ROADS."""

    kind: str
    url: str
    secret: str = field(repr=False)
    user: str = ""
    session: str = field(default="", repr=False)

    @property
    def access(self) -> PlatformAccess:
        """The same as the platform's own gateway takes it."""
        return PlatformAccess(self.url, self.secret, self.user, self.session)


NoticeRoad: TypeAlias = Callable[[httpx.AsyncClient, NoticeAddress, Notice, str, datetime], Awaitable[None]]


class ChannelNotices:
    """Delivers notices; ``addresses`` maps the channel's name to where it listens."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        addresses: Mapping[str, NoticeAddress],
        *,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._client = client
        self._addresses = addresses
        self._now = now

    async def deliver(self, channel: str, notice: Notice, *, key: str) -> None:
        """Tell the channel; the same key again is the same notice to it.

        Raises Unavailable (keep trying: T13 is a breach, never a reason to stop) or Refused:
        "channel_not_configured", "gone", or the channel's own refusal.
        """
        address = self._addresses.get(channel)
        if address is None:
            raise Refused(PARTY, "channel_not_configured")
        await NOTICE_ROADS[address.kind](self._client, address, notice, key, self._now())


async def _by_webhook(
    client: httpx.AsyncClient, address: NoticeAddress, notice: Notice, key: str, now: datetime
) -> None:
    """Standard Webhooks: webhook-id is the notice's key, so the receiver can drop repeats."""
    body = webhook_body(notice)
    headers = {
        "Content-Type": "application/json",
        "webhook-id": key,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(address.secret).sign(key, now, body),
    }
    request = client.build_request("POST", address.url, content=body.encode(), headers=headers, timeout=TIMEOUT)
    answer = await send(client, PARTY, request)
    if answer.is_success:
        return
    if answer.status_code == httpx.codes.GONE:
        raise Refused(PARTY, "gone", status=answer.status_code)
    # Standard Webhooks: every status but 2xx and 410 is to be tried again. A front end that
    # answers 401 or 404 is being mended by somebody, and R20 still owes it the status.
    raise Unavailable(PARTY, f"http_{answer.status_code}", status=answer.status_code, retry_after=retry_after(answer))


async def _by_shopify(
    client: httpx.AsyncClient, address: NoticeAddress, notice: Notice, _key: str, _now: datetime
) -> None:
    """Shopify: a fulfilment for each tracking number, and the snapshot as a metafield of the order."""
    await show_order(
        ShopifyAdmin(client, ProviderAccess(address.url, address.secret)),
        notice.channel_order_id,
        sequence=notice.sequence,
        snapshot=asdict(notice),
        parcels=[ParcelOnTheWay(one.carrier, one.tracking_no) for one in notice.parcels if one.tracking_no],
    )


async def _by_woocommerce(
    client: httpx.AsyncClient, address: NoticeAddress, notice: Notice, _key: str, _now: datetime
) -> None:
    """WooCommerce: its status, a note to the buyer for each tracking number, the snapshot as meta data."""
    await woocommerce_notices.show_order(
        WooRest(client, address.access),
        notice.channel_order_id,
        sequence=notice.sequence,
        status=notice.status,
        snapshot=asdict(notice),
        tracking=[f"{one.carrier} {one.tracking_no}" for one in notice.parcels if one.tracking_no],
    )


async def _by_taobao(
    client: httpx.AsyncClient, address: NoticeAddress, notice: Notice, _key: str, _now: datetime
) -> None:
    """Taobao: shipped, and closed while unpaid; it has no call for anything else."""
    await taobao_notices.show_order(
        Top(client, address.access), notice.channel_order_id, status=notice.status, parcels=_waybills(notice)
    )


async def _by_youzan(
    client: httpx.AsyncClient, address: NoticeAddress, notice: Notice, _key: str, _now: datetime
) -> None:
    """Youzan: shipped, and closed while unpaid; it has no call for anything else."""
    await youzan_notices.show_order(
        YouzanCloud(client, address.access), notice.channel_order_id, status=notice.status, parcels=_waybills(notice)
    )


def _waybills(notice: Notice) -> list[Waybill]:
    return [Waybill(one.carrier, one.tracking_no) for one in notice.parcels if one.tracking_no]


NOTICE_ROADS: Mapping[str, NoticeRoad] = MappingProxyType(
    {
        "webhook": _by_webhook,
        "shopify": _by_shopify,
        "woocommerce": _by_woocommerce,
        "taobao": _by_taobao,
        "youzan": _by_youzan,
    }
)
"""How each kind of channel is told; a new kind is one function and one line here."""


def webhook_body(notice: Notice) -> str:
    """The exact text that is signed and sent: ``{"type", "timestamp", "data": {notice}}``."""
    body = {"type": EVENT, "timestamp": notice.changed_at, "data": asdict(notice)}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
