"""Several parcels of one order: each with its carrier, tracking number and signature (R10 to R14)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from models import workflow_names as names
from models.commands import Cancel, ChooseCarrier
from models.news import CarrierNews, CarrierState, ParcelPacked, ParcelSplit
from models.order import Line
from store.pool import Row
from tests.workflows.case_desk import LOGISTICS
from tests.workflows.shop import CHECKER, PICKER, SERVICE, Handle, Shop, order_no

HEAVY = Line(line_no=1, sku="TEA", title="Tea", quantity=2, unit_price=9_950)


async def two_parcels(shop: Shop) -> Handle:
    """A paid order whose two pieces are too heavy for one parcel, in the warehouse."""
    async with shop.pool.connection() as conn:
        await conn.execute("UPDATE products SET weight_g = 20000 WHERE sku = 'TEA'")
    order = await shop.place(lines=(HEAVY,))
    await shop.pay(order)
    await shop.reaches(order, "picking")
    return order


async def parcels(shop: Shop, order: Handle) -> Sequence[Row]:
    return await shop.all(
        "SELECT * FROM parcels WHERE order_no = %s AND state <> 'cancelled' ORDER BY parcel_no", order_no(order)
    )


async def packed(order: Handle, parcel_no: str) -> None:
    news = ParcelPacked(
        parcel_no=parcel_no, task_no="by hand", picker=PICKER, rechecker=CHECKER, packaging="standard", weight_g=700
    )
    await order.signal(names.PACKED, news)


async def carrier(shop: Shop, order: Handle, parcel_no: str, state: CarrierState) -> None:
    query = "SELECT * FROM parcels WHERE parcel_no = %s"
    row = await shop.until(lambda: shop.one(query, parcel_no), lambda row: bool(row and row["tracking_no"]))
    assert row is not None
    news = CarrierNews(
        event_id=f"{row['tracking_no']}:{state}", parcel_no=parcel_no, tracking_no=row["tracking_no"],
        state=state, code=state, at=datetime.now(UTC),
    )  # fmt: skip
    await order.signal(names.CARRIER, news)


async def test_two_parcels_ship_and_are_signed_one_by_one_and_the_channel_hears_of_each(shop: Shop) -> None:
    order = await two_parcels(shop)
    first, second = [row["parcel_no"] for row in await parcels(shop, order)]
    await packed(order, first)
    await packed(order, second)
    await shop.reaches(order, "packed")
    await carrier(shop, order, first, CarrierState.PICKED_UP)
    await shop.reaches(order, "partly_shipped")
    assert await shop.stock() == (9, 1), "one has left, one is still held"
    await carrier(shop, order, second, CarrierState.PICKED_UP)
    await shop.reaches(order, "shipped")
    await carrier(shop, order, second, CarrierState.SIGNED)
    await shop.reaches(order, "partly_signed")
    await carrier(shop, order, first, CarrierState.SIGNED)
    await shop.reaches(order, "signed")
    assert await shop.stock() == (8, 0)
    notices = await shop.all("SELECT body FROM notices WHERE order_no = %s ORDER BY sequence", order_no(order))
    told = [notice["body"]["status"] for notice in notices]
    assert [status for status in dict.fromkeys(told) if "s" in status][-4:] == [
        "partly_shipped", "shipped", "partly_signed", "signed",
    ]  # fmt: skip
    numbers = {row["tracking_no"] for row in await parcels(shop, order)}
    assert len(numbers) == 2
    assert {parcel["tracking_no"] for parcel in notices[-1]["body"]["parcels"]} == numbers


async def test_a_parcel_that_the_packer_split_off_is_shipped_in_its_own_time(shop: Shop) -> None:
    order = await shop.place()
    await shop.pay(order)
    await shop.reaches(order, "picking")
    (first,) = [row["parcel_no"] for row in await parcels(shop, order)]
    further = first.replace("-P1", "-P2")
    async with shop.pool.connection() as conn:
        await conn.execute(
            "INSERT INTO parcels (parcel_no, order_no, warehouse, state, weight_g, value_minor, insured)"
            " VALUES (%s, %s, 'SH', 'to_pick', 1, 0, false)",
            [further, order_no(order)],
        )
    # The news that the further parcel is packed overtakes the news that there is one.
    await packed(order, further)
    await shop.did(order, "released_to_warehouse")
    split = ParcelSplit(parcel_no=first, new_parcel_no=further, task_no="by hand", warehouse="SH", by=PICKER)
    for _ in range(2):
        await order.signal(names.PARCEL_SPLIT, split)
    await packed(order, first)
    await shop.reaches(order, "packed")
    await carrier(shop, order, further, CarrierState.PICKED_UP)
    await shop.reaches(order, "partly_shipped")
    assert (await shop.acts(order)).count("parcel_split") == 1
    await carrier(shop, order, first, CarrierState.PICKED_UP)
    await shop.reaches(order, "shipped")


async def test_a_person_chooses_another_carrier_and_the_first_waybill_is_withdrawn(shop: Shop) -> None:
    order = await shop.place()
    await shop.pay(order)
    await shop.reaches(order, "picking")
    number = await shop.packed(order)
    before = await shop.until(lambda: shop.parcel(order), lambda row: bool(row and row["tracking_no"]))
    assert before is not None
    chosen = ChooseCarrier(by=LOGISTICS, parcel_no=number, carrier="SF", reason="their van is here", key="c1")
    assert await shop.refused(order, names.CHOOSE_CARRIER, chosen.model_copy(update={"carrier": "DHL"})) == "NoCarrier"
    by_service = chosen.model_copy(update={"by": SERVICE, "key": "c2"})
    assert await shop.refused(order, names.CHOOSE_CARRIER, by_service) == "NotAllowed"
    await shop.ask(order, names.CHOOSE_CARRIER, chosen)
    after = await shop.until(lambda: shop.parcel(order), lambda row: bool(row and row["carrier"] == "SF"))
    assert after is not None
    assert after["tracking_no"] != before["tracking_no"]
    assert after["choice"]["why"] == "chosen by logistics-1: their van is here"
    outside = (await shop.outside.get("/control/kuaidi100/parcels")).json()
    assert {one["nu"]: one["void"] for one in outside} == {
        before["tracking_no"]: True,
        after["tracking_no"]: False,
    }
    await shop.carrier(order, CarrierState.PICKED_UP)
    await shop.reaches(order, "shipped")
    late = chosen.model_copy(update={"key": "c3"})
    assert await shop.refused(order, names.CHOOSE_CARRIER, late) == "NotWaitingForThis"


async def test_an_order_of_several_parcels_that_is_cancelled_withdraws_every_booking(shop: Shop) -> None:
    order = await two_parcels(shop)
    for row in await parcels(shop, order):
        await packed(order, row["parcel_no"])
    query = "SELECT count(*)::int AS n FROM parcels WHERE order_no = %s AND tracking_no IS NOT NULL"
    await shop.until(lambda: shop.one(query, order_no(order)), lambda row: bool(row and row["n"] == 2))
    await shop.ask(order, names.CANCEL, Cancel(by=SERVICE, reason="buyer_asked"))
    assert await order.result() == "cancelled"
    outside = (await shop.outside.get("/control/kuaidi100/parcels")).json()
    assert [one["void"] for one in outside] == [True, True]
    assert await shop.stock() == (10, 0)
    assert await shop.money(order) == (19_900, 19_900)
