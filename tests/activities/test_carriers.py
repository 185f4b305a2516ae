"""Booking over the real Kuaidi100 gateway: one waybill for a parcel, and the recipient goes nowhere else (R11, R21)."""

from __future__ import annotations

import json
from urllib.parse import parse_qs

import httpx
import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.carriers import Carriers, Sender
from activities.order_steps import OrderSteps
from domain.money import PaymentMethod
from domain.order_status import OrderStatus
from gateways.kuaidi100 import Kuaidi100Access, Kuaidi100Booking
from models.person import Person
from models.steps import BookCarrier, ReleaseToWarehouse, VoidBooking
from runtime.crypto import Vault
from store import parcels
from store.pool import Connection, Pool
from tests.activities.conftest import BUYER, recorded
from tests.fixtures.orders import a_step, an_order, stock_up, value

S = OrderStatus


class Depot:
    """Speaks Kuaidi100's wire format; the same orderId is the same waybill."""

    def __init__(self) -> None:
        self.waybills: dict[str, str] = {}
        self.asked: list[tuple[str, dict[str, object]]] = []
        self.code = "200"

    def answer(self, request: httpx.Request) -> httpx.Response:
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        method, param = form.get("method", "poll"), json.loads(form["param"])
        self.asked.append((method, param))
        if method != "order":
            return httpx.Response(200, json={"returnCode": "200", "code": "200"})
        if self.code == "200":
            self.waybills.setdefault(param["orderId"], f"SF{len(self.waybills) + 1}")
        number = self.waybills.get(param["orderId"])
        return httpx.Response(200, json={"code": self.code, "data": {"kuaidinum": number}})

    def said(self, method: str) -> list[dict[str, object]]:
        """What was asked under that method."""
        return [param for name, param in self.asked if name == method]


@pytest.fixture
def depot() -> Depot:
    return Depot()


@pytest.fixture
def hands(pool: Pool, vault: Vault, depot: Depot) -> Carriers:
    client = httpx.AsyncClient(transport=httpx.MockTransport(depot.answer))
    access = Kuaidi100Access("https://depot.example", "KEY", "SECRET", "SALT", "https://shop.example/push")
    sender = Sender(name="測試商店", phone="075500000000")
    return Carriers(pool, vault, Kuaidi100Booking(client, access), sender=sender, insurance_thresholds={"CNY": 100_000})


async def packed(
    pool: Pool, conn: Connection, vault: Vault, *, pieces: int = 2, person: Person = BUYER, **changes: object
) -> None:
    """The order web-1 with one packed parcel."""
    steps = OrderSteps(pool, vault)
    await stock_up(conn, "TEA", 500, weight_g=200, volume_cm3=1000, category="茶")
    await recorded(steps, conn, vault, an_order("web-1", ("TEA", pieces), **changes), person)
    request = ReleaseToWarehouse(step=a_step("web-1", 2, before=S.APPROVED, after=S.PICKING))
    await ActivityEnvironment().run(steps.release_to_warehouse, request)
    await parcels.pack(conn, "web-1-P1", packaging="standard", weight_g=1300)


BOOK = BookCarrier(step=a_step("web-1", 3, "carrier_booked", standing=S.PACKED), parcel_no="web-1-P1")


async def test_the_cheapest_carrier_is_booked_and_the_parcel_says_why(
    pool: Pool, conn: Connection, vault: Vault, hands: Carriers, depot: Depot, env: ActivityEnvironment
) -> None:
    await packed(pool, conn, vault)
    booked = await env.run(hands.book_carrier, BOOK)
    assert (booked.carrier, booked.tracking_no) == ("YUNDA", "SF1")
    (parcel,) = await parcels.of_order(conn, "web-1")
    assert (parcel["state"], parcel["tracking_no"], parcel["insured"]) == ("booked", "SF1", False)
    assert (parcel["choice"]["why"], parcel["choice"]["cost"]) == ("the cheapest that can", 1090)
    assert await value(conn, "SELECT body #>> '{parcels,0,tracking_no}' FROM notices ORDER BY id DESC") == "SF1"


async def test_booked_twice_it_is_one_waybill_and_one_step(
    pool: Pool, conn: Connection, vault: Vault, hands: Carriers, depot: Depot, env: ActivityEnvironment
) -> None:
    await packed(pool, conn, vault)
    first = await env.run(hands.book_carrier, BOOK)
    assert await env.run(hands.book_carrier, BOOK) == first
    assert depot.waybills == {"web-1:book:web-1-P1": "SF1"}
    assert len(depot.said("order")) == 1
    assert await value(conn, "SELECT count(*) FROM audit_entries WHERE act = 'carrier_booked'") == 1


