"""The reconciliation pull: ask a channel for its orders, and take in what never came (accident 7)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from temporalio import activity
from temporalio.client import Client

from domain import sayings
from gateways.channel_orders import ChannelOrders, Order
from gateways.errors import GatewayError
from models.channels import reading
from models.channels.whole import READERS, Reader
from models.order import Policy
from models.pulling import PullChannel, Pulled
from models.translation import Identity, Terms, Translation, Unreadable, Version, json_object
from runtime.crypto import Vault
from store import alerts, forwarding, taking_in, versions
from store.pool import Connection, Pool

TOPIC = "pulled"

_FIRST_LOOK_BACK = timedelta(days=1)
# A platform's list may lag behind its own clock, and bounds may be exclusive.
_OVERLAP = timedelta(minutes=10)
# What changed a moment ago is still on its way to us as a webhook.
_WEBHOOKS_GO_FIRST = timedelta(minutes=2)
_TOLD_AFTER = timedelta(hours=1)

log = structlog.get_logger(__name__)


class Pulling:
    """``channels`` are those the shop may ask; ``policy`` is what an order found this way begins with."""

    def __init__(
        self, client: Client, pool: Pool, vault: Vault, channels: Mapping[str, ChannelOrders], policy: Policy
    ) -> None:
        self._client = client
        self._pool = pool
        self._vault = vault
        self._intake = taking_in.Intake(pool, vault)
        self._channels = channels
        self._policy = policy

    @activity.defn
    async def pullable(self) -> list[str]:
        """The channels that can be asked."""
        return sorted(self._channels)

    @activity.defn
    async def pull_channel(self, request: PullChannel) -> Pulled:
        """Ask for everything since the mark, take in what is newer than what was heard, and move the mark.

        The mark moves last: a pull that breaks off is made again, and what it took in already is
        known by then. Raises GatewayError; after an hour without an answer people are told.
        """
        until = request.at - _WEBHOOKS_GO_FIRST
        async with self._pool.connection() as conn:
            asked_until = await versions.asked_until(conn, request.channel)
        since = (asked_until or until - _FIRST_LOOK_BACK) - _OVERLAP
        try:
            pulled = await self._pull(request, since, until)
        except GatewayError as error:
            await self._tell_if_long(request, asked_until, error)
            raise
        async with self._pool.connection() as conn:
            await versions.asked(conn, request.channel, until)
        return pulled

    async def _pull(self, request: PullChannel, since: datetime, until: datetime) -> Pulled:
        listed = found = refused = 0
        async for order in self._channels[request.channel].changed(since, until):
            activity.heartbeat()
            listed += 1
            taken = await self._take_in(request, READERS[request.channel], order)
            found += taken is True
            refused += taken is False
        if found:
            log.warning("orders_pulled_that_never_came", channel=request.channel, found=found, refused=refused)
        return Pulled(channel=request.channel, listed=listed, found=found, refused=refused)

    async def _take_in(self, request: PullChannel, reader: Reader, order: Order) -> bool | None:
        """None: it had come already. True: it is in the inbox now, and forwarded. False: it is kept as refused."""
        # Written out and read again, it is exactly what the door would have read.
        body = json.dumps(order, ensure_ascii=False).encode()
        told = json_object(body)
        version = reader.version(told)
        try:
            translation = reader.translate(told, Terms("", self._policy))
        except Unreadable:
            translation = None
        if version and translation and not await self._is_news(translation, version):
            return None
        message = taking_in.Message(request.channel, _identity(request.channel, told, version), body, request.at)
        return await self._keep(message, reader, told)

    async def _keep(self, message: taking_in.Message, reader: Reader, told: Mapping[str, Any]) -> bool | None:
        def translate(terms: Terms) -> Translation:
            return reader.translate(told, terms)

        try:
            received = await taking_in.take_in(self._intake, message, self._policy, translate)
        except Unreadable:
            return False
        if not received.new:
            return None
        await forwarding.forward(self._client, self._pool, self._vault, received.message_id)
        return True

    async def _is_news(self, translation: Translation, version: Version) -> bool:
        async with self._pool.connection() as conn:
            order_no = translation.envelope.order_no
            return order_no is None or await versions.is_news(conn, order_no, version)

    async def _tell_if_long(self, request: PullChannel, asked_until: datetime | None, error: GatewayError) -> None:
        if asked_until is None or request.at - asked_until < _TOLD_AFTER:
            return
        async with self._pool.connection() as conn:
            await _alert(conn, request, asked_until, error)


async def _alert(conn: Connection, request: PullChannel, asked_until: datetime, error: GatewayError) -> None:
    await alerts.raise_alert(
        conn,
        sayings.channel_not_answering(request.channel, asked_until, f"{type(error).__name__} {error.code}"),
        at=request.at,
        department="operations",
        key=f"pull:{request.channel}:{asked_until.isoformat()}",
    )


def _identity(channel: str, told: Mapping[str, Any], version: Version | None) -> Identity:
    """The same order in the same state is the same event, however often it is listed."""
    if version is None:
        return Identity(TOPIC, reading.event_key(channel, TOPIC, "", "", told))
    return Identity(TOPIC, reading.event_key(channel, TOPIC, "", version.changed_at.isoformat(), told))
