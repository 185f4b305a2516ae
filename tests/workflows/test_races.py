"""Two things at once, in both orders of arrival: one wins, the other is told, and the books agree (accident 3)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

import pytest

from domain.case_shapes import CaseKind, Settlement
from domain.deadlines import DeadlineId
from models import workflow_names as names
from models.commands import Approve, ApproveRefund, Cancel, ChangeDeadline, DeclineRefund, RefundOrder, Reject
from models.news import CarrierState
from models.returns import DecideReturn, ReceiveGoods
from tests.workflows.answers import DONE, OVER, told
from tests.workflows.auditor import books_agree
from tests.workflows.case_desk import SETTLE, CaseDesk
from tests.workflows.shop import OPERATIONS, OTHER_REVIEWER, REVIEWER, SERVICE, Handle, Shop, order_no
from tests.workflows.test_cases import settled
from tests.workflows.test_cases_of_orders import being_picked
from tests.workflows.test_refunds import FINANCE, refund
from tests.workflows.test_returns import DECIDE, INSPECT, RECEIVE, WAREHOUSE, back, found, opened, signed
from tests.workflows.test_review import in_review

first = pytest.mark.parametrize("first", [0, 1])
"""Which of the two is sent first; which is heard first is for the shop to say."""


async def at_once(first: int, *two: Awaitable[Any]) -> list[str]:
    """Both together: of each whether it was done, the rule that refused it, or that all was over by then."""
    ordered = list(two) if first == 0 else list(two)[::-1]
    answers = [told(answer) for answer in await asyncio.gather(*ordered, return_exceptions=True)]
    return answers if first == 0 else answers[::-1]


@first
async def test_two_reviewers_decide_at_once(shop: Shop, first: int) -> None:
    order = await in_review(shop)
    approve, reject = Approve(by=REVIEWER, key="yes"), Reject(by=OTHER_REVIEWER, reason="fake_address", key="no")
    approved, rejected = await at_once(
        first, shop.ask(order, names.APPROVE, approve), shop.ask(order, names.REJECT, reject)
    )
    if approved == DONE:
        assert rejected == "NotWaitingForThis"
        await shop.reaches(order, "picking")
    else:
        assert (approved in {"NotWaitingForThis", OVER}, rejected) == (True, DONE)
        assert await order.result() == "rejected"
    assert await shop.money(order) == (19_900, 0 if approved == DONE else 19_900)
    await books_agree(shop)


@first
async def test_a_deadline_is_extended_at_its_very_instant(shop: Shop, first: int) -> None:
    order = await shop.place()
    longer = ChangeDeadline(
        by=OPERATIONS, deadline=DeadlineId.T1, extend_by=timedelta(hours=1), reason="bank_outage", key="longer"
    )
    due = await shop.due(order, "T1")
    extended, _ = await at_once(first, shop.ask(order, names.CHANGE_DEADLINE, longer), shop.forward_to(order, "T1"))
    if extended == DONE:
        await shop.at_rest(order)
        await shop.reaches(order, "awaiting_payment")
        assert await shop.due(order, "T1") == due + timedelta(hours=1)
    else:
        assert extended in {"NothingToExtend", OVER}
        assert await order.result() == "cancelled"
    await books_agree(shop)


@first
async def test_goods_come_back_as_their_ticket_lapses(shop: Shop, first: int) -> None:
    desk, order = CaseDesk(shop), await signed(shop)
    case = await opened(desk, order)
    await desk.ask(case, DECIDE, DecideReturn(by=SERVICE, accept=True))
    received, _ = await at_once(
        first, desk.ask(case, RECEIVE, ReceiveGoods(by=WAREHOUSE, warehouse="SH")), desk.to(case, "T20")
    )
    if received == DONE:
        assert (await desk.states(case))["T20"] == "met"
        await desk.ask(case, INSPECT, found())
        assert await case.result() == "refund"
    else:
        assert received in {"CaseStandsElsewhere", OVER}
        assert await case.result() == "lapsed"
    assert await shop.money(order) == (19_900, 19_900 if received == DONE else 0)
    await books_agree(shop)


@first
async def test_the_buyer_cancels_as_the_carrier_takes_the_parcel(shop: Shop, first: int) -> None:
    order = await being_picked(shop)
    await shop.packed(order)
    await shop.until(lambda: shop.parcel(order), lambda row: bool(row and row["tracking_no"]))
    cancel = Cancel(by=SERVICE, reason="buyer_changed_mind", key="cancel")
    cancelled, _ = await at_once(
        first, shop.ask(order, names.CANCEL, cancel), shop.carrier(order, CarrierState.PICKED_UP)
    )
    if cancelled == DONE:
        assert await order.result() == "cancelled"
    else:
        assert cancelled == "NotWaitingForThis"
        await shop.reaches(order, "shipped")
    assert await shop.money(order) == (19_900, 19_900 if cancelled == DONE else 0)
    assert await shop.stock() == (10 if cancelled == DONE else 9, 0)
    await books_agree(shop)


@first
async def test_the_buyer_cancels_as_the_last_parcel_is_packed(shop: Shop, first: int) -> None:
    order = await being_picked(shop)
    cancel = Cancel(by=SERVICE, reason="buyer_changed_mind", key="cancel")
    cancelled, _ = await at_once(first, shop.ask(order, names.CANCEL, cancel), shop.packed(order))
    assert cancelled == DONE, "nothing has left the house"
    assert await order.result() == "cancelled"
    assert await shop.money(order) == (19_900, 19_900)
    assert await shop.stock() == (10, 0)
    outside = (await shop.outside.get("/control/kuaidi100/parcels")).json()
    assert all(one["void"] for one in outside), "a booking made meanwhile is withdrawn"
    await books_agree(shop)


@first
async def test_the_parcel_is_signed_for_as_its_buyer_says_it_never_came(shop: Shop, first: int) -> None:
    desk, order = CaseDesk(shop), await being_picked(shop)
    await shop.ship(order)
    disputed = desk.open(CaseKind.SIGNATURE_DISPUTE, order_no=order_no(order))
    assert await at_once(first, disputed, shop.sign(order)) == [DONE, DONE]
    case = await desk.of(order_no(order), CaseKind.SIGNATURE_DISPUTE)
    await shop.forward_to(order, "T9", timedelta(seconds=1))
    await shop.did(order, "return_window_closed")
    await shop.reaches(order, "signed")
    await desk.ask(case, SETTLE, settled(Settlement.REFUND))
    assert await case.result() == "refund"
    assert await order.result() == "archived", "not while the dispute was open"
    assert await shop.money(order) == (19_900, 19_900)
    await books_agree(shop)


@first
async def test_the_money_is_given_back_as_the_return_passes_its_inspection(shop: Shop, first: int) -> None:
    desk, order = CaseDesk(shop), await signed(shop)
    case = await opened(desk, order)
    await back(desk, case)
    all_of_it = RefundOrder(by=SERVICE, reason="goodwill", key="goodwill")
    given, inspected = await at_once(first, shop.ask(order, names.REFUND, all_of_it), desk.ask(case, INSPECT, found()))
    assert inspected == DONE
    if given == DONE:
        await desk.did(case, "case_settlement_failed")
    else:
        assert given == "MoreThanLeft"
        assert await case.result() == "refund"
    await shop.until(lambda: all_is_back(shop, order), bool)
    assert sum(one["amount"] for one in (await shop.bank(order))["refunds"]) == 19_900
    await books_agree(shop)


async def all_is_back(shop: Shop, order: Handle) -> dict[str, Any] | None:
    """Whether the ledger says that nothing is on its way any more, and all has gone back."""
    query = "SELECT 1 FROM payments WHERE order_no = %s AND refunded = 19900 AND refunding = 0"
    return await shop.one(query, order_no(order))


@first
async def test_a_waiting_refund_is_approved_and_declined_at_once(shop: Shop, first: int) -> None:
    order = await shop.place(total=150_000)
    await shop.pay(order, 150_000)
    await shop.reaches(order, "picking")
    await shop.ask(order, names.REFUND, RefundOrder(by=SERVICE, reason="late", key="ask"))
    wanted = (await refund(shop, order))["refund_id"]
    approved, declined = await at_once(
        first,
        shop.ask(order, names.APPROVE_REFUND, ApproveRefund(by=FINANCE, refund_id=wanted, key="yes")),
        shop.ask(order, names.DECLINE_REFUND, DeclineRefund(by=OPERATIONS, refund_id=wanted, reason="no", key="no")),
    )
    assert sorted([approved, declined]) == ["NotWaitingForThis", DONE]
    back_now = 150_000 if approved == DONE else 0
    query = "SELECT 1 FROM payments WHERE order_no = %s AND refunded = %s AND refunding = 0"
    await shop.until(lambda: shop.one(query, order_no(order), back_now), bool)
    await books_agree(shop)
