"""What a test does in the shop: place orders, bring news, decide, move the clock, look."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, cast

import httpx
import pytest
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.testing import TimeSkipper

from domain.money import PaymentMethod
from models import workflow_names as names
from models.base import Actor
from models.commands import Command, Done
from models.news import CarrierNews, CarrierState, ParcelPacked, PaymentEvent, PaymentNews
from models.order import Line, PlaceOrder, Policy, workflow_id
from models.temporal_names import ORDERS
from runtime.crypto import Vault, vault_of
from runtime.settings import Settings
from store import catalogue, contacts
from store.pool import Pool, Row
from store.stock_in import put_stock
from workflows.order import OrderWorkflow

Handle = WorkflowHandle[OrderWorkflow, str]
Seen = TypeVar("Seen")

REVIEWER = Actor(id="reviewer-1", role="reviewer")
OTHER_REVIEWER = Actor(id="reviewer-2", role="reviewer")
SERVICE = Actor(id="service-1", role="customer_service")
OPERATIONS = Actor(id="operations-1", role="operations")
PICKER = Actor(id="picker-1", role="warehouse")
CHECKER = Actor(id="picker-2", role="warehouse")

ADDRESS = contacts.Address(
    country="CN", region="上海市", city="上海市", district="黄浦区", street="测试路 1 号", postcode="200001"
)
GOOD = contacts.Person(name="测试甲", phone="+8613800138000", address=ADDRESS)

_NUMBERS = itertools.count(1)


@dataclass
class Shop:
    """One test's shop. Every order gets a number of its own."""

    skipper: TimeSkipper
    pool: Pool
    outside: httpx.AsyncClient
    settings: Settings

    async def stock_up(self, sku: str = "TEA", quantity: int = 10, warehouse: str = "SH") -> None:
        """List a product and put goods of it on the shelf."""
        async with self.pool.connection() as conn:
            await catalogue.put_warehouse(conn, warehouse, name="Shanghai", region="East", city="Shanghai")
            await catalogue.put_product(
                conn, sku, title="Tea", barcode=f"690{sku}", weight_g=500, volume_cm3=1000, category="food"
            )
        await self.shelve(sku, quantity, warehouse)

    async def shelve(self, sku: str, pieces: int, warehouse: str = "SH") -> None:
        """So many pieces stand on the shelf now; the ledger knows of it."""
        async with self.pool.connection() as conn:
            at, key = datetime.now(UTC), f"shelf-{next(_NUMBERS)}"
            await put_stock(conn, warehouse, sku, at=at, key=key, on_hand=pieces, bin="A-01")

    async def contact(self, person: contacts.Person = GOOD) -> str:
        """Put a person into the vault; returns the contact id."""
        contact_id = contacts.new_contact_id()
        async with self.pool.connection() as conn:
            await contacts.keep(conn, self.vault, contact_id, person, channel="web", at=datetime.now(UTC))
        return contact_id

    @property
    def vault(self) -> Vault:
        """The vault of the settings, as every process builds it."""
        return vault_of(self.settings)

    async def order(self, *, person: contacts.Person = GOOD, total: int = 19_900, **terms: Any) -> PlaceOrder:
        """An order for one TEA, paid online; ``terms`` replace what a test is about."""
        number = str(next(_NUMBERS))
        line = Line(line_no=1, sku="TEA", title="Tea", quantity=1, unit_price=total)
        known = {
            "order_no": f"web-{number}",
            "channel": "web",
            "channel_order_id": number,
            "contact_id": await self.contact(person),
            "lines": (line,),
            "currency": "CNY",
            "total": total,
            "payment_method": PaymentMethod.ONLINE,
            "payment_provider": "stripe",
            "payment_reference": f"pi_{number}",
            "placed_at": datetime.now(UTC),
            "policy": Policy(),
        }
        return PlaceOrder(**{**known, **terms})

    async def place(self, **terms: Any) -> Handle:
        """Place an order; its payment waits at the provider. Returns when it is on record."""
        order = await self.order(**terms)
        if order.payment_provider == "stripe" and order.payment_reference:
            wanted = {"amount": max(order.total, 1), "order_no": order.order_no, "id": order.payment_reference}
            (await self.outside.post("/control/stripe/payment_intents", json=wanted)).raise_for_status()
        handle = await self.start(order)
        await self.until(lambda: self.row(handle), lambda row: row is not None)
        return handle

    async def start(self, order: PlaceOrder) -> Handle:
        """Start the workflow, as the inbox does."""
        return await self.skipper.client.start_workflow(
            OrderWorkflow.run, order, id=workflow_id(order.order_no), task_queue=ORDERS
        )

    def handle(self, order: PlaceOrder) -> Handle:
        """The handle of an order that somebody else started."""
        return cast("Handle", self.skipper.client.get_workflow_handle(workflow_id(order.order_no)))

    def replacement(self, handle: Handle) -> Handle:
        """The handle of the first order that was sent in place of this one."""
        return cast("Handle", self.skipper.client.get_workflow_handle(f"{handle.id}-R1"))

    # --- news -------------------------------------------------------------------

    async def pay(self, handle: Handle, amount: int = 19_900, *, times: int = 1) -> None:
        """The buyer pays at the provider, and the notice reaches the order ``times`` times."""
        number = number_of(handle)
        await self.outside.post(f"/control/stripe/payment_intents/pi_{number}/pay", json={"times": 0})
        for _ in range(times):
            await handle.signal(names.PAYMENT, captured(number, amount))

    async def packed(self, handle: Handle) -> str:
        """The warehouse says that the order's one parcel is packed; returns its number."""
        row = await self.until(lambda: self.parcel(handle), lambda row: row is not None)
        assert row is not None
        news = ParcelPacked(
            parcel_no=row["parcel_no"],
            task_no="by hand",
            picker=PICKER,
            rechecker=CHECKER,
            packaging="standard",
            weight_g=700,
        )
        await handle.signal(names.PACKED, news)
        return str(row["parcel_no"])

    async def carrier(
        self, handle: Handle, state: CarrierState, *, at: datetime | None = None, event: str | None = None
    ) -> None:
        """The carrier tells what happened to the order's one parcel."""
        row = await self.until(lambda: self.parcel(handle), lambda row: bool(row and row["tracking_no"]))
        assert row is not None
        news = CarrierNews(
            event_id=event or f"{row['tracking_no']}:{state}",
            parcel_no=row["parcel_no"],
            tracking_no=row["tracking_no"],
            state=state,
            code=state,
            at=at or datetime.now(UTC),
        )
        await handle.signal(names.CARRIER, news)

    async def ship(self, handle: Handle) -> None:
        """From pick tasks to the carrier's van."""
        await self.reaches(handle, "picking")
        await self.packed(handle)
        await self.carrier(handle, CarrierState.PICKED_UP)
        await self.reaches(handle, "shipped")

    async def sign(self, handle: Handle) -> None:
        """The buyer signs for the parcel."""
        await self.carrier(handle, CarrierState.SIGNED)
        await self.reaches(handle, "signed")

    # --- decisions --------------------------------------------------------------

    async def ask(self, handle: Handle, name: str, command: Command) -> Done:
        """Ask the order, as the API does: an update whose id is the command's key."""
        done: Done = await handle.execute_update(name, command, id=command.key or None, result_type=Done)
        return done

    async def refused(self, handle: Handle, name: str, command: Command) -> str:
        """Ask, expect a refusal, and return the name of the broken rule."""
        with pytest.raises(WorkflowUpdateFailedError) as refusal:
            await self.ask(handle, name, command)
        cause = refusal.value.cause
        assert isinstance(cause, ApplicationError)
        return str(cause.type)

    # --- time -------------------------------------------------------------------

    async def forward(self, handle: Handle, duration: timedelta) -> None:
        """Move this order's clock, and nothing else's."""
        await self.skipper.fast_forward(handle, duration)

    async def forward_to(self, handle: Handle, deadline: str, offset: timedelta = timedelta(0)) -> None:
        """Move the order's clock to ``offset`` from a running deadline's due instant."""
        due = await self.due(handle, deadline)
        now = await self.skipper.get_current_time(handle)
        await self.forward(handle, due + offset - now)

    async def due(self, handle: Handle, deadline: str) -> datetime:
        """When a running deadline falls."""
        found = await self.one(
            "SELECT due_at FROM deadlines WHERE order_no = %s AND deadline = %s AND state = 'running'",
            order_no(handle),
            deadline,
        )
        assert found is not None, f"{deadline} is not running"
        due: datetime = found["due_at"]
        return due

    # --- looking ----------------------------------------------------------------

    async def one(self, query: str, *values: object) -> Row | None:
        """The first row of a query."""
        rows = await self.all(query, *values)
        return rows[0] if rows else None

    async def all(self, query: str, *values: object) -> list[Row]:
        """All rows of a query."""
        async with self.pool.connection() as conn:
            return await (await conn.execute(query, values)).fetchall()

    async def row(self, handle: Handle) -> Row | None:
        """The order's row."""
        return await self.one("SELECT * FROM orders WHERE order_no = %s", order_no(handle))

    async def parcel(self, handle: Handle) -> Row | None:
        """The order's first parcel."""
        return await self.one("SELECT * FROM parcels WHERE order_no = %s ORDER BY parcel_no", order_no(handle))

    async def acts(self, handle: Handle) -> list[str]:
        """Every act on record, in order."""
        rows = await self.all("SELECT act FROM audit_entries WHERE order_no = %s ORDER BY id", order_no(handle))
        return [row["act"] for row in rows]

    async def money(self, handle: Handle) -> tuple[int, int]:
        """Captured and refunded, in minor units, as the ledger says once the order has nothing left to do."""
        await self.at_rest(handle)
        row = await self.one("SELECT captured, refunded FROM payments WHERE order_no = %s", order_no(handle))
        return (row["captured"], row["refunded"]) if row else (0, 0)

    async def bank(self, handle: Handle) -> Row:
        """The order's payment as the provider knows it, with its refunds."""
        intents = (await self.outside.get("/control/stripe/payment_intents")).json()
        found: Row = next(one for one in intents if one["id"] == f"pi_{number_of(handle)}")
        return found

    async def stock(self, sku: str = "TEA") -> tuple[int, int]:
        """On hand and reserved, over all warehouses; the counter must equal its reservations."""
        counter = await self.one(
            "SELECT coalesce(sum(on_hand), 0)::int AS on_hand, coalesce(sum(reserved), 0)::int AS reserved"
            " FROM stock_items WHERE sku = %s",
            sku,
        )
        held = await self.one(
            "SELECT coalesce(sum(quantity), 0)::int AS held FROM reservations WHERE sku = %s AND state = 'held'", sku
        )
        assert counter is not None
        assert held is not None
        assert counter["reserved"] == held["held"]
        return counter["on_hand"], counter["reserved"]

    async def did(self, handle: Handle, act: str) -> None:
        """Wait until this act is on record."""
        query = "SELECT 1 FROM audit_entries WHERE order_no = %s AND act = %s"
        await self.until(lambda: self.one(query, order_no(handle), act), lambda row: row is not None)

    async def reaches(self, handle: Handle, status: str) -> None:
        """Wait until the order's row has this status."""
        await self.until(lambda: self.row(handle), lambda row: bool(row and row["status"] == status))

    async def at_rest(self, handle: Handle) -> None:
        """Wait until the workflow has heard of everything it set going: rows are ahead of it for a moment."""
        for _ in range(500):
            now = (await handle.describe()).raw_description
            if not now.pending_activities and not now.HasField("pending_workflow_task"):
                return
            await asyncio.sleep(0.02)
        raise AssertionError("the workflow never came to rest")

    async def until(self, look: Callable[[], Awaitable[Seen]], good: Callable[[Seen], bool]) -> Seen:
        """Look again until it is so: milliseconds as a rule, seconds on a machine that does much else."""
        seen = await look()
        for _ in range(1500):
            if good(seen):
                return seen
            await asyncio.sleep(0.02)
            seen = await look()
        raise AssertionError(f"it never came to that; last seen: {seen}")


def order_no(handle: Handle) -> str:
    """The order number of a workflow."""
    return handle.id.removeprefix("order-")


def number_of(handle: Handle) -> str:
    """The channel's own number of the order."""
    return order_no(handle).removeprefix("web-")


def captured(number: str, amount: int, *, event: str = "evt", reference: str | None = None) -> PaymentNews:
    """The provider's notice that a payment was captured."""
    return PaymentNews(
        event_id=f"{event}_{number}",
        event=PaymentEvent.CAPTURED,
        provider="stripe",
        reference=reference or f"pi_{number}",
        amount=amount,
        currency="CNY",
        at=datetime.now(UTC),
    )
