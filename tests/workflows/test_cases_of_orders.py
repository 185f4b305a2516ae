"""Shortage (R9), and an order beside its open cases (T18), also across continue-as-new."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.case_shapes import CaseKind, Settlement
from domain.deadlines import DeadlineId
from models import workflow_names as names
from models.base import Actor
from models.cases import CloseCase, MeetStage, OpenCase, SettleCase
from models.commands import Cancel, ChangeDeadline, Hold, RetryStock, Unhold
from models.news import ShortPick
from tests.workflows.case_desk import CLOSE, LOGISTICS, MEET, SETTLE, Case, CaseDesk
from tests.workflows.shop import OPERATIONS, PICKER, SERVICE, Handle, Shop, order_no

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


async def short(shop: Shop, desk: CaseDesk) -> tuple[Handle, Case]:
    """An order whose picker found an empty bin, and its case. The shelf is then really empty."""
    order = await being_picked(shop)
    number = order_no(order)
    await order.signal(names.SHORT_PICK, ShortPick(task_no=f"{number}-T1", sku="TEA", missing=1, by=PICKER))
    await shop.reaches(order, "shortage")
    await shelf(shop, 0)
    return order, await desk.of(number, CaseKind.SHORTAGE)


async def shelf(shop: Shop, pieces: int) -> None:
    """So many pieces of TEA are there to be sold."""
    async with shop.pool.connection() as conn:
        await conn.execute("UPDATE stock_items SET on_hand = %s WHERE sku = 'TEA'", [pieces])
        await conn.execute("UPDATE stock_lots SET on_hand = %s WHERE sku = 'TEA'", [pieces])


# --- shortage (R9) --------------------------------------------------------------------------


async def test_a_shortage_tried_again_with_goods_on_the_shelf_goes_on_and_closes_its_case(
    desk: CaseDesk, shop: Shop
) -> None:
    order, case = await short(shop, desk)
    assert await desk.told(case, "shortage") == ["customer_service"]
    assert await shop.one("SELECT reason, reason_code, reason_facts FROM cases") == {
        "reason": "no stock of TEA", "reason_code": "no_stock", "reason_facts": {"skus": "TEA"},
    }  # fmt: skip
    [opened] = await shop.all("SELECT facts FROM alerts WHERE kind = 'shortage'")
    assert opened["facts"] == {
        "case_no": f"{order_no(order)}-C1", "reason": "no stock of TEA", "reason_code": "no_stock", "skus": "TEA",
    }  # fmt: skip
    assert await shop.all("SELECT department, facts FROM alerts WHERE kind = 'short_pick'") == [
        {"department": "operations", "facts": {"sku": "TEA", "missing": 1}}
    ]
    await desk.ask(case, MEET, MeetStage(by=SERVICE, stage="buyer_contacted", reason="called"))
    await shelf(shop, 5)
    await desk.ask(case, SETTLE, settled(Settlement.TRY_AGAIN))
    assert await case.result() == "try_again"
    await shop.reaches(order, "picking")
    tried = await shop.one(
        "SELECT actor FROM audit_entries WHERE order_no = %s AND act = 'stock_tried_again'", order_no(order)
    )
    assert tried == {"actor": "service-1"}, "the order acts in the name of whoever settled"


async def test_a_shortage_tried_again_in_vain_goes_back_to_work(desk: CaseDesk, shop: Shop) -> None:
    order, case = await short(shop, desk)
    await desk.ask(case, SETTLE, settled(Settlement.TRY_AGAIN))
    await desk.did(case, "case_settlement_failed")
    row = await desk.stands(case, "opened")
    assert row["settlement"] is None
    await shop.reaches(order, "shortage")
    await desk.ask(case, SETTLE, settled(Settlement.CANCEL_ALL))
    assert await order.result() == "cancelled"
    assert await case.result() == "cancel_all"
    assert await shop.money(order) == (19_900, 19_900)


async def test_t19_tries_the_stock_at_the_agreed_date_and_not_a_second_before(desk: CaseDesk, shop: Shop) -> None:
    order, case = await short(shop, desk)
    date = await desk.now(case) + timedelta(days=9)
    assert await desk.refused(case, SETTLE, settled(Settlement.DELAY_TO)) == "NoSuchSettlement"
    past = settled(Settlement.DELAY_TO, until=date - timedelta(days=10))
    assert await desk.refused(case, SETTLE, past) == "NoSuchSettlement"
    await desk.ask(case, SETTLE, settled(Settlement.DELAY_TO, until=date))
    assert await desk.due(case, "T19") == date
    assert await desk.refused(case, CLOSE, CloseCase(by=SERVICE)) == "CaseStandsElsewhere"
    await shelf(shop, 5)
    await desk.to(case, "T19", -SECOND)
    row = await shop.row(order)
    assert row is not None
    assert row["status"] == "shortage"
    await desk.to(case, "T19")
    await shop.reaches(order, "picking")
    assert await case.result() == "delay_to"
    assert await desk.states(case) == {"T19": "passed"}


async def test_an_agreed_date_that_comes_in_vain_sends_the_case_back_to_work(desk: CaseDesk, shop: Shop) -> None:
    _, case = await short(shop, desk)
    date = await desk.now(case) + timedelta(days=2)
    await desk.ask(case, SETTLE, settled(Settlement.DELAY_TO, until=date))
    await desk.to(case, "T19", SECOND)
    await desk.did(case, "case_settlement_failed")
    await desk.stands(case, "opened")


async def test_an_agreed_date_that_is_waived_is_no_agreement_any_more(desk: CaseDesk, shop: Shop) -> None:
    _, case = await short(shop, desk)
    date = await desk.now(case) + timedelta(days=2)
    await desk.ask(case, SETTLE, settled(Settlement.DELAY_TO, until=date))
    waived = ChangeDeadline(by=OPERATIONS, deadline=DeadlineId.T19, reason="buyer_called_off")
    await desk.ask(case, names.CHANGE_DEADLINE, waived)
    assert await desk.states(case) == {"T19": "waived"}
    await desk.stands(case, "opened")


async def test_a_case_whose_order_goes_on_by_another_road_is_overtaken(desk: CaseDesk, shop: Shop) -> None:
    order, case = await short(shop, desk)
    await shelf(shop, 5)
    await shop.ask(order, names.RETRY_STOCK, RetryStock(by=OPERATIONS))
    assert await case.result() == "overtaken"
    await shop.reaches(order, "picking")


async def test_a_case_whose_order_is_cancelled_is_overtaken(desk: CaseDesk, shop: Shop) -> None:
    order, case = await short(shop, desk)
    await shop.ask(order, names.CANCEL, Cancel(by=SERVICE, reason="buyer_asked"))
    assert await order.result() == "cancelled"
    assert await case.result() == "overtaken"


async def test_an_agreed_date_is_overtaken_when_the_buyer_cancels_before_it(desk: CaseDesk, shop: Shop) -> None:
    order, case = await short(shop, desk)
    date = await desk.now(case) + timedelta(days=2)
    await desk.ask(case, SETTLE, settled(Settlement.DELAY_TO, until=date))
    await shop.ask(order, names.CANCEL, Cancel(by=SERVICE, reason="buyer_asked"))
    assert await order.result() == "cancelled"
    assert await case.result() == "overtaken"
    row = await desk.row(case)
    assert row is not None
    assert row["settlement"] == "overtaken"


async def test_logistics_cannot_settle_a_shortage(desk: CaseDesk, shop: Shop) -> None:
    _, case = await short(shop, desk)
    assert await desk.refused(case, SETTLE, settled(Settlement.CANCEL_ALL, by=LOGISTICS)) == "NotAllowed"


# --- the order and its open cases (T18) ------------------------------------------------------------


async def test_an_order_is_not_archived_while_a_case_is_open(desk: CaseDesk, shop: Shop) -> None:
    order = await being_picked(shop)
    await shop.ship(order)
    await shop.sign(order)
    case = await desk.open(CaseKind.SIGNATURE_DISPUTE, order_no=order_no(order))
    await shop.forward_to(order, "T9", SECOND)
    closed = "SELECT 1 FROM audit_entries WHERE order_no = %s AND act = 'return_window_closed'"
    await shop.until(lambda: shop.one(closed, order_no(order)), bool)
    row = await shop.row(order)
    assert row is not None
    assert (row["status"], row["due_at"], row["waiting_for"]) == ("signed", None, "close of the open cases")
    await desk.ask(case, SETTLE, settled(Settlement.COMPENSATION, amount=5_000))
    assert await order.result() == "archived"
    entry = await shop.one("SELECT actor FROM audit_entries WHERE order_no = %s AND act = 'archived'", order_no(order))
    assert entry == {"actor": "T18"}


async def test_a_case_of_an_order_nobody_knows_is_not_opened(desk: CaseDesk, shop: Shop) -> None:
    opening = OpenCase(
        case_no="K-0", kind=CaseKind.COMPLAINT, by=Actor(id="x", role="operations"), reason="x", order_no="web-nobody"
    )
    case = await shop.skipper.client.start_workflow("CaseWorkflow", opening, id="case-K-0", task_queue="orders")
    with pytest.raises(Exception, match="failed"):
        await case.result()
    assert await shop.all("SELECT 1 FROM cases") == []


# --- across continue-as-new --------------------------------------------------------------------------


async def test_a_case_outlives_the_runs_of_its_order_and_its_own(impatient_shop: Shop) -> None:
    shop, desk = impatient_shop, CaseDesk(impatient_shop)
    order, case = await short(shop, desk)
    runs = [(await one.describe()).run_id for one in (order, case)]
    date = await desk.now(case) + timedelta(days=3)
    for turn in range(4):
        await shop.ask(order, names.HOLD, Hold(by=OPERATIONS, reason="flood", key=f"h{turn}"))
        await shop.ask(order, names.UNHOLD, Unhold(by=OPERATIONS, key=f"u{turn}"))
        await desk.ask(case, SETTLE, settled(Settlement.DELAY_TO, until=date, key=f"settle-{turn}"))
        if turn < 3:
            await desk.ask(case, names.CHANGE_DEADLINE, waived(turn))
    assert [(await one.describe()).run_id for one in (order, case)] != runs
    acts = await desk.acts(case)
    await desk.ask(case, SETTLE, settled(Settlement.DELAY_TO, until=date, key="settle-0"))
    assert await desk.acts(case) == acts, "a key handled in an earlier run is remembered"
    assert len(await shop.all("SELECT 1 FROM cases WHERE kind = 'shortage'")) == 1, (
        "no run of the order opens the case again"
    )
    await shelf(shop, 5)
    await desk.to(case, "T19", SECOND)
    assert await case.result() == "delay_to"
    await shop.reaches(order, "picking")


def waived(turn: int) -> Any:
    """The agreed date is called off, so that another can be agreed."""
    return ChangeDeadline(by=OPERATIONS, deadline=DeadlineId.T19, reason="called_off", key=f"waive-{turn}")
