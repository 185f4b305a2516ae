"""Happy orders: paid, doubted by the rules, approved by a person, packed, shipped, signed for, archived.

Their return window is one second by their own policy (T9), as a shop may configure it.
The web channel is told of each change of status by its notice workflow (R20).
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.client import WorkflowFailureError, WorkflowHandle

from bench.driver import LOOK_EVERY
from bench.ground import CHANNEL, Ground
from domain.deadlines import DeadlineId
from domain.money import PaymentMethod
from models import workflow_names as names
from models.base import Actor
from models.commands import Approve, Done
from models.news import CarrierNews, CarrierState, ParcelPacked, PaymentEvent, PaymentNews
from models.order import Line, PlaceOrder, Policy, order_number, workflow_id
from models.start import search_attributes
from models.temporal_names import ORDERS
from runtime.crypto import vault_of
from store import catalogue, contacts, stock
from store.pool import Row

ARCHIVED = "archived"
TOTAL = 19_900
WAREHOUSE = "SH"
# More than one, so that orders do not queue for one row: what a hot SKU costs is another measurement.
SKUS = tuple(f"TEA-{number:02}" for number in range(20))
REVIEWER = Actor(id="reviewer-1", role="reviewer")
PICKER, RECHECKER = Actor(id="picker-1", role="warehouse"), Actor(id="picker-2", role="warehouse")
POLICY = Policy(durations={DeadlineId.T9: timedelta(seconds=1)})
# The postcode is no postcode: the rules ask for a person (R6).
DOUBTFUL = contacts.Address(
    country="CN", region="上海市", city="上海市", district="黄浦区", street="测试路 1 号", postcode="99"
)


class HappyOrders:
    """One of the two kinds of workflow; its stages are the statuses of the orders' rows."""

    last = "signed"

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._vault = vault_of(ground.settings)
        self._orders: dict[str, PlaceOrder] = {}
        self._parcels: dict[str, Row] = {}
        self._numbers = itertools.count(1)
        self.wrong: dict[str, str] = {}
        self.pay_until: datetime | None = None
        """When T1 of every order falls that is started from now on; None: as the policy says."""

    async def stock_up(self, pieces: int) -> None:
        """List the goods and put so many of each on the shelf."""
        now = datetime.now(UTC)
        async with self._ground.pool.connection() as conn:
            await catalogue.put_warehouse(conn, WAREHOUSE, name="Shanghai", region="上海市", city="上海市")
            for sku in SKUS:
                await catalogue.put_product(conn, sku, title="Tea", weight_g=500, volume_cm3=1_000)
                await stock.put_stock(
                    conn, WAREHOUSE, sku, at=now, key=f"bench:{sku}", delta=pieces, bin="A-01", why="bench"
                )

    @property
    def prepared(self) -> int:
        """How many orders there are so far."""
        return len(self._orders)

    def payment_of(self, key: str) -> str:
        """The provider's reference of this order's payment."""
        reference = self._orders[key].payment_reference
        assert reference is not None
        return reference

    # --- driving ------------------------------------------------------------------

    async def prepare(self, count: int) -> Sequence[str]:
        """Put the buyers into the vault, as the API does before an order starts."""
        orders = [await self._order(next(self._numbers)) for _ in range(count)]
        self._orders |= {order.order_no: order for order in orders}
        return [order.order_no for order in orders]

    def workflow_id(self, key: str) -> str:
        """As the product names it."""
        return workflow_id(key)

    async def start(self, key: str) -> None:
        """Start the order as the inbox does."""
        order = self._orders[key]
        if self.pay_until is not None:
            payable = {DeadlineId.T1: self.pay_until - datetime.now(UTC)}
            order = order.model_copy(update={"policy": Policy(durations=payable)})
        await self._ground.client.start_workflow(
            names.ORDER_WORKFLOW,
            order,
            id=workflow_id(key),
            task_queue=ORDERS,
            search_attributes=search_attributes(order, datetime.now(UTC)),
        )

    async def look(self, keys: Collection[str]) -> Mapping[str, str]:
        """Where these orders stand, by one query for all."""
        async with self._ground.pool.connection() as conn:
            rows = await (await conn.execute(_STANDS, (list(keys),))).fetchall()
        self._parcels |= {row["order_no"]: row for row in rows}
        return {row["order_no"]: row["stage"] for row in rows}

    async def act(self, key: str, stage: str) -> None:
        """Pay, approve, pack, collect, sign, and wait for the archive, each at its stage."""
        handle = self._ground.client.get_workflow_handle(workflow_id(key), result_type=str)
        if stage == "awaiting_payment":
            await handle.signal(names.PAYMENT, self._paid(key))
        elif stage == "manual_review":
            await handle.execute_update(names.APPROVE, Approve(by=REVIEWER, key=f"approve-{key}"), result_type=Done)
        elif stage == "picking":
            await handle.signal(names.PACKED, self._packed(key))
        elif stage == "booked":
            await handle.signal(names.CARRIER, self._carrier(key, CarrierState.PICKED_UP))
        elif stage == "shipped":
            await handle.signal(names.CARRIER, self._carrier(key, CarrierState.SIGNED))
        elif stage == self.last:
            await self._see_it_archived(key, handle)

    async def _see_it_archived(self, key: str, order: WorkflowHandle[Any, str]) -> None:
        try:
            ended = await order.result()
        except WorkflowFailureError as error:
            ended = f"failed: {type(error.cause).__name__}"
        if ended != ARCHIVED:
            self.wrong[key] = ended

    async def settle(self) -> None:
        """Wait until the channel has been told everything."""
        while await self._untold():  # noqa: ASYNC110 - what is waited for happens in another process.
            await asyncio.sleep(LOOK_EVERY.total_seconds())

    async def _untold(self) -> bool:
        async with self._ground.pool.connection() as conn:
            return await (await conn.execute(_UNTOLD)).fetchone() is not None

    # --- what the world says ----------------------------------------------------------

    async def _order(self, number: int) -> PlaceOrder:
        contact_id = contacts.new_contact_id()
        person = contacts.Person(name=f"测试买家{number}", phone=f"+86138{number:08}", address=DOUBTFUL)
        async with self._ground.pool.connection() as conn:
            await contacts.keep(conn, self._vault, contact_id, person, channel=CHANNEL, at=datetime.now(UTC))
        line = Line(line_no=1, sku=SKUS[number % len(SKUS)], title="Tea", quantity=1, unit_price=TOTAL)
        return PlaceOrder(
            order_no=order_number(CHANNEL, str(number)),
            channel=CHANNEL,
            channel_order_id=str(number),
            contact_id=contact_id,
            lines=(line,),
            currency="CNY",
            total=TOTAL,
            payment_method=PaymentMethod.ONLINE,
            payment_provider="stripe",
            payment_reference=f"pi_{number}",
            placed_at=datetime.now(UTC),
            policy=POLICY,
        )

    def _paid(self, key: str) -> PaymentNews:
        order = self._orders[key]
        assert order.payment_reference is not None
        return PaymentNews(
            event_id=f"evt_{order.payment_reference}",
            event=PaymentEvent.CAPTURED,
            provider="stripe",
            reference=order.payment_reference,
            amount=TOTAL,
            currency="CNY",
            at=datetime.now(UTC),
        )

    def _packed(self, key: str) -> ParcelPacked:
        parcel_no = self._parcels[key]["parcel_no"]
        return ParcelPacked(
            parcel_no=parcel_no,
            task_no=f"task-{parcel_no}",
            picker=PICKER,
            rechecker=RECHECKER,
            packaging="standard",
            weight_g=700,
        )

    def _carrier(self, key: str, state: CarrierState) -> CarrierNews:
        parcel = self._parcels[key]
        return CarrierNews(
            event_id=f"{parcel['tracking_no']}:{state}",
            parcel_no=parcel["parcel_no"],
            tracking_no=parcel["tracking_no"],
            state=state,
            code=state,
            at=datetime.now(UTC),
        )


# A packed order whose parcel has a tracking number waits for the carrier, not for the booking.
_STANDS = """
SELECT o.order_no, p.parcel_no, p.tracking_no,
    CASE WHEN o.status = 'packed' AND p.tracking_no IS NOT NULL THEN 'booked' ELSE o.status END AS stage
FROM orders o LEFT JOIN parcels p USING (order_no)
WHERE o.order_no = ANY(%s)
"""

_UNTOLD = "SELECT 1 FROM notices WHERE state = 'pending' LIMIT 1"
