"""What a case settles is carried out, or the case goes back to work (R13, R15, R17, R24)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.case_shapes import CaseKind, Settlement
from models import workflow_names as names
from models.commands import ApproveRefund
from models.returns import Pieces
from tests.workflows.case_desk import MEET, SETTLE, CaseDesk
from tests.workflows.shop import Shop, order_no
from tests.workflows.test_cases import met, settled
from tests.workflows.test_refunds import FINANCE, refund

SECOND = timedelta(seconds=1)


@pytest.fixture
def desk(shop: Shop) -> CaseDesk:
    """The desk of cases."""
    return CaseDesk(shop)


async def test_a_refund_above_the_limit_waits_for_the_second_person_and_the_case_with_it(
    desk: CaseDesk, shop: Shop
) -> None:
    order = await shop.place(total=200_000)
    await shop.pay(order, 200_000)
    await shop.ship(order)
    case = await desk.open(CaseKind.SIGNATURE_DISPUTE, order_no=order_no(order))
    await desk.ask(case, SETTLE, settled(Settlement.REFUND))
    await shop.until(
        lambda: shop.one("SELECT 1 FROM refunds WHERE order_no = %s AND state = 'waiting'", order_no(order)), bool
    )
    await desk.stands(case, "settled")
    assert await shop.one("SELECT stage FROM cases WHERE state = 'settled'") == {"stage": "order"}
    assert await shop.money(order) == (200_000, 0)
    wanted = (await refund(shop, order))["refund_id"]
    await shop.ask(order, names.APPROVE_REFUND, ApproveRefund(by=FINANCE, refund_id=wanted, key="yes"))
    assert await case.result() == "refund"
    assert await shop.money(order) == (200_000, 200_000)


async def failures(shop: Shop, times: int) -> None:
    """Wait until that many settlements have failed."""
    query = "SELECT 1 FROM audit_entries WHERE act = 'case_settlement_failed' OFFSET %s"
    await shop.until(lambda: shop.one(query, times - 1), bool)


async def test_what_cannot_be_carried_out_sends_the_case_back_to_work(desk: CaseDesk, shop: Shop) -> None:
    order = await shop.place()
    await shop.pay(order)
    case = await desk.open(CaseKind.MISTAKE, order_no=order_no(order))
    await desk.ask(case, MEET, met("report"))
    assert await desk.refused(case, SETTLE, settled(Settlement.RESHIP)) == "NoSuchSettlement", "which pieces?"
    hopeless = (
        settled(Settlement.RESHIP, lines=(Pieces(line_no=1, quantity=1),)),  # Nothing of it has been sent.
        settled(Settlement.REFUND, amount=99_999),  # More than was ever paid.
        settled(Settlement.COUPON, amount=99_999),  # More than the service issues.
    )
    for times, wish in enumerate(hopeless, start=1):
        await desk.ask(case, SETTLE, wish)
        await failures(shop, times)
        assert (await desk.stands(case, "opened"))["settlement"] is None
    assert await shop.all("SELECT 1 FROM replacements") == []
    assert await shop.money(order) == (19_900, 0)


async def test_an_ended_order_is_compensated_by_its_case_and_never_above_what_one_person_may(
    desk: CaseDesk, shop: Shop
) -> None:
    order = await shop.place(total=200_000)
    await shop.pay(order, 200_000)
    await shop.ship(order)
    await shop.sign(order)
    await shop.forward_to(order, "T9", SECOND)
    assert await order.result() == "archived"
    case = await desk.open(CaseKind.COMPLAINT, order_no=order_no(order))
    await desk.ask(case, MEET, met("answer"))
    await desk.ask(case, SETTLE, settled(Settlement.COMPENSATION, amount=150_000))
    await desk.did(case, "case_settlement_failed")
    assert await shop.money(order) == (200_000, 0)
    await desk.ask(case, SETTLE, settled(Settlement.COMPENSATION, amount=50_000))
    assert await case.result() == "compensation"
    assert await shop.money(order) == (200_000, 50_000)
