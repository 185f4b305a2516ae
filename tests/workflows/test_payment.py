"""The money of an order (R3, R4, R28): each order ends paid and reserved, refunded in full, or never paid."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.money import PaymentMethod
from models import workflow_names as names
from models.commands import Cancel, RetryStock
from tests.workflows.shop import OPERATIONS, SERVICE, Shop, captured, number_of

SECOND = timedelta(seconds=1)


async def test_an_unpaid_order_is_cancelled_at_t1_its_stock_released_and_its_payment_closed(shop: Shop) -> None:
    handle = await shop.place()
    assert await shop.stock() == (10, 1)
    await shop.forward_to(handle, "T1", SECOND)
    assert await handle.result() == "cancelled"
    assert await shop.stock() == (10, 0)
    assert (await shop.bank(handle))["status"] == "canceled"
    assert await shop.money(handle) == (0, 0)


async def test_one_second_before_t1_the_order_still_waits(shop: Shop) -> None:
    handle = await shop.place()
    await shop.forward_to(handle, "T1", -SECOND)
    row = await shop.row(handle)
    assert row is not None
    assert row["status"] == "awaiting_payment"


async def test_a_payment_one_second_before_t1_keeps_the_order(shop: Shop) -> None:
    handle = await shop.place()
    await shop.forward_to(handle, "T1", -SECOND)
    await shop.pay(handle)
    await shop.reaches(handle, "picking")
    await shop.forward(handle, timedelta(hours=1))
    assert await shop.stock() == (10, 1)
    assert await shop.money(handle) == (19_900, 0)


async def test_a_payment_whose_notice_is_late_counts_when_the_provider_has_it_at_t1(shop: Shop) -> None:
    handle = await shop.place()
    await shop.outside.post(f"/control/stripe/payment_intents/pi_{number_of(handle)}/pay", json={"times": 0})
    await shop.forward_to(handle, "T1")
    await shop.reaches(handle, "picking")
    await handle.signal(names.PAYMENT, captured(number_of(handle), 19_900))
    await shop.ship(handle)
    assert await shop.money(handle) == (19_900, 0), "the late notice of the same payment is booked once"


async def test_a_payment_that_lands_with_the_cancellation_is_given_back_in_full(shop: Shop) -> None:
    handle = await shop.place()
    number = number_of(handle)
    await shop.outside.post(
        "/control/stripe/payment_intents", json={"amount": 19_900, "order_no": f"web-{number}", "id": f"pi_{number}b"}
    )
    await shop.outside.post(f"/control/stripe/payment_intents/pi_{number}b/pay", json={"times": 0})
    # The provider is away, so the order is still closing its payment when another one lands.
    await shop.outside.post("/control/faults", json={"party": "stripe", "kind": "down", "count": 1})
    await shop.ask(handle, names.CANCEL, Cancel(by=SERVICE, reason="buyer_changed_mind"))
    await handle.signal(names.PAYMENT, captured(number, 19_900, reference=f"pi_{number}b", event="evt_b"))
    assert await handle.result() == "cancelled"
    assert await shop.money(handle) == (19_900, 19_900)


async def test_the_same_notice_three_times_is_one_payment(shop: Shop) -> None:
    handle = await shop.place()
    await shop.pay(handle, times=3)
    await shop.reaches(handle, "picking")
    assert await shop.money(handle) == (19_900, 0)


async def test_a_failed_payment_that_is_tried_again_is_a_payment(shop: Shop) -> None:
    handle = await shop.place()
    failed = captured(number_of(handle), 19_900, event="evt_f").model_copy(update={"event": "failed"})
    await handle.signal(names.PAYMENT, failed)
    await shop.pay(handle)
    await shop.reaches(handle, "picking")
    assert "payment_failed" in await shop.acts(handle)


async def test_an_authorisation_that_is_pending_is_no_payment(shop: Shop) -> None:
    handle = await shop.place()
    pending = captured(number_of(handle), 19_900, event="evt_p").model_copy(update={"event": "authorised"})
    await handle.signal(names.PAYMENT, pending)
    await shop.did(handle, "payment_authorised")
    await shop.forward_to(handle, "T1", SECOND)
    assert await handle.result() == "cancelled"
    assert await shop.money(handle) == (0, 0)


async def test_a_voucher_that_covers_all_owes_nothing_and_one_that_covers_a_part_the_rest(shop: Shop) -> None:
    line = ({"line_no": 1, "sku": "TEA", "quantity": 1, "unit_price": 19_900},)
    covered = await shop.place(lines=line, discount=19_900, total=0)
    await shop.reaches(covered, "picking")
    part = await shop.place(lines=line, discount=9_900, total=10_000)
    assert (await shop.due(part, "T1")).tzinfo is not None
    await shop.pay(part, 10_000)
    await shop.reaches(part, "picking")


async def test_cash_on_delivery_never_starts_t1_and_is_paid_at_the_door(shop: Shop) -> None:
    handle = await shop.place(
        payment_method=PaymentMethod.CASH_ON_DELIVERY, payment_provider=None, payment_reference=None
    )
    await shop.reaches(handle, "picking")
    assert await shop.all("SELECT 1 FROM deadlines WHERE deadline = 'T1'") == []
    assert await shop.money(handle) == (0, 0)
    await shop.ship(handle)
    await shop.sign(handle)
    assert await shop.money(handle) == (19_900, 0)


async def test_a_total_of_zero_owes_nothing_and_goes_on(shop: Shop) -> None:
    handle = await shop.place(total=0)
    await shop.reaches(handle, "picking")
    assert await shop.all("SELECT 1 FROM deadlines WHERE deadline = 'T1'") == []


async def test_t2p_releases_the_stock_of_a_promotion_order_which_stays_payable(shop: Shop) -> None:
    handle = await shop.place(promotion=True)
    await shop.forward_to(handle, "T2P", SECOND)
    await shop.did(handle, "promotion_hold_ended")
    assert await shop.stock() == (10, 0)
    await shop.pay(handle)
    await shop.reaches(handle, "picking")
    assert await shop.stock() == (10, 1)


async def test_paid_after_t2p_with_the_stock_gone_the_buyer_has_the_choice_of_the_money(shop: Shop) -> None:
    await shop.stock_up("LAST", 1)
    line = ({"line_no": 1, "sku": "LAST", "quantity": 1, "unit_price": 19_900},)
    first = await shop.place(promotion=True, lines=line)
    await shop.forward_to(first, "T2P", SECOND)
    await shop.did(first, "promotion_hold_ended")
    second = await shop.place(lines=line)
    await shop.pay(second)
    await shop.reaches(second, "picking")
    await shop.pay(first)
    await shop.reaches(first, "shortage")
    assert await shop.stock("LAST") == (1, 1), "the second buyer's goods stay the second buyer's"
    await shop.ask(first, names.CANCEL, Cancel(by=SERVICE, reason="buyer_changed_mind"))
    assert await first.result() == "cancelled"
    assert await shop.money(first) == (19_900, 19_900)
    assert sum(refund["amount"] for refund in (await shop.bank(first))["refunds"]) == 19_900


async def test_paid_after_t2p_with_the_stock_back_the_order_goes_on(shop: Shop) -> None:
    await shop.stock_up("LAST", 1)
    line = ({"line_no": 1, "sku": "LAST", "quantity": 1, "unit_price": 19_900},)
    first = await shop.place(promotion=True, lines=line)
    await shop.forward_to(first, "T2P", SECOND)
    await shop.did(first, "promotion_hold_ended")
    second = await shop.place(lines=line)
    await shop.pay(first)
    await shop.reaches(first, "shortage")
    await shop.forward_to(second, "T1", SECOND)
    assert await second.result() == "cancelled"
    await shop.ask(first, names.RETRY_STOCK, RetryStock(by=OPERATIONS))
    await shop.reaches(first, "picking")
    assert await shop.stock("LAST") == (1, 1)


@pytest.mark.parametrize("fault", ["error_once", "drop_response"])
async def test_a_refund_over_a_broken_line_is_made_once(shop: Shop, fault: str) -> None:
    handle = await shop.place()
    await shop.pay(handle)
    await shop.reaches(handle, "picking")
    await shop.outside.post("/control/faults", json={"party": "stripe", "kind": fault, "count": 1})
    await shop.ask(handle, names.CANCEL, Cancel(by=SERVICE, reason="buyer_changed_mind"))
    assert await handle.result() == "cancelled"
    assert [refund["amount"] for refund in (await shop.bank(handle))["refunds"]] == [19_900]
    assert await shop.money(handle) == (19_900, 19_900)
