"""Where imported orders go: into the archive (the rule), or into life (``--live``)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from temporalio.client import Client

from cli.import_run import Sink
from domain import intake
from domain.csv_orders import SoldOrder
from domain.money import PaymentMethod
from models.base import Actor
from models.inbox import Envelope
from models.order import Line, PlaceOrder, Policy, order_number
from models.person import Address, Person
from runtime.crypto import Vault, vault_of
from runtime.policy import policy_in_force
from runtime.settings import Settings
from runtime.temporal import connect
from store import contacts, forwarding, idempotency, imports, inbox, receiving, views
from store.imports import Origin, Recorded
from store.pool import Connection, Pool, open_pool


@asynccontextmanager
async def opened(
    settings: Settings, channel: str, by: Actor, at: datetime, *, live: bool
) -> AsyncIterator[tuple[Connection, Sink]]:
    """A connection that may hold the file's rows in its transaction, and the sink of the orders."""
    vault = vault_of(settings)
    async with open_pool(settings.database_url, min_size=2, max_size=4) as pool, pool.connection() as conn:
        if live:
            client = await connect(settings, lazy=True)
            yield conn, Living(pool, vault, client, policy_in_force(settings), channel)
        else:
            yield conn, Archive(pool, vault, Origin(channel, at, by))


class Archive:
    """The archive: rows that tell of the past, and nothing that moves."""

    def __init__(self, pool: Pool, vault: Vault, origin: Origin) -> None:
        self._pool = pool
        self._vault = vault
        self._origin = origin

    async def take(self, orders: Sequence[SoldOrder]) -> Recorded:
        """Record a batch in one transaction."""
        async with self._pool.connection() as conn:
            return await imports.record(conn, self._vault, orders, self._origin)


class Living:
    """The inbox: each order is started like one that came by any other door (R1)."""

    def __init__(self, pool: Pool, vault: Vault, client: Client, policy: Policy, channel: str) -> None:
        self._pool = pool
        self._vault = vault
        self._client = client
        self._policy = policy
        self._channel = channel

    async def take(self, orders: Sequence[SoldOrder]) -> Recorded:
        """Start each order once; in Temporal's absence they wait in the inbox, and are delivered later."""
        new, refused = 0, []
        for order in orders:
            try:
                received = await self._receive(order)
            except _Unfit as unfit:
                refused.append(imports.unfit(order, str(unfit)))
                continue
            if received.new:
                new += 1
                await forwarding.forward(self._client, self._pool, self._vault, received.message_id)
        return Recorded(new, len(orders) - new - len(refused), tuple(refused))

    async def _receive(self, order: SoldOrder) -> inbox.Received:
        """Into the inbox, with its person; the same order again is a repeat."""
        start = _place(order, self._channel, self._policy)
        content = idempotency.fingerprint(self._vault, start.model_dump_json(exclude={"contact_id", "policy"}))
        incoming = inbox.Incoming(
            source=self._channel,
            topic="import",
            dedupe_key=f"{self._channel}:import:{start.order_no}",
            envelope=Envelope(order_no=start.order_no, start=start),
            at=datetime.now(UTC),
            content=content,
            person=Person(account=f"{self._channel}:{order.account}", address=Address(country=order.country)),
        )
        async with self._pool.connection() as conn:
            received = await receiving.receive(conn, self._vault, incoming)
            # An archived order of this number left no fingerprint: it cannot come to life again.
            if received.content != content or (received.new and await views.exists(conn, start.order_no)):
                await conn.rollback()
                raise _Unfit(imports.DIFFERS)
        return received


class _Unfit(Exception):
    """The order cannot be started; the text says why."""


def _place(order: SoldOrder, channel: str, policy: Policy) -> PlaceOrder:
    if len(order.lines) > intake.MOST_LINES:
        raise _Unfit(f"has more than {intake.MOST_LINES} rows, too many for an order that is worked on")
    return PlaceOrder(
        order_no=order_number(channel, order.channel_order_id),
        channel=channel,
        channel_order_id=order.channel_order_id,
        contact_id=contacts.new_contact_id(),
        lines=tuple(
            Line(line_no=n, sku=line.sku, title=line.title, quantity=line.quantity, unit_price=line.unit_price)
            for n, line in enumerate(order.lines, start=1)
        ),
        currency=order.currency,
        total=order.total,
        payment_method=PaymentMethod.ONLINE,
        placed_at=order.placed_at,
        policy=policy,
    )
