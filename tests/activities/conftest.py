"""The activities as the worker builds them, on a real database, with real gateways over a fake wire."""

from __future__ import annotations

import pytest
from temporalio.testing import ActivityEnvironment

from activities.order_steps import OrderSteps
from models.order import PlaceOrder
from models.person import Address, Person
from models.steps import RecordOrder
from runtime.crypto import Vault
from store import contacts
from store.pool import Connection, Pool
from tests.fixtures.orders import NOON, a_step


@pytest.fixture
def vault() -> Vault:
    """A vault with keys for tests."""
    return Vault({"1": bytes(range(32))}, "1", bytes(32))


@pytest.fixture
def env() -> ActivityEnvironment:
    """Runs an activity as a worker does."""
    return ActivityEnvironment()


@pytest.fixture
def hands(pool: Pool, vault: Vault) -> OrderSteps:
    """The order's steps."""
    return OrderSteps(pool, vault)


BUYER = Person(
    name="測試買家甲",
    phone="13800138000",
    address=Address(country="CN", region="廣東省", city="深圳市", street="測試路 1 號", postcode="518000"),
    account="test-buyer-1",
)


async def recorded(
    hands: OrderSteps, conn: Connection, vault: Vault, order: PlaceOrder, person: Person = BUYER
) -> None:
    """The order is on record, its person in the vault."""
    await contacts.keep(conn, vault, order.contact_id, person, channel=order.channel, at=NOON)
    request = RecordOrder(step=a_step(order.order_no, 1, "order_recorded"), order=order)
    await ActivityEnvironment().run(hands.record_order, request)
