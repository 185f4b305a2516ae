"""Cases of parcels: from a carrier's code, from silence, to their settlement (R13)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.case_shapes import CaseKind, Settlement
from models import workflow_names as names
from models.cases import CloseCase, SettleCase
from models.commands import Cancel, Hold
from models.news import CarrierNews, CarrierState
from tests.workflows.case_desk import CLOSE, LOGISTICS, SETTLE, CaseDesk, number_of
from tests.workflows.shop import OPERATIONS, SERVICE, Handle, Shop, order_no

SECOND = timedelta(seconds=1)


@pytest.fixture
def desk(shop: Shop) -> CaseDesk:
    """The desk of cases."""
    return CaseDesk(shop)


def settled(settlement: Settlement, **rest: object) -> SettleCase:
    """A settlement by customer service."""
    return SettleCase.model_validate({"by": SERVICE, "settlement": settlement, "reason": "buyer_agreed", **rest})


async def being_picked(shop: Shop) -> Handle:
    """A paid, approved order in the warehouse."""
    order = await shop.place()
    await shop.pay(order)
    await shop.reaches(order, "picking")
    return order


async def trouble(shop: Shop, order: Handle, code: str, state: CarrierState = CarrierState.PROBLEM) -> str:
    """The carrier reports a problem code; returns the parcel's number."""
    row = await shop.parcel(order)
    assert row is not None
    news = CarrierNews(
        event_id=f"{row['tracking_no']}:{code}",
        parcel_no=row["parcel_no"],
        tracking_no=row["tracking_no"],
        state=state,
        code=code,
        at=datetime.now(UTC),
    )
    await order.signal(names.CARRIER, news)
    return str(row["parcel_no"])


@pytest.mark.parametrize("code", ["201", "202", "203", "204", "205", "206", "208", "209"])
async def test_a_second_trouble_of_the_same_parcel_opens_no_second_case(desk: CaseDesk, shop: Shop, code: str) -> None:
    order = await being_picked(shop)
    await shop.ship(order)
    parcel = await trouble(shop, order, "207")
    case = await desk.of(order_no(order), CaseKind.PARCEL_EXCEPTION, parcel)
    await trouble(shop, order, code, CarrierState.REFUSED if code == "203" else CarrierState.PROBLEM)
    await shop.ask(order, names.HOLD, Hold(by=OPERATIONS, reason="the mail before it has been read"))
    assert [number_of(case)] == [row["case_no"] for row in await shop.all("SELECT case_no FROM cases")]


async def test_a_parcel_that_is_signed_for_after_all_closes_its_case(desk: CaseDesk, shop: Shop) -> None:
    order = await being_picked(shop)
    await shop.ship(order)
    parcel = await trouble(shop, order, "208")
    case = await desk.of(order_no(order), CaseKind.PARCEL_EXCEPTION, parcel)
    await shop.sign(order)
    assert await case.result() == "delivered_after_all"
    assert await desk.states(case) == {"T5": "met"}
    await shop.forward_to(order, "T9", SECOND)
    assert await order.result() == "archived"


async def test_a_forwarded_parcel_that_arrives_closes_its_case_as_forwarded(desk: CaseDesk, shop: Shop) -> None:
    order = await being_picked(shop)
    await shop.ship(order)
    case = await desk.of(order_no(order), CaseKind.PARCEL_EXCEPTION, await trouble(shop, order, "207"))
    row = await desk.row(case)
    assert row is not None
    assert (row["department"], row["reason"]) == ("logistics", "超區件 out_of_area, code 207")
    assert await desk.states(case) == {"T5": "running"}
    assert await desk.refused(case, SETTLE, settled(Settlement.REFUND, by=LOGISTICS)) == "NotAllowed"
    await desk.ask(case, SETTLE, settled(Settlement.FORWARD, by=LOGISTICS))
    assert await desk.states(case) == {"T5": "met"}
    await shop.sign(order)
    assert await case.result() == "forward"


async def test_a_parcel_sent_again_that_arrives_after_all_is_put_before_people(desk: CaseDesk, shop: Shop) -> None:
    order = await being_picked(shop)
    await shop.ship(order)
    case = await desk.of(order_no(order), CaseKind.PARCEL_EXCEPTION, await trouble(shop, order, "207"))
    await desk.ask(case, SETTLE, settled(Settlement.RESHIP, by=LOGISTICS))
    await desk.did(case, "case_replacement_ordered")
    await shop.sign(order)
    await desk.did(case, "case_order_told")
    assert await desk.told(case, "case_overtaken") == ["logistics"]
    replacement = shop.replacement(order)
    await shop.ask(replacement, names.CANCEL, Cancel(by=SERVICE, reason="the first one came"))
    await desk.did(case, "case_settlement_failed")
    await desk.ask(case, SETTLE, settled(Settlement.DELIVERED_AFTER_ALL, by=LOGISTICS))
    await desk.ask(case, CLOSE, CloseCase(by=LOGISTICS))
    assert await case.result() == "delivered_after_all"


async def test_silence_at_t6_opens_a_case_of_the_silent_parcel(desk: CaseDesk, shop: Shop) -> None:
    order = await being_picked(shop)
    await shop.ship(order)
    await shop.forward_to(order, "T6", -SECOND)
    assert await shop.all("SELECT 1 FROM cases") == []
    await shop.forward_to(order, "T6")
    case = await desk.of(order_no(order), CaseKind.PARCEL_EXCEPTION)
    row = await desk.row(case)
    assert row is not None
    assert row["reason"].startswith("滯留件 stuck")
