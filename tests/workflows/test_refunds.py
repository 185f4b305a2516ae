"""Refunds of a living order: by line, by amount, whole; four eyes; a provider that is away or says no (R16)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from temporalio.testing import TimeSkipper

from models import workflow_names as names
from models.base import Actor
from models.cases import SettleCase, case_workflow_id
from models.commands import ApproveRefund, Cancel, RefundLine, RefundOrder
from models.news import PaymentEvent, PaymentNews
from models.order import Line
from models.payments import LateMoney
from models.temporal_names import ORDERS, PAYMENTS
from runtime.settings import Settings
from store.pool import Pool
from tests.workflows.shop import OPERATIONS, SERVICE, Handle, Shop, number_of, order_no
from tests.workflows.workers import serving, working
from workflows.refunding import PAUSES

FINANCE = Actor(id="finance-1", role="finance")
TWO = (
    Line(line_no=1, sku="TEA", title="Tea", quantity=2, unit_price=10_000),
    Line(line_no=2, sku="TEA", title="Tea", quantity=1, unit_price=5_000),
)


async def paid(shop: Shop, **terms: Any) -> Handle:
    handle = await shop.place(lines=TWO, total=25_000, **terms)
    await shop.pay(handle, 25_000)
    await shop.reaches(handle, "picking")
    return handle


async def refund(shop: Shop, handle: Handle) -> dict[str, Any]:
    """The order's newest refund."""
    row = await shop.one("SELECT * FROM refunds WHERE order_no = %s ORDER BY asked_at DESC LIMIT 1", order_no(handle))
    assert row is not None
    return row


async def given_back(shop: Shop, handle: Handle, amount: int) -> None:
    look = "SELECT 1 FROM payments WHERE order_no = %s AND refunded = %s AND refunding = 0"
    await shop.until(lambda: shop.one(look, order_no(handle), amount), lambda row: row is not None)


async def test_lines_then_an_amount_then_all_that_is_left_and_never_more(shop: Shop) -> None:
    handle = await paid(shop)
    by_line = RefundOrder(by=SERVICE, reason="broken", key="a", lines=(RefundLine(sku="TEA", quantity=1),))
    for _ in range(2):
        await shop.ask(handle, names.REFUND, by_line)
    await given_back(shop, handle, 10_000)
    await shop.ask(handle, names.REFUND, RefundOrder(by=SERVICE, reason="goodwill", key="b", amount=500))
    await given_back(shop, handle, 10_500)
    too_much = RefundOrder(by=SERVICE, reason="greed", key="c", amount=14_501)
    assert await shop.refused(handle, names.REFUND, too_much) == "MoreThanLeft"
    await shop.ask(handle, names.REFUND, RefundOrder(by=SERVICE, reason="all", key="d"))
    await given_back(shop, handle, 25_000)
    assert [one["amount"] for one in (await shop.bank(handle))["refunds"]] == [10_000, 500, 14_500]
    row = await shop.row(handle)
    assert row is not None
    assert row["status"] == "picking", "a refund moves money, not goods"


async def test_a_large_refund_waits_for_a_second_person_also_when_asked_by_signal(shop: Shop) -> None:
    big = Line(line_no=1, sku="TEA", title="Tea", quantity=1, unit_price=150_000)
    handle = await shop.place(lines=(big,), total=150_000)
    await shop.pay(handle, 150_000)
    await shop.reaches(handle, "picking")
    await handle.signal(names.REFUND, RefundOrder(by=OPERATIONS, reason="late", key="s"))
    await shop.did(handle, "refund_asked")
    asked = await refund(shop, handle)
    assert asked["state"] == "waiting"
    own = ApproveRefund(by=OPERATIONS, refund_id=asked["refund_id"])
    assert await shop.refused(handle, names.APPROVE_REFUND, own) == "SamePerson"
    clerk = ApproveRefund(by=SERVICE, refund_id=asked["refund_id"])
    assert await shop.refused(handle, names.APPROVE_REFUND, clerk) == "NotAllowed"
    assert (await shop.bank(handle))["refunds"] == []
    await shop.ask(handle, names.APPROVE_REFUND, ApproveRefund(by=FINANCE, refund_id=asked["refund_id"]))
    await given_back(shop, handle, 150_000)