async def test_the_recipient_goes_to_the_carrier_and_nowhere_else(
    pool: Pool, conn: Connection, vault: Vault, hands: Carriers, depot: Depot, env: ActivityEnvironment
) -> None:
    await packed(pool, conn, vault)
    booked = await env.run(hands.book_carrier, BOOK)
    assert depot.said("order")[0]["recMan"] == {
        "name": BUYER.name,
        "mobile": BUYER.phone,
        "printAddr": "廣東省 深圳市 測試路 1 號 518000",
    }
    written = await value(conn, "SELECT string_agg(p::text, '') FROM parcels p")
    assert "測試" not in booked.model_dump_json() + written


async def test_the_carriers_events_are_subscribed_to(
    pool: Pool, conn: Connection, vault: Vault, hands: Carriers, depot: Depot, env: ActivityEnvironment
) -> None:
    await packed(pool, conn, vault)
    await env.run(hands.book_carrier, BOOK)
    assert [param["number"] for param in depot.said("poll")] == ["SF1"]


@pytest.mark.parametrize(("pieces", "insured"), [(100, None), (101, "1010.00")])
async def test_a_parcel_worth_more_than_the_threshold_is_insured(
    pool: Pool,
    conn: Connection,
    vault: Vault,
    hands: Carriers,
    depot: Depot,
    env: ActivityEnvironment,
    pieces: int,
    insured: str | None,
) -> None:
    await packed(pool, conn, vault, pieces=pieces, carrier_wish="SF")
    await env.run(hands.book_carrier, BOOK)
    assert depot.said("order")[0].get("valinsPay") == insured
    assert await value(conn, "SELECT insured FROM parcels") is (insured is not None)


async def test_cash_on_delivery_is_collected_by_a_carrier_that_does_so(
    pool: Pool, conn: Connection, vault: Vault, hands: Carriers, depot: Depot, env: ActivityEnvironment
) -> None:
    await packed(pool, conn, vault, payment_method=PaymentMethod.CASH_ON_DELIVERY)
    assert (await env.run(hands.book_carrier, BOOK)).carrier == "ZTO"
    assert depot.said("order")[0]["collection"] == "20.00"


async def test_a_parcel_cancelled_meanwhile_is_not_booked(
    pool: Pool, conn: Connection, vault: Vault, hands: Carriers, depot: Depot, env: ActivityEnvironment
) -> None:
    await packed(pool, conn, vault)
    await parcels.cancel(conn, "web-1")
    with pytest.raises(ApplicationError) as gone:
        await env.run(hands.book_carrier, BOOK)
    assert (gone.value.type, gone.value.non_retryable) == ("ParcelGone", True)
    assert depot.asked == []


async def test_a_waybill_for_a_parcel_cancelled_while_the_carrier_was_asked_is_voided(
    pool: Pool, conn: Connection, vault: Vault, env: ActivityEnvironment
) -> None:
    await packed(pool, conn, vault)
    depot = Depot()

    async def slowly(request: httpx.Request) -> httpx.Response:
        await parcels.cancel(conn, "web-1")
        return depot.answer(request)

    client = httpx.AsyncClient(transport=httpx.MockTransport(slowly))
    access = Kuaidi100Access("https://depot.example", "KEY", "SECRET", "SALT", "https://shop.example/push")
    hands = Carriers(pool, vault, Kuaidi100Booking(client, access), sender=Sender("測試商店", "0"))
    with pytest.raises(ApplicationError) as gone:
        await env.run(hands.book_carrier, BOOK)
    assert gone.value.type == "ParcelGone"
    assert [param["kuaidinum"] for param in depot.said("cancel")] == ["SF1"]
    assert await value(conn, "SELECT count(*) FROM audit_entries WHERE act = 'carrier_booked'") == 0


async def test_a_recipient_without_an_address_is_a_final_refusal(
    pool: Pool, conn: Connection, vault: Vault, hands: Carriers, depot: Depot, env: ActivityEnvironment
) -> None:
    await packed(pool, conn, vault, person=Person(name="甲", phone="13800138000"))
    with pytest.raises(ApplicationError) as refused:
        await env.run(hands.book_carrier, BOOK)
    assert (refused.value.type, refused.value.non_retryable) == ("IncompleteOrder", True)
    assert depot.asked == []


async def test_what_the_carrier_refuses_is_final_and_leaves_the_parcel_unbooked(
    pool: Pool, conn: Connection, vault: Vault, hands: Carriers, depot: Depot, env: ActivityEnvironment
) -> None:
    await packed(pool, conn, vault)
    depot.code = "601"
    with pytest.raises(ApplicationError) as refused:
        await env.run(hands.book_carrier, BOOK)
    assert (refused.value.type, refused.value.non_retryable) == ("Refused", True)
    assert await value(conn, "SELECT state FROM parcels") == "packed"


async def test_a_booking_can_be_voided(hands: Carriers, depot: Depot, env: ActivityEnvironment) -> None:
    await env.run(hands.void_booking, VoidBooking(order_no="web-1", carrier="SF", tracking_no="SF1"))
    assert [param["kuaidinum"] for param in depot.said("cancel")] == ["SF1"]
