"""Money is booked once, and given back once (R3, accidents 5 and 6)."""

from __future__ import annotations

import itertools

import psycopg
import pytest

from models.news import PaymentEvent, PaymentNews
from store import orders, payments
from store.errors import UnknownOrder
from store.pool import Connection
from tests.fixtures.orders import NOON, a_capture, an_order, value

NO = "web-1"


@pytest.fixture
async def ledger(conn: Connection) -> Connection:
    """An order over CNY 20.00, nothing paid."""
    await orders.record(conn, an_order(NO, ("TEA", 2)), status="awaiting_payment", at=NOON)
    return conn


def a_refund(amount: int, *, refund: str | None = None, event_id: str = "evt_r") -> PaymentNews:
    return a_capture(NO, amount, event=PaymentEvent.REFUNDED, refund_reference=refund, event_id=event_id)


async def sums(conn: Connection) -> tuple[int, int, int]:
    cursor = await conn.execute("SELECT captured, refunding, refunded FROM payments WHERE order_no = %s", (NO,))
    row = await cursor.fetchone()
    assert row is not None
    return row["captured"], row["refunding"], row["refunded"]


async def test_a_capture_told_three_times_is_booked_once(ledger: Connection) -> None:
    first = await payments.book(ledger, NO, a_capture(NO, 2000))
    again = await payments.book(ledger, NO, a_capture(NO, 2000))
    other_road = await payments.book(ledger, NO, a_capture(NO, 2000, event_id="asked-when-closing"))
    assert (first.captured, first.booked, first.due) == (2000, True, 2000)
    assert (again.booked, other_road.booked, other_road.captured) == (False, False, 2000)


async def test_a_second_payment_is_seen_and_can_be_given_back(ledger: Connection) -> None:
    await payments.book(ledger, NO, a_capture(NO, 2000, reference="pi_a"))
    second = await payments.book(ledger, NO, a_capture(NO, 2000, reference="pi_b"))
    assert (second.captured, second.booked) == (4000, True)
    (part,) = await payments.order_refund(ledger, NO, "k", 2000, NOON)
    assert (part.reference, part.amount) == ("pi_a", 2000)


async def test_authorisations_and_failures_are_no_money(ledger: Connection) -> None:
    for event in (PaymentEvent.AUTHORISED, PaymentEvent.FAILED):
        answer = await payments.book(ledger, NO, a_capture(NO, 2000, event=event))
        assert (answer.captured, answer.booked) == (0, True)


async def test_nothing_is_due_of_an_order_that_ended_early(ledger: Connection) -> None:
    await ledger.execute("UPDATE orders SET status = 'cancelled'")
    assert (await payments.book(ledger, NO, a_capture(NO, 2000))).due == 0


async def test_the_same_refund_key_orders_one_refund(ledger: Connection) -> None:
    await payments.book(ledger, NO, a_capture(NO, 2000))
    first = await payments.order_refund(ledger, NO, "k", 2000, NOON)
    again = await payments.order_refund(ledger, NO, "k", 2000, NOON)
    assert first == again
    assert [(part.key, part.amount) for part in first] == [("k#1", 2000)]
    assert await sums(ledger) == (2000, 2000, 0)


async def test_a_part_refunded_under_one_key_stays_that_part(ledger: Connection) -> None:
    await payments.book(ledger, NO, a_capture(NO, 2000))
    for _ in range(2):
        assert [part.amount for part in await payments.order_refund(ledger, NO, "k", 500, NOON)] == [500]
    assert await sums(ledger) == (2000, 500, 0)


async def test_a_refund_that_is_done_is_not_ordered_again(ledger: Connection) -> None:
    await payments.book(ledger, NO, a_capture(NO, 2000))
    await payments.order_refund(ledger, NO, "k", 2000, NOON)
    for _ in range(2):
        await payments.refund_done(ledger, "k#1", "re_1", NOON)
    assert await sums(ledger) == (2000, 0, 2000)
    assert await payments.order_refund(ledger, NO, "k", 2000, NOON) == []


@pytest.mark.parametrize("echo_first", [True, False])
async def test_our_own_refund_echoed_is_booked_once(ledger: Connection, echo_first: bool) -> None:
    await payments.book(ledger, NO, a_capture(NO, 2000))
    await payments.order_refund(ledger, NO, "k", 2000, NOON)
    if echo_first:
        await payments.book(ledger, NO, a_refund(2000, refund="re_1"))
    await payments.refund_done(ledger, "k#1", "re_1", NOON)
    if not echo_first:
        assert not (await payments.book(ledger, NO, a_refund(2000, refund="re_1"))).booked
    assert await sums(ledger) == (2000, 0, 2000)
    assert await value(ledger, "SELECT count(*) FROM payment_entries WHERE kind = 'refunded'") == 1


async def test_a_refund_told_before_its_capture_counts_when_the_capture_comes(ledger: Connection) -> None:
    early = await payments.book(ledger, NO, a_refund(2000))
    assert (early.captured, early.refunded, early.booked) == (0, 0, True)
    late = await payments.book(ledger, NO, a_capture(NO, 2000))
    assert (late.captured, late.refunded) == (2000, 2000)
    assert await payments.order_refund(ledger, NO, "k", 2000, NOON) == []


async def test_no_more_is_ordered_than_is_left(ledger: Connection) -> None:
    await payments.book(ledger, NO, a_capture(NO, 2000))
    await payments.book(ledger, NO, a_refund(1500, refund="by-hand"))
    (part,) = await payments.order_refund(ledger, NO, "k", 2000, NOON)
    assert part.amount == 500