async def test_a_provider_that_is_away_too_long_is_a_case_of_finance_and_retry_gives_the_money_once(
    shop: Shop,
) -> None:
    handle = await paid(shop)
    await shop.outside.post("/control/faults", json={"party": "stripe", "kind": "down", "count": 1000})
    await shop.ask(handle, names.REFUND, RefundOrder(by=SERVICE, reason="broken", key="a", amount=700))
    for number, pause in enumerate(PAUSES, start=1):
        await asked_in_vain(shop, handle, number)
        await shop.forward(handle, pause + timedelta(seconds=1))
    await shop.did(handle, "refund_failed")
    await shop.outside.post("/control/faults", json={"party": "stripe", "kind": "down", "count": 0})
    await settle(shop, handle, settlement="retry")
    await given_back(shop, handle, 700)
    assert [one["amount"] for one in (await shop.bank(handle))["refunds"]] == [700]


async def test_a_cancelled_order_whose_refund_is_refused_ends_when_finance_gave_the_money_elsewhere(shop: Shop) -> None:
    handle = await paid(shop)
    await shop.outside.post(f"/control/stripe/payment_intents/pi_{number_of(handle)}/dispute")
    await shop.ask(handle, names.CANCEL, Cancel(by=SERVICE, reason="buyer_changed_mind"))
    await shop.did(handle, "refund_failed")
    assert await shop.money(handle) == (25_000, 0)
    await settle(shop, handle, settlement="refunded_elsewhere", reference="ICBC 20300102-0042")
    assert await handle.result() == "cancelled"
    assert await shop.money(handle) == (25_000, 25_000)
    entry = await shop.one("SELECT reference, amount FROM payment_entries WHERE kind = 'compensated'")
    assert entry == {"reference": "ICBC 20300102-0042", "amount": 25_000}


async def sent_back(shop: Shop, handle: Handle, *, told_as: str = "evt_back") -> PaymentNews:
    """The provider's notice that the first refund it had accepted came back to it."""
    [first, *_] = (await shop.bank(handle))["refunds"]
    return PaymentNews(
        event_id=told_as, event=PaymentEvent.REFUND_FAILED, provider="stripe", reference=f"pi_{number_of(handle)}",
        refund_reference=first["id"], amount=first["amount"], currency="CNY", at=datetime.now(UTC),
        why="lost_or_stolen_card",
    )  # fmt: skip


async def test_a_refund_that_comes_back_days_later_is_finances_and_goes_out_once_more(shop: Shop) -> None:
    handle = await paid(shop)
    await shop.ask(handle, names.REFUND, RefundOrder(by=SERVICE, reason="broken", key="a", amount=700))
    await given_back(shop, handle, 700)
    for told_as in ("evt_updated", "evt_failed"):
        await handle.signal(names.PAYMENT, await sent_back(shop, handle, told_as=told_as))
    await shop.did(handle, "payment_refund_failed")
    assert await shop.money(handle) == (25_000, 0)
    row = await refund(shop, handle)
    assert (row["state"], row["problem"]) == ("problem", "came back: lost_or_stolen_card")
    await settle(shop, handle, settlement="retry")
    await given_back(shop, handle, 700)
    assert len((await shop.bank(handle))["refunds"]) == 2
    assert len(await shop.all("SELECT 1 FROM cases WHERE kind = 'payment_problem'")) == 1
    done = "SELECT 1 FROM refunds WHERE order_no = %s AND state = 'done'"
    await shop.until(lambda: shop.one(done, order_no(handle)), lambda row: row is not None)


