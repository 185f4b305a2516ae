"""What brings one message to its order: the order is started, or told, by name (DESIGN, idea 3).

Bringing it twice is harmless: an order starts once, and the order itself knows which news it has heard.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from domain.order_status import OrderStatus, both_names
from models.base import SYSTEM, Message
from models.inbox import Envelope
from models.news import PaymentNews
from models.order import PlaceOrder, workflow_id
from models.payments import LateMoney
from models.start import search_attributes
from models.temporal_names import ORDERS
from models.workflow_names import (
    CARRIER,
    CHANNEL_CANCELLED,
    LATE_MONEY_WORKFLOW,
    ORDER_WORKFLOW,
    PACKED,
    PARCEL_SPLIT,
    PAYMENT,
    SHORT_PICK,
    WRONG_GOODS,
)
from runtime.crypto import Vault
from store import addressee, audit, payment_notices, traces
from store.inbox import Taken
from store.pool import Pool, by_itself
from store.reaching import RPC_TIMEOUT, NobodyYet, no_such_workflow, reaching_temporal

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class News:
    """One signal: its name and what it says."""

    name: str
    content: Message


class Courier:
    """Brings one message to its order."""

    def __init__(self, client: Client, pool: Pool, vault: Vault) -> None:
        self._client = client
        self._pool = pool
        self._vault = vault

    async def deliver(self, taken: Taken) -> str | None:
        """Start and tell; returns the order's number. Raises ForwardingFailed, RPCError."""
        envelope = taken.envelope
        order_no = await self._order_of(envelope)
        told = await self._news_of(envelope, order_no)
        if envelope.start is not None and await start_order(self._client, self._pool, envelope.start, told[:1]):
            told = told[1:]
        for news in told:
            await self._tell(order_no, news)
        if envelope.trace is not None:
            async with self._pool.connection() as conn:
                await traces.keep(conn, self._vault, envelope.trace)
        return order_no

    async def _order_of(self, envelope: Envelope) -> str:
        if envelope.order_no is not None:
            return envelope.order_no
        async with by_itself(self._pool) as conn:
            order_no = await addressee.find(conn, envelope)
        if order_no is None:
            raise NobodyYet(f"no order is known for this {_kind(envelope)}")
        return order_no

    async def _news_of(self, envelope: Envelope, order_no: str) -> Sequence[News]:
        """What to tell, in an order that makes sense of a message that says several things."""
        found = [
            News(name, content)
            for name, content in (
                (PAYMENT, await self._money_of(envelope, order_no)),
                (CHANNEL_CANCELLED, envelope.cancelled),
                (PARCEL_SPLIT, envelope.split),
                (PACKED, envelope.packed),
                (SHORT_PICK, envelope.short_pick),
                (WRONG_GOODS, envelope.wrong_goods),
            )
            if content is not None
        ]
        if envelope.refund_total is None and envelope.trace is None:
            return found
        async with self._pool.connection() as conn:
            if envelope.refund_total is not None:
                refund = addressee.as_news(envelope.refund_total)
                found += [] if await payment_notices.is_booked(conn, order_no, refund) else [News(PAYMENT, refund)]
            if envelope.trace is not None:
                found += [News(CARRIER, event) for event in await traces.news(conn, envelope.trace)]
        return found

    async def _money_of(self, envelope: Envelope, order_no: str) -> PaymentNews | None:
        """The payment it tells of; None for our own refund, echoed (accident 6)."""
        if envelope.payment is None:
            return None
        async with by_itself(self._pool) as conn:
            return None if await payment_notices.is_booked(conn, order_no, envelope.payment) else envelope.payment

    async def _tell(self, order_no: str, news: News) -> None:
        handle = self._client.get_workflow_handle(workflow_id(order_no))
        with reaching_temporal():
            try:
                await handle.signal(news.name, news.content, rpc_timeout=RPC_TIMEOUT)
            except RPCError as error:
                if not no_such_workflow(error):
                    raise
                await self._tell_nobody(order_no, news)

    async def _tell_nobody(self, order_no: str, news: News) -> None:
        """No workflow of that order runs: it has not begun, or it has ended."""
        async with self._pool.connection() as conn:
            if not await addressee.is_recorded(conn, order_no):
                raise NobodyYet(f"the order {order_no} has not begun")
        if isinstance(news.content, PaymentNews):
            await self._settle_late(order_no, news.content)
        else:
            await self._note_for_ended(order_no, news)

    async def _settle_late(self, order_no: str, news: PaymentNews) -> None:
        """Money for an order that has ended: a workflow of its own books it and gives it back (R3)."""
        try:
            await self._client.start_workflow(
                LATE_MONEY_WORKFLOW,
                LateMoney(order_no=order_no, news=news),
                id=f"late-money-{order_no}-{news.event_id}",
                task_queue=ORDERS,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                static_summary=f"late payment notice for {order_no}",
                rpc_timeout=RPC_TIMEOUT,
            )
        except WorkflowAlreadyStartedError:
            log.info("late_money_settled_before", order_no=order_no)

    async def _note_for_ended(self, order_no: str, news: News) -> None:
        """News that changes nothing any more still goes on record (R23)."""
        entry = audit.Entry(
            subject=f"order:{order_no}",
            order_no=order_no,
            step_key=f"order:{order_no}#after-end:{news.name}:{_event_id(news.content)}",
            at=datetime.now(UTC),
            by=SYSTEM,
            act=f"{news.name}_after_end",
            details=_said(news.content),
        )
        async with self._pool.connection() as conn:
            await traces.append_once(conn, entry)


