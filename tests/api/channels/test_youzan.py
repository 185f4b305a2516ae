"""Youzan pushes become canonical orders, or are refused with every reason (R1, R2)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from api.adapters import Delivery, Unreadable
from api.channels.youzan import Youzan
from api.problems import BadSignature
from domain.money import PaymentMethod
from models.inbox import Envelope
from models.news import PaymentEvent
from store import addressee, orders, payments
from store.pool import Connection
from tests.api.channels.payloads import BEYOND_DOUBLES, TERMS, fields, settings, youzan, youzan_order
from tests.fixtures.orders import NOON, an_order

CHANNEL = Youzan()
LINES = "full_order_info.orders"


def told(**changes: Any) -> Envelope:
    return CHANNEL.translate(youzan(youzan_order(**changes)), TERMS).envelope


def refused(order: dict[str, Any]) -> set[str]:
    translation = CHANNEL.translate(youzan(order), TERMS)
    assert translation.envelope.start is None
    return fields(translation.faults)


def with_line(**changes: Any) -> dict[str, Any]:
    order: dict[str, Any] = youzan_order()
    order["full_order_info"]["orders"][0] |= changes
    return order


def refunds(*amounts: str, state: int = 60) -> list[dict[str, Any]]:
    return [
        {"refund_id": str(number), "refund_fee": amount, "refund_state": state, "oids": [{"oid": str(number)}]}
        for number, amount in enumerate(amounts)
    ]


def test_a_paid_order_becomes_a_canonical_order_in_fen() -> None:
    order = told().start
    assert order is not None
    assert order.order_no == "youzan-E20260301183000000000001"
    assert order.total == order.expected_total() == 1000
    assert [(line.sku, line.quantity, line.unit_price, line.discount) for line in order.lines] == [
        ("SOAP", 2, 300, 100),
        ("BRUSH", 1, 400, 0),
    ]


def test_json_inside_a_text_is_read_and_the_text_null_is_nothing() -> None:
    translation = CHANNEL.translate(youzan(youzan_order()), TERMS)
    assert translation.envelope.start is not None
    assert [line.title for line in translation.envelope.start.lines] == ["香皂 茉莉", "刷子"]
    assert translation.person is not None
    assert translation.person.remark is None


def test_a_time_without_a_zone_is_beijings() -> None:
    order = told().start
    assert order is not None
    assert order.placed_at.astimezone(UTC) == datetime(2026, 3, 1, 10, 30, tzinfo=UTC)


def test_an_id_beyond_a_double_keeps_every_digit() -> None:
    person = CHANNEL.translate(youzan(youzan_order()), TERMS).person
    assert person is not None
    assert person.account == f"youzan:{BEYOND_DOUBLES}"


@pytest.mark.parametrize("plus", [True, False])
def test_a_plus_in_a_phone_number_survives_both_ways_of_encoding(plus: bool) -> None:
    order = youzan_order()
    order["full_order_info"]["address_info"]["receiver_tel"] = "+86 138 0000 0000"
    person = CHANNEL.translate(youzan(order, plus=plus), TERMS).person
    assert person is not None
    assert person.phone == "+86 138 0000 0000"


def test_a_plus_that_was_not_encoded_stays_a_plus() -> None:
    order = youzan_order()
    order["full_order_info"]["address_info"]["receiver_tel"] = "+8613800000000"
    push = json.loads(youzan(order).body)
    push["msg"] = push["msg"].replace("%2B", "+")
    person = CHANNEL.translate(Delivery({}, json.dumps(push).encode()), TERMS).person
    assert person is not None
    assert person.phone == "+8613800000000"


def test_a_paid_order_tells_of_the_whole_payment() -> None:
    payment = told().payment
    assert payment is not None
    assert (payment.event, payment.amount, payment.currency) == (PaymentEvent.CAPTURED, 1000, "CNY")


def test_an_order_that_waits_for_its_payment_is_not_paid() -> None:
    envelope = told(info={"status": "WAIT_BUYER_PAY", "pay_time": ""})
    assert envelope.start is not None
    assert envelope.payment is None


@pytest.mark.parametrize("info", [{"pay_type": 9}, {"pay_type_str": "CODPAY"}])
def test_cash_on_delivery_is_recognised_and_never_taken_as_paid(info: dict[str, Any]) -> None:
    envelope = told(info=info)
    assert envelope.start is not None
    assert envelope.start.payment_method is PaymentMethod.CASH_ON_DELIVERY
    assert envelope.payment is None


def test_a_closed_order_says_what_was_given_back_over_all_its_lines() -> None:
    envelope = told(info={"status": "TRADE_CLOSED", "close_type": 2}, refund_order=refunds("5.00", "4.00"))
    assert envelope.cancelled is not None
    assert (envelope.cancelled.refunded, envelope.cancelled.reason) == (900, "refunded")
    assert envelope.refund_total is None


def test_an_expired_order_was_never_paid() -> None:
    envelope = told(info={"status": "TRADE_CLOSED", "close_type": 1, "pay_time": ""})
    assert envelope.cancelled is not None
    assert (envelope.cancelled.refunded, envelope.cancelled.reason) == (0, "expired")
    assert envelope.payment is None


def test_only_refunds_that_are_done_count() -> None:
    envelope = told(refund_order=[*refunds("5.00"), *refunds("4.00", state=1)])
    assert envelope.refund_total is not None
    assert envelope.refund_total.refunded == 500


def test_every_faulty_field_is_named_at_once_as_youzan_names_it() -> None:
    order = with_line(outer_sku_id="null", outer_item_id="", num=1.5, price="ten")
    order["full_order_info"]["order_info"]["created"] = ""
    assert refused(order) == {
        f"{LINES}.0.outer_sku_id",
        f"{LINES}.0.num",
        f"{LINES}.0.price",
        "full_order_info.order_info.created",
    }


def test_a_bare_number_is_no_amount_for_it_may_count_fen() -> None:
    assert refused(youzan_order(pay={"payment": 1000})) == {"full_order_info.pay_info.payment"}


def test_a_payment_that_does_not_add_up_is_refused() -> None:
    assert refused(youzan_order(pay={"payment": "9.99"})) == {"full_order_info.pay_info.payment"}


@pytest.mark.parametrize("status", ["WAIT_GROUP", "WAIT_BUYER_CONFIRM_GOODS", "TRADE_SUCCESS"])
def test_an_order_that_must_not_ship_from_here_is_not_started(status: str) -> None:
    assert refused(youzan_order(info={"status": status})) == {"full_order_info.order_info.status"}


def test_a_bare_notice_of_closing_cancels_and_leaves_the_money_to_its_own_messages() -> None:
    notice = {"tid": "E1", "update_time": "2026-03-02 08:00:00", "close_type": 4, "close_reason": "NONE"}
    envelope = CHANNEL.translate(youzan(notice, "trade_TradeClose"), TERMS).envelope
    assert envelope.cancelled is not None
    assert (envelope.order_no, envelope.cancelled.reason, envelope.cancelled.refunded) == ("youzan-E1", "customer", 0)


def test_a_refund_of_one_line_is_known_by_its_own_id() -> None:
    notice = {"tid": "E1", "update_time": "2026-03-02 08:00:00", "refund_id": "R9", "refunded_fee": "2.50", "oids": "1"}
    payment = CHANNEL.translate(youzan(notice, "trade_refund_RefundSuccess"), TERMS).envelope.payment
    assert payment is not None
    assert (payment.event, payment.amount, payment.refund_reference) == (PaymentEvent.REFUNDED, 250, "R9")


def test_a_notice_of_payment_without_the_order_is_refused() -> None:
    with pytest.raises(Unreadable) as unreadable:
        CHANNEL.translate(youzan({"tid": "E1", "update_time": "2026-03-02 08:00:00"}), TERMS)
    assert fields(unreadable.value.faults) == {"full_order_info"}


def test_a_message_inside_that_is_no_json_is_refused() -> None:
    push = json.loads(youzan(youzan_order()).body) | {"msg": "%7Bbroken"}
    with pytest.raises(Unreadable):
        CHANNEL.translate(Delivery({}, json.dumps(push).encode()), TERMS)


def test_a_signature_over_another_message_is_refused() -> None:
    CHANNEL.verify(youzan(youzan_order()), settings())
    with pytest.raises(BadSignature):
        CHANNEL.verify(youzan(youzan_order(), msg="%7B%7D"), settings())


def test_the_signature_is_made_with_our_client_id_and_not_the_messages() -> None:
    with pytest.raises(BadSignature):
        CHANNEL.verify(youzan(youzan_order()), settings(youzan_client_id="another"))


def test_a_shop_without_this_channel_refuses_every_message() -> None:
    with pytest.raises(BadSignature):
        CHANNEL.verify(youzan(youzan_order()), settings(youzan_client_secret=None))


def test_a_test_push_and_other_topics_are_no_business_of_ours() -> None:
    assert CHANNEL.identify(youzan(youzan_order(), test=True)) is None
    assert CHANNEL.identify(youzan(youzan_order(), "ITEM_INFO")) is None


def test_the_orders_id_beside_the_message_is_not_the_messages_id() -> None:
    first = CHANNEL.identify(youzan(youzan_order()))
    second = CHANNEL.identify(youzan(youzan_order(info={"status": "TRADE_CLOSED"}), msg_id=None))
    assert first is not None
    assert second is not None
    assert (first.delivery_id, second.delivery_id) == ("m-1", None)
    assert first.dedupe_key != second.dedupe_key


def test_the_same_change_told_twice_is_one_event() -> None:
    first = CHANNEL.identify(youzan(youzan_order(), msg_id="m-1"))
    second = CHANNEL.identify(youzan(youzan_order(), msg_id="m-2"))
    assert first is not None
    assert second is not None
    assert first.dedupe_key == second.dedupe_key


async def test_one_refund_told_as_a_notice_and_within_the_order_is_booked_once(conn: Connection) -> None:
    await orders.record(conn, an_order("youzan-E1", ("TEA", 2)), status="paid", at=NOON)
    whole = told(refund_order=refunds("2.50"))
    assert whole.refund_total is not None
    notice = {"tid": "E1", "update_time": "2026-03-02 08:00:00", "refund_id": "1", "refunded_fee": "2.50", "oids": "1"}
    single = CHANNEL.translate(youzan(notice, "trade_refund_RefundSuccess"), TERMS).envelope.payment
    assert single is not None
    total = addressee.as_news(whole.refund_total).model_copy(update={"reference": single.reference})
    capture = single.model_copy(update={"event": PaymentEvent.CAPTURED, "amount": 2000, "refund_reference": None})
    for news in (capture, single, total, single):
        await payments.book(conn, "youzan-E1", news)
    ledger = await payments.book(conn, "youzan-E1", total)
    assert (ledger.captured, ledger.refunded) == (2000, 250)