async def test_a_refund_whose_coming_back_is_read_before_its_going_out_is_owed_all_the_same(
    settings: Settings, time_skipper: TimeSkipper, pool: Pool, outside: httpx.AsyncClient
) -> None:
    shop = Shop(time_skipper, pool, outside, settings)
    handle = await overtaken(shop)
    async with working(shop):
        await shop.did(handle, "payment_refund_failed")
        await shop.ask(handle, names.REFUND, RefundOrder(by=SERVICE, reason="all the rest", key="b", amount=24_300))
        await given_back(shop, handle, 24_300)
        await settle(shop, handle, settlement="retry")
        await given_back(shop, handle, 25_000)
        assert [one["amount"] for one in (await shop.bank(handle))["refunds"]] == [700, 24_300, 700]


async def overtaken(shop: Shop) -> Handle:
    """An order before which the answer that a refund is done and the news that it came back lie unread."""
    async with working(shop):
        await shop.stock_up()
        handle = await paid(shop)
        await shop.outside.post("/control/faults", json={"party": "stripe", "kind": "down", "count": 1000})
        await shop.ask(handle, names.REFUND, RefundOrder(by=SERVICE, reason="broken", key="a", amount=700))
        await shop.until(lambda: tried_in_vain(handle), bool)
    await shop.outside.post("/control/faults", json={"party": "stripe", "kind": "down", "count": 0})
    async with serving(shop, PAYMENTS):
        await shop.until(lambda: answered_unread(handle), bool)
        back = await sent_back(shop, handle)
        await shop.outside.post(f"/control/stripe/refunds/{back.refund_reference}/fail")
        await handle.signal(names.PAYMENT, back)
    return handle


async def tried_in_vain(handle: Handle) -> bool:
    """Whether the provider is to be asked once more."""
    pending = (await handle.describe()).raw_description.pending_activities
    return any(one.attempt > 1 for one in pending)


async def answered_unread(handle: Handle) -> bool:
    """Whether the provider has answered, and the order has not read it."""
    [*_, before, last] = (await handle.fetch_history()).events
    answered = before.HasField("activity_task_completed_event_attributes")
    return answered and last.HasField("workflow_task_scheduled_event_attributes")


async def test_a_refund_that_comes_back_after_the_end_is_told_finance_once_and_not_sent_the_same_road_again(
    shop: Shop,
) -> None:
    handle = await paid(shop)
    await shop.ask(handle, names.CANCEL, Cancel(by=SERVICE, reason="buyer_changed_mind"))
    assert await handle.result() == "cancelled"
    for told_as in ("evt_updated", "evt_failed"):
        late = LateMoney(order_no=order_no(handle), news=await sent_back(shop, handle, told_as=told_as))
        back = await shop.skipper.client.execute_workflow(
            "LateMoneyWorkflow", late, id=f"late-money-{told_as}", task_queue=ORDERS, result_type=int
        )
        assert back == 0
    assert await shop.money(handle) == (25_000, 0)
    assert len((await shop.bank(handle))["refunds"]) == 1
    alerts = await shop.all("SELECT department, text FROM alerts WHERE kind = 'refund_came_back'")
    assert [alert["department"] for alert in alerts] == ["finance"]
    assert "25000 CNY" in alerts[0]["text"]


async def asked_in_vain(shop: Shop, handle: Handle, rounds: int) -> None:
    """Wait until so many rounds of tries are over: the clock stands still while one is running."""

    async def over() -> dict[str, Any] | None:
        history = await handle.fetch_history()
        failed = sum(event.HasField("activity_task_failed_event_attributes") for event in history.events)
        return {"failed": failed} if failed >= rounds else None

    await shop.until(over, lambda row: row is not None)


async def settle(shop: Shop, handle: Handle, **how: Any) -> None:
    """Finance settle the order's payment problem; it closes by itself."""
    row = await shop.until(
        lambda: shop.one("SELECT * FROM cases WHERE kind = 'payment_problem' AND order_no = %s", order_no(handle)),
        lambda row: row is not None,
    )
    assert row is not None
    assert row["department"] == "finance"
    case = shop.skipper.client.get_workflow_handle(case_workflow_id(row["case_no"]))
    await case.execute_update(names.SETTLE_CASE, SettleCase(by=FINANCE, reason="mended", **how))
    assert await case.result() == how["settlement"]