async def start_order(client: Client, pool: Pool, order: PlaceOrder, news: Sequence[News] = ()) -> bool:
    """Start the order's workflow, once; raises TemporalAway.

    The first ``news`` goes along in the same call. True if the order began now, or ran already and was told of
    it; False if nothing was told: the order is on record or over, or it ran and there was no news.
    """
    # An order on record was started once; after Temporal's retention its id would be free again.
    async with by_itself(pool) as conn:
        if await addressee.is_recorded(conn, order.order_no):
            return False
    with reaching_temporal():
        try:
            await client.start_workflow(
                ORDER_WORKFLOW,
                order,
                id=workflow_id(order.order_no),
                task_queue=ORDERS,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                search_attributes=search_attributes(order, datetime.now(UTC)),
                static_summary=f"{order.channel} order {order.order_no}",
                static_details=_details(order),
                rpc_timeout=RPC_TIMEOUT,
                start_signal=news[0].name if news else None,
                start_signal_args=[one.content for one in news[:1]],
            )
        except WorkflowAlreadyStartedError:
            log.info("order_started_before", order_no=order.order_no)
            return False
    return True


def _details(order: PlaceOrder) -> str:
    """What never changes of an order, for the Temporal UI: no person in it (R21)."""
    goods = [f"- {line.quantity} × `{line.sku}` at {line.unit_price}" for line in order.lines[:20]]
    more = [f"- and {len(order.lines) - 20} more lines"] if len(order.lines) > 20 else []
    head = f"**{order.channel}** order `{order.channel_order_id}`, starts as {both_names(OrderStatus.AWAITING_PAYMENT)}"
    pays = f"Pays {order.payment_method.value}: {order.total} minor units of {order.currency}"
    return "\n".join([head, "", pays, "", *goods, *more])


def _kind(envelope: Envelope) -> str:
    named = envelope.model_dump(exclude_none=True, exclude={"order_no"}, mode="python")
    return next(iter(named), "message").replace("_", " ")


def _event_id(content: Message) -> str:
    return str(getattr(content, "event_id", None) or getattr(content, "task_no", ""))


def _said(content: Message) -> dict[str, str | int | None]:
    facts = content.model_dump(mode="json")
    return {name: value for name, value in facts.items() if isinstance(value, str | int)}
