"""Returns and exchanges from the application to the money or the new goods (R16, T8, T20)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.case_shapes import CaseKind, Settlement
from domain.returns import Grade, ReturnReason, Wish
from models import workflow_names as names
from models.base import Actor
from models.cases import SettleCase
from models.returns import Application, DecideReturn, GradedPieces, InspectGoods, Pieces, ReceiveGoods
from tests.workflows.case_desk import SETTLE, Case, CaseDesk, number_of
from tests.workflows.shop import SERVICE, Handle, Shop, order_no

SECOND = timedelta(seconds=1)
WAREHOUSE = Actor(id="checker-1", role="warehouse")
DECIDE, RECEIVE, INSPECT = names.DECIDE_RETURN, names.RECEIVE_GOODS, names.INSPECT_GOODS


@pytest.fixture
def desk(shop: Shop) -> CaseDesk:
    """The desk of cases."""
    return CaseDesk(shop)


async def signed(shop: Shop, **terms: Any) -> Handle:
    """An order that its buyer has signed for."""
    order = await shop.place(**terms)
    await shop.pay(order)
    await shop.ship(order)
    await shop.sign(order)
    return order


def applied(wish: Wish = Wish.REFUND, reason: ReturnReason = ReturnReason.QUALITY, pieces: int = 1) -> Application:
    """What the buyer applies for."""
    return Application(lines=(Pieces(line_no=1, quantity=pieces),), reason=reason, wish=wish)


async def opened(desk: CaseDesk, order: Handle, **terms: Any) -> Case:
    """A return of the order."""
    return await desk.open(CaseKind.RETURN, order_no=order_no(order), goods=applied(**terms))


async def back(desk: CaseDesk, case: Case) -> None:
    """Accepted, sent, and there."""
    await desk.ask(case, DECIDE, DecideReturn(by=SERVICE, accept=True))
    await desk.ask(case, RECEIVE, ReceiveGoods(by=WAREHOUSE, warehouse="SH"))


def found(grade: Grade = Grade.RESELL, *, passed: bool = True) -> InspectGoods:
    """What the warehouse found the one piece to be."""
    graded = (GradedPieces(line_no=1, quantity=1, grade=grade),)
    return InspectGoods(by=WAREHOUSE, passed=passed, lines=graded)


async def return_row(shop: Shop, case: Case) -> dict[str, Any]:
    """The return's own row."""
    row = await shop.one("SELECT * FROM returns WHERE case_no = %s", number_of(case))
    assert row is not None
    return row


async def test_a_return_with_refund_from_the_application_to_the_archive(desk: CaseDesk, shop: Shop) -> None:
    order = await signed(shop)
    assert await shop.stock() == (9, 0)
    case = await opened(desk, order)
    assert await desk.states(case) == {}
    await desk.ask(case, DECIDE, DecideReturn(by=SERVICE, accept=True))
    row = await return_row(shop, case)
    assert (row["state"], row["rma_no"], row["worth"]) == ("issued", f"RMA-{number_of(case)}", 19_900)
    assert await desk.states(case) == {"T20": "running"}
    await desk.ask(case, RECEIVE, ReceiveGoods(by=WAREHOUSE, warehouse="SH"))
    assert await desk.states(case) == {"T20": "met"}
    await shop.forward_to(order, "T9", SECOND)
    await shop.did(order, "return_window_closed")
    await desk.ask(case, INSPECT, found())
    assert await case.result() == "refund"
    assert await desk.states(case) == {"T20": "met", "T8": "met"}
    assert await shop.money(order) == (19_900, 19_900)
    assert await shop.stock() == (10, 0)
    assert (await return_row(shop, case))["state"] == "refunded"
    assert await order.result() == "archived"


async def test_an_exchange_sends_a_linked_order_at_no_charge_and_closes_when_it_is_signed_for(
    desk: CaseDesk, shop: Shop
) -> None:
    order = await signed(shop)
    case = await opened(desk, order, wish=Wish.EXCHANGE)
    await back(desk, case)
    await desk.ask(case, INSPECT, found(Grade.SCRAP))
    number = f"{order_no(order)}-R1"
    await desk.did(case, "case_replacement_ordered")
    replacement = shop.replacement(order)
    await shop.ship(replacement)
    assert await desk.states(case) == {"T20": "met", "T8": "running"}, "handed over is not delivered"
    await shop.sign(replacement)
    assert await case.result() == "exchange"
    assert await desk.states(case) == {"T20": "met", "T8": "met"}
    row = await shop.row(replacement)
    assert row is not None
    assert (row["replaces"], row["total"], row["for_case"]) == (order_no(order), 0, number_of(case))
    assert await shop.money(order) == (19_900, 0)
    assert await shop.all("SELECT warehouse, sku, grade, on_hand FROM quarantine") == [
        {"warehouse": "SH", "sku": "TEA", "grade": "scrap", "on_hand": 1}
    ]
    assert await shop.stock() == (8, 0), "one sold, one sent, and the broken one is not for sale"
    told = await shop.one(
        "SELECT body FROM notices WHERE order_no = %s ORDER BY sequence DESC LIMIT 1", order_no(order)
    )
    assert told is not None
    assert told["body"]["replacements"][0]["status"] == "signed"
    assert await shop.all("SELECT 1 FROM notices WHERE order_no = %s", number) == []


