"""Refunds over the real Stripe gateway: however often it is tried, the buyer gets the money once (accident 6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.payments import Payments
from gateways.payments import ProviderAccess
from gateways.stripe import StripePayments
from models.base import SYSTEM
from models.news import PaymentEvent
from models.payments import ClosePayment, RefundPayment
from store import alerts, orders, payments
from store.pool import Connection, Pool
from tests.fixtures.orders import NOON, a_capture, an_order, value


class Bank:
    """Speaks Stripe's wire format; the same Idempotency-Key is the same refund."""

    def __init__(self) -> None:
        self.refunds: dict[str, tuple[str, int]] = {}
        self.before_answer: Callable[[], httpx.Response | None] = lambda: None
        self.intent = {"id": "pi_web-1", "status": "canceled", "amount_received": 0, "currency": "cny"}

    def answer(self, request: httpx.Request) -> httpx.Response:
        if "/payment_intents/" in request.url.path:
            return httpx.Response(200, json=self.intent)
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        key = request.headers["Idempotency-Key"]
        if (refusal := self.before_answer()) is not None:
            return refusal
        self.refunds.setdefault(key, (form["payment_intent"], int(form["amount"])))
        number = list(self.refunds).index(key) + 1
        return httpx.Response(200, json={"id": f"re_{number}", "amount": int(form["amount"]), "status": "succeeded"})

    def fails_after_the_effect(self, key: str, *form: Any) -> None:
        """The refund happens, and then the line goes dead, once."""

        def dead() -> httpx.Response | None:
            self.refunds[key] = form
            self.before_answer = lambda: None
            raise httpx.ReadError("cut off")

        self.before_answer = dead


@pytest.fixture
def bank() -> Bank:
    return Bank()


@pytest.fixture
def hands(pool: Pool, bank: Bank) -> Payments:
    client = httpx.AsyncClient(transport=httpx.MockTransport(bank.answer))
    return Payments(pool, {"stripe": StripePayments(client, ProviderAccess("https://bank.example", "sk_test"))})


@pytest.fixture
async def paid(conn: Connection) -> Connection:
    """An order over CNY 20.00, paid in two payments, and cancelled."""
    await orders.record(conn, an_order("web-1", ("TEA", 2)), status="cancelled", at=NOON)
    for reference, amount in (("pi_a", 1500), ("pi_b", 500)):
        await payments.book(conn, "web-1", a_capture("web-1", amount, reference=reference))
    return conn


ALL_OF_IT = RefundPayment(
    order_no="web-1", refund_id="web-1-R5", key="web-1:refund:5", amount=2000, at=NOON, by=SYSTEM, why="cancelled"
)


async def test_each_payment_is_given_back_where_it_came_from(
    paid: Connection, hands: Payments, bank: Bank, env: ActivityEnvironment
) -> None:
    done = await env.run(hands.refund_payment, ALL_OF_IT)
    assert (done.captured, done.refunded) == (2000, 2000)
    assert bank.refunds == {"web-1:refund:5#1": ("pi_a", 1500), "web-1:refund:5#2": ("pi_b", 500)}
    assert await value(paid, "SELECT act FROM audit_entries") == "payment_given_back"
    assert await value(paid, "SELECT body ->> 'payment_status' FROM notices") == "refunded"


async def test_run_again_it_gives_back_nothing_more(
    paid: Connection, hands: Payments, bank: Bank, env: ActivityEnvironment
) -> None:
    first = await env.run(hands.refund_payment, ALL_OF_IT)
    assert await env.run(hands.refund_payment, ALL_OF_IT) == first
    assert len(bank.refunds) == 2
    assert await value(paid, "SELECT count(*) FROM audit_entries") == 1
    assert await value(paid, "SELECT count(*) FROM notices") == 1


async def test_a_crash_between_bank_and_books_is_made_good_by_the_retry(
    paid: Connection, hands: Payments, bank: Bank, env: ActivityEnvironment
) -> None:
    bank.fails_after_the_effect("web-1:refund:5#1", "pi_a", 1500)
    with pytest.raises(ApplicationError) as cut_off:
        await env.run(hands.refund_payment, ALL_OF_IT)
    assert not cut_off.value.non_retryable
    assert await value(paid, "SELECT refunding FROM payments") == 2000
    done = await env.run(hands.refund_payment, ALL_OF_IT)
    assert done.refunded == 2000
    assert sum(amount for _, amount in bank.refunds.values()) == 2000


async def test_the_banks_own_notice_between_crash_and_retry_counts_once(
    paid: Connection, hands: Payments, bank: Bank, env: ActivityEnvironment
) -> None:
    bank.fails_after_the_effect("web-1:refund:5#1", "pi_a", 1500)
    with pytest.raises(ApplicationError):
        await env.run(hands.refund_payment, ALL_OF_IT)
    echo = a_capture("web-1", 1500, reference="pi_a", event=PaymentEvent.REFUNDED, refund_reference="re_1")
    await payments.book(paid, "web-1", echo)
    assert (await env.run(hands.refund_payment, ALL_OF_IT)).refunded == 2000
    assert await value(paid, "SELECT sum(amount) FROM payment_entries WHERE kind = 'refunded'") == 2000


async def test_a_refund_the_bank_refuses_is_final_and_finance_sees_it(
    paid: Connection, hands: Payments, bank: Bank, env: ActivityEnvironment
) -> None:
    bank.before_answer = lambda: httpx.Response(400, json={"error": {"code": "charge_disputed", "type": "x"}})
    done = await env.run(hands.refund_payment, ALL_OF_IT)
    assert (done.refunded, done.missing, done.refusal) == (0, 2000, "charge_disputed")
    assert await value(paid, "SELECT count(*) FROM audit_entries WHERE act = 'payment_given_back'") == 0
    told = {(row["department"], row["kind"]) for row in await alerts.unseen(paid)}
    assert told == {("finance", "refund_refused")}
    assert await value(paid, "SELECT refunded FROM payments") == 0


async def test_a_bank_that_is_away_is_asked_again_when_it_said(
    paid: Connection, hands: Payments, bank: Bank, env: ActivityEnvironment
) -> None:
    bank.before_answer = lambda: httpx.Response(429, headers={"Retry-After": "7"})
    with pytest.raises(ApplicationError) as away:
        await env.run(hands.refund_payment, ALL_OF_IT)
    assert not away.value.non_retryable
    assert away.value.next_retry_delay is not None
    assert away.value.next_retry_delay.total_seconds() == 7


async def test_closing_says_whether_somebody_was_faster(hands: Payments, bank: Bank, env: ActivityEnvironment) -> None:
    request = ClosePayment(order_no="web-1", provider="stripe", reference="pi_web-1")
    assert (await env.run(hands.close_payment, request)).captured == 0
    bank.intent |= {"status": "succeeded", "amount_received": 2000}
    closed = await env.run(hands.close_payment, request)
    assert (closed.captured, closed.currency) == (2000, "CNY")


async def test_a_provider_the_shop_does_not_have_is_a_final_refusal(hands: Payments, env: ActivityEnvironment) -> None:
    with pytest.raises(ApplicationError) as refused:
        await env.run(hands.close_payment, ClosePayment(order_no="web-1", provider="piggy", reference="x"))
    assert (refused.value.type, refused.value.non_retryable) == ("Refused", True)