async def test_the_database_itself_refuses_to_give_back_more_than_was_taken(ledger: Connection) -> None:
    await payments.book(ledger, NO, a_capture(NO, 2000))
    await payments.order_refund(ledger, NO, "k", 2000, NOON)
    with pytest.raises(psycopg.errors.CheckViolation):
        await ledger.execute("UPDATE payments SET refunded = refunded + 1")


async def test_a_refused_refund_is_open_no_longer_and_can_be_ordered_anew(ledger: Connection) -> None:
    await payments.book(ledger, NO, a_capture(NO, 2000))
    await payments.order_refund(ledger, NO, "k", 2000, NOON)
    await payments.refund_refused(ledger, "k#1", "charge_disputed")
    assert await sums(ledger) == (2000, 0, 0)
    assert [part.key for part in await payments.order_refund(ledger, NO, "k2", 2000, NOON)] == ["k2#1"]


async def test_money_in_another_currency_goes_back_in_that_currency(ledger: Connection) -> None:
    await payments.book(ledger, NO, a_capture(NO, 2000, currency="USD"))
    assert await payments.currencies(ledger, NO) == ("USD",)
    (part,) = await payments.order_refund(ledger, NO, "k", 2000, NOON)
    assert part.currency == "USD"


async def test_cash_from_the_door_pays_the_order_and_is_given_back_by_hand(ledger: Connection) -> None:
    for _ in range(2):
        await payments.collect(ledger, NO, 2000, parcel_no="web-1-P1", at=NOON)
    assert await sums(ledger) == (2000, 0, 0)
    (part,) = await payments.order_refund(ledger, NO, "web-1-R1:1", 2000, NOON)
    assert (part.provider, part.amount) == (payments.CASH, 2000)
    await payments.compensate(ledger, NO, payments.OtherRoad("web-1-R1", 2000, "ICBC 0042"), NOON)
    assert await sums(ledger) == (2000, 0, 2000)


async def test_the_sums_cannot_say_otherwise_than_the_view_does(ledger: Connection) -> None:
    await payments.book(ledger, NO, a_capture(NO, 2000))
    await payments.order_refund(ledger, NO, "k", 500, NOON)
    await payments.refund_done(ledger, "k#1", "re_1", NOON)
    cursor = await ledger.execute("SELECT captured, refunding, refunded FROM payment_sums WHERE order_no = %s", (NO,))
    assert tuple((await cursor.fetchall())[0].values()) == await sums(ledger) == (2000, 0, 500)


async def test_money_for_an_order_nobody_knows_is_refused(conn: Connection) -> None:
    with pytest.raises(UnknownOrder):
        await payments.book(conn, "web-404", a_capture("web-404", 1))


def so_far(amount: int, event_id: str, event: PaymentEvent = PaymentEvent.REFUNDED) -> PaymentNews:
    return a_capture(NO, amount, event=event, event_id=event_id, so_far=amount)


REFUND_NOTICES = (
    a_refund(300, refund="re_1", event_id="evt_1"),
    so_far(300, "evt_2"),
    a_refund(500, refund="re_2", event_id="evt_3"),
    so_far(800, "evt_4"),
)


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
async def test_refunds_told_singly_and_as_sums_count_once_in_every_order(
    ledger: Connection, order: tuple[int, ...]
) -> None:
    await payments.book(ledger, NO, a_capture(NO, 2000))
    for index in (*order, *order):
        await payments.book(ledger, NO, REFUND_NOTICES[index])
    assert await sums(ledger) == (2000, 0, 800)


FAILED_LATER = (
    a_refund(300, refund="re_1", event_id="evt_1"),
    a_capture(NO, 300, event=PaymentEvent.REFUND_FAILED, refund_reference="re_1", event_id="evt_2"),
    a_refund(500, refund="re_2", event_id="evt_3"),
)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_a_refund_that_came_back_counts_for_nothing_in_every_order_of_arrival(
    ledger: Connection, order: tuple[int, ...]
) -> None:
    await payments.book(ledger, NO, a_capture(NO, 2000))
    for index in (*order, *order):
        await payments.book(ledger, NO, FAILED_LATER[index])
    assert await sums(ledger) == (2000, 0, 500)
    assert not (await payments.book(ledger, NO, so_far(500, "evt_4"))).booked, "the sum no longer holds it either"
    (part,) = await payments.order_refund(ledger, NO, "rest", 2000, NOON)
    assert part.amount == 1500, "what came back can be given back again"


async def test_a_sum_that_holds_our_own_open_refund_and_one_made_by_hand_counts_each_once(ledger: Connection) -> None:
    await payments.book(ledger, NO, a_capture(NO, 2000))
    await payments.order_refund(ledger, NO, "k", 300, NOON)
    assert not (await payments.book(ledger, NO, so_far(300, "evt_1"))).booked
    assert (await payments.book(ledger, NO, so_far(700, "evt_2"))).booked
    await payments.refund_done(ledger, "k#1", "re_1", NOON)
    assert await sums(ledger) == (2000, 0, 700)


async def test_a_sum_speaks_of_its_own_payment_only(ledger: Connection) -> None:
    await payments.book(ledger, NO, a_capture(NO, 2000, reference="pi_a"))
    await payments.book(ledger, NO, a_capture(NO, 2000, reference="pi_b"))
    for reference in ("pi_a", "pi_b"):
        await payments.book(ledger, NO, so_far(500, f"evt_{reference}").model_copy(update={"reference": reference}))
    assert await sums(ledger) == (4000, 0, 1000)


@pytest.mark.parametrize("order", [(800, 2000), (2000, 800), (800, 2000, 800)])
async def test_a_channel_that_was_paid_in_parts_tells_sums(ledger: Connection, order: tuple[int, ...]) -> None:
    for number, amount in enumerate(order):
        await payments.book(ledger, NO, so_far(amount, f"evt_{number}", PaymentEvent.CAPTURED))
    assert await sums(ledger) == (2000, 0, 0)