async def test_a_ticket_lapses_at_t20_and_not_a_second_before_and_the_channel_tells_the_buyer(
    desk: CaseDesk, shop: Shop
) -> None:
    order = await signed(shop)
    case = await opened(desk, order)
    await desk.ask(case, DECIDE, DecideReturn(by=SERVICE, accept=True))
    await desk.to(case, "T20", -SECOND)
    await desk.stands(case, "opened")
    await desk.to(case, "T20")
    assert await case.result() == "lapsed"
    assert await desk.states(case) == {"T20": "passed"}
    told = await shop.one(
        "SELECT body FROM notices WHERE order_no = %s ORDER BY sequence DESC LIMIT 1", order_no(order)
    )
    assert told is not None
    assert [one["state"] for one in told["body"]["returns"]] == ["lapsed"]
    again = await opened(desk, order)
    await desk.ask(again, DECIDE, DecideReturn(by=SERVICE, accept=True))


async def test_t8_escalates_to_finance_and_operations_while_the_exchange_waits(desk: CaseDesk, shop: Shop) -> None:
    order = await signed(shop)
    case = await opened(desk, order, wish=Wish.EXCHANGE)
    await back(desk, case)
    await desk.ask(case, INSPECT, found())
    await desk.to(case, "T8", -SECOND)
    assert await desk.told(case, "T8") == []
    await desk.to(case, "T8")
    await desk.did(case, "case_deadline_passed")
    assert await desk.told(case, "T8") == ["finance", "operations"]
    assert (await desk.stands(case, "settled"))["escalated_to"] == "operations"


async def test_a_failed_inspection_goes_back_to_service_who_may_be_kinder(desk: CaseDesk, shop: Shop) -> None:
    order = await signed(shop)
    case = await opened(desk, order)
    refund = SettleCase(by=SERVICE, settlement=Settlement.REFUND, amount=9_900, reason="half_of_it")
    assert await desk.refused(case, SETTLE, refund) == "CaseStandsElsewhere"
    await back(desk, case)
    await desk.ask(case, INSPECT, found(Grade.SECOND, passed=False))
    for kind, department in (
        ("return", "customer_service"),
        ("return_accepted", "warehouse"),
        ("return_failed_inspection", "customer_service"),
    ):
        assert await desk.told(case, kind) == [department]
    assert await shop.all("SELECT 1 FROM quarantine") == [], "the goods are still the buyer's"
    await desk.ask(case, SETTLE, refund)
    assert await case.result() == "refund"
    assert await shop.money(order) == (19_900, 9_900)
    assert (await shop.all("SELECT grade, on_hand FROM quarantine")) == [{"grade": "second", "on_hand": 1}]


async def test_goods_that_failed_go_back_to_the_buyer_who_may_apply_again(desk: CaseDesk, shop: Shop) -> None:
    order = await signed(shop)
    case = await opened(desk, order)
    await back(desk, case)
    await desk.ask(case, INSPECT, found(Grade.SCRAP, passed=False))
    await desk.ask(case, SETTLE, SettleCase(by=SERVICE, settlement=Settlement.DECLINED, reason="used"))
    assert await case.result() == "declined"
    assert await shop.money(order) == (19_900, 0)
    assert await shop.all("SELECT 1 FROM quarantine") == []
    assert (await return_row(shop, await opened(desk, order)))["state"] == "applied"


async def test_no_piece_comes_back_twice_however_the_applications_race(desk: CaseDesk, shop: Shop) -> None:
    order = await signed(shop)
    first, second = await opened(desk, order), await opened(desk, order)
    assert await second.result() == "declined"
    assert (await return_row(shop, second))["state"] == "void"
    assert (await return_row(shop, first))["state"] == "applied"
    withdrawn = SettleCase(by=SERVICE, settlement=Settlement.WITHDRAWN, reason="buyer_keeps_it")
    await desk.ask(first, SETTLE, withdrawn)
    assert await first.result() == "withdrawn"
    third = await opened(desk, order)
    assert (await return_row(shop, third))["state"] == "applied"


async def test_against_the_rules_customer_service_accept_only_with_a_reason(desk: CaseDesk, shop: Shop) -> None:
    async with shop.pool.connection() as conn:
        await conn.execute("UPDATE products SET returnable = false")
    order = await signed(shop)
    case = await opened(desk, order, reason=ReturnReason.NO_REASON)
    assert (await return_row(shop, case))["findings"] == ["not_returnable_without_reason"]
    accept = DecideReturn(by=SERVICE, accept=True)
    assert await desk.refused(case, DECIDE, accept) == "MissingReason"
    postage = accept.model_copy(update={"reason": "good_customer", "postage": 1_000})
    assert await desk.refused(case, DECIDE, postage) == "NoSuchSettlement", "the buyer's own postage"
    assert await desk.refused(case, DECIDE, DecideReturn(by=WAREHOUSE, accept=True)) == "NotAllowed"
    assert await desk.refused(case, INSPECT, found()) == "CaseStandsElsewhere"
    await desk.ask(case, DECIDE, accept.model_copy(update={"reason": "good_customer"}))
    assert await desk.refused(case, RECEIVE, ReceiveGoods(by=SERVICE, warehouse="SH")) == "NotAllowed"


async def test_a_declined_return_is_closed_with_its_reason(desk: CaseDesk, shop: Shop) -> None:
    order = await signed(shop)
    case = await opened(desk, order)
    declined = DecideReturn(by=SERVICE, accept=False)
    assert await desk.refused(case, DECIDE, declined) == "MissingReason"
    await desk.ask(case, DECIDE, declined.model_copy(update={"reason": "worn"}))
    assert await case.result() == "declined"
    assert await desk.states(case) == {}


async def test_a_return_of_an_archived_order_is_refunded_too(desk: CaseDesk, shop: Shop) -> None:
    order = await signed(shop)
    await shop.forward_to(order, "T9", SECOND)
    assert await order.result() == "archived"
    case = await opened(desk, order)
    await back(desk, case)
    await desk.ask(case, INSPECT, found())
    assert await case.result() == "refund"
    assert await shop.money(order) == (19_900, 19_900)
