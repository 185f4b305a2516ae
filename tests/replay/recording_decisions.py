"""Paths that part at the payment and at the review, each lived once and kept; run by ``tests.replay.record``.

Each function asserts how its path ended: a history is worth keeping only if it is what its name says.
"""

from __future__ import annotations

from datetime import UTC, datetime

from domain.money import PaymentMethod
from models import workflow_names as names
from models.commands import Approve, Cancel, Claim, Reject
from runtime.crypto import Indexed
from tests.replay.living import LINE, SECOND, SEVERAL, act, in_review, keep, live_on_to_the_archive
from tests.workflows.conftest import outside, outside_port, settings, shop
from tests.workflows.shop import GOOD, OPERATIONS, REVIEWER, SERVICE, Shop, captured, number_of

# pytest finds fixtures by their names in this module.
__all__ = ["outside", "outside_port", "settings", "shop"]


async def record_approved_by_a_person(shop: Shop) -> None:
    handle = await in_review(shop)
    await shop.ask(handle, names.CLAIM, Claim(by=REVIEWER, key="claim"))
    await shop.ask(handle, names.APPROVE, Approve(by=REVIEWER, key="approve"))
    await live_on_to_the_archive(shop, handle)
    await keep("approved_by_a_person", handle)


async def record_approved_by_the_rules(shop: Shop) -> None:
    handle = await shop.place()
    await shop.pay(handle, times=2)
    await live_on_to_the_archive(shop, handle)
    await keep("approved_by_the_rules", handle)


async def record_approved_by_signal(shop: Shop) -> None:
    handle = await in_review(shop)
    await handle.signal(names.REJECT, {"by": {"id": "nobody", "role": "sales"}, "reason": "refused on record"})
    await handle.signal(names.APPROVE, {"by": {"id": "reviewer-1", "role": "reviewer"}})
    await live_on_to_the_archive(shop, handle)
    await keep("approved_by_signal", handle)


async def record_approved_after_reminder_and_escalation(shop: Shop) -> None:
    handle = await in_review(shop)
    await shop.forward_to(handle, "T2", SECOND)
    await shop.until(lambda: act(shop, handle, "review_reminded"), bool)
    await shop.forward_to(handle, "T3", SECOND)
    await shop.until(lambda: act(shop, handle, "review_escalated"), bool)
    await shop.ask(handle, names.APPROVE, Approve(by=OPERATIONS, key="approve"))
    await live_on_to_the_archive(shop, handle)
    await keep("approved_after_reminder_and_escalation", handle)


async def record_cancelled_unpaid_at_t1(shop: Shop) -> None:
    handle = await shop.place()
    await shop.forward_to(handle, "T1", SECOND)
    assert await handle.result() == "cancelled"
    assert await shop.money(handle) == (0, 0)
    await keep("cancelled_unpaid_at_t1", handle)


async def record_paid_as_t1_fires(shop: Shop) -> None:
    handle = await shop.place()
    await shop.outside.post(f"/control/stripe/payment_intents/pi_{number_of(handle)}/pay", json={"times": 0})
    await shop.forward_to(handle, "T1", SECOND)
    await shop.reaches(handle, "picking")
    await handle.signal(names.PAYMENT, captured(number_of(handle), 19_900))
    await live_on_to_the_archive(shop, handle)
    assert await shop.money(handle) == (19_900, 0)
    await keep("paid_as_t1_fires", handle)


async def record_cash_on_delivery(shop: Shop) -> None:
    handle = await shop.place(
        payment_method=PaymentMethod.CASH_ON_DELIVERY, payment_provider=None, payment_reference=None
    )
    await live_on_to_the_archive(shop, handle)
    assert await shop.money(handle) == (19_900, 0)
    await keep("cash_on_delivery", handle)


async def record_nothing_to_pay(shop: Shop) -> None:
    handle = await shop.place(total=0)
    await live_on_to_the_archive(shop, handle)
    await keep("nothing_to_pay", handle)


async def record_promotion_paid_after_t2p(shop: Shop) -> None:
    handle = await shop.place(promotion=True)
    await shop.forward_to(handle, "T2P", SECOND)
    await shop.until(lambda: act(shop, handle, "promotion_hold_ended"), bool)
    await shop.pay(handle)
    await live_on_to_the_archive(shop, handle)
    await keep("promotion_paid_after_t2p", handle)


async def record_cancelled_for_want_of_stock(shop: Shop) -> None:
    await shop.stock_up("LAST", 1)
    first = await shop.place(promotion=True, lines=(LINE | {"sku": "LAST"},))
    await shop.forward_to(first, "T2P", SECOND)
    await shop.until(lambda: act(shop, first, "promotion_hold_ended"), bool)
    second = await shop.place(lines=(LINE | {"sku": "LAST"},))
    await shop.pay(second)
    await shop.reaches(second, "picking")
    await shop.pay(first)
    await shop.reaches(first, "shortage")
    await shop.ask(first, names.CANCEL, Cancel(by=SERVICE, reason="buyer_wants_the_money", key="cancel"))
    assert await first.result() == "cancelled"
    assert await shop.money(first) == (19_900, 19_900)
    await keep("cancelled_for_want_of_stock", first)


async def record_rejected_with_refund(shop: Shop) -> None:
    handle = await in_review(shop)
    await shop.ask(handle, names.REJECT, Reject(by=REVIEWER, reason="fake_address", key="reject"))
    assert await handle.result() == "rejected"
    assert await shop.money(handle) == (19_900, 19_900)
    await keep("rejected_with_refund", handle)


async def record_intercepted_before_payment(shop: Shop) -> None:
    handle = await shop.place(lines=SEVERAL, total=1_100)
    assert await handle.result() == "intercepted"
    await keep("intercepted_before_payment", handle)


async def record_intercepted_with_refund(shop: Shop) -> None:
    assert GOOD.phone is not None
    index = shop.vault.blind_index(Indexed.PHONE, GOOD.phone)
    async with shop.pool.connection() as conn:
        await conn.execute(
            "INSERT INTO blacklist (kind, value_index, reason, added_by, added_at)"
            " VALUES ('phone', %s, 'abusive refunds', 'operations-1', %s)",
            (index, datetime.now(UTC)),
        )
    handle = await shop.place()
    await shop.pay(handle)
    assert await handle.result() == "intercepted"
    assert await shop.money(handle) == (19_900, 19_900)
    await keep("intercepted_with_refund", handle)
