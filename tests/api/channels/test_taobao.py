"""Taobao trade messages become canonical orders, or are refused with every reason (R1, R2)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from api.adapters import Delivery, Unreadable
from api.channels.taobao import Taobao
from api.problems import BadSignature
from domain.money import PaymentMethod
from models.inbox import Envelope
from models.news import PaymentEvent
from tests.api.channels.payloads import TERMS, fields, settings, taobao, taobao_trade, whole_trade

CHANNEL = Taobao()
CLOSED, REFUNDED = "taobao_trade_TradeClose", "taobao_refund_RefundSuccess"


def told(**changes: Any) -> Envelope:
    return CHANNEL.translate(taobao(whole_trade(**changes)), TERMS).envelope


def refused(**changes: Any) -> set[str]:
    translation = CHANNEL.translate(taobao(whole_trade(**changes)), TERMS)
    assert translation.envelope.start is None
    return fields(translation.faults)


def with_line(**changes: Any) -> dict[str, Any]:
    first, second = taobao_trade()["orders"]["order"]
    return {"order": [first | changes, second]}


def key(**changes: Any) -> str:
    identity = CHANNEL.identify(taobao(whole_trade(**changes)))
    assert identity is not None
    return identity.dedupe_key


def test_a_paid_trade_becomes_a_canonical_order_in_fen() -> None:
    order = told().start
    assert order is not None
    assert order.total == order.expected_total() == 6950
    assert [(line.sku, line.quantity, line.unit_price, line.discount) for line in order.lines] == [
        ("CUP-W", 2, 1000, 200),
        ("SCARF", 1, 5000, 450),
    ]
    assert (order.currency, order.shipping, order.discount) == ("CNY", 600, 0)


def test_a_time_without_a_zone_is_beijings() -> None:
    envelope = told()
    assert envelope.start is not None
    assert envelope.start.placed_at.astimezone(UTC) == datetime(2026, 3, 1, 10, 30, tzinfo=UTC)


def test_a_trade_id_beyond_a_double_keeps_every_digit() -> None:
    assert told().order_no == "taobao-9007199254740993"


def test_texts_lose_their_trailing_spaces() -> None:
    person = CHANNEL.translate(taobao(whole_trade()), TERMS).person
    assert person is not None
    assert person.address is not None
    assert (person.remark, person.address.street, person.address.postcode) == ("周末送", "样例街道 测试路1号", "518000")


def test_a_county_without_a_city_is_the_city() -> None:
    person = CHANNEL.translate(taobao(whole_trade(receiver_city="", receiver_district="济源市")), TERMS).person
    assert person is not None
    assert person.address is not None
    assert person.address.city == "济源市"


def test_a_paid_trade_tells_of_the_whole_payment() -> None:
    payment = told().payment
    assert payment is not None
    assert (payment.event, payment.amount) == (PaymentEvent.CAPTURED, 6950)
    assert payment.at.astimezone(UTC) == datetime(2026, 3, 1, 10, 31, 7, tzinfo=UTC)


def test_a_trade_that_waits_for_its_payment_is_not_paid() -> None:
    envelope = told(status="WAIT_BUYER_PAY", pay_time=None)
    assert envelope.start is not None
    assert envelope.payment is None


def test_cash_on_delivery_is_recognised_and_never_taken_as_paid() -> None:
    envelope = told(type="cod")
    assert envelope.start is not None
    assert envelope.start.payment_method is PaymentMethod.CASH_ON_DELIVERY
    assert envelope.payment is None


def test_a_trade_closed_after_paying_was_refunded_in_full() -> None:
    envelope = told(status="TRADE_CLOSED")
    assert envelope.cancelled is not None
    assert (envelope.cancelled.refunded, envelope.cancelled.reason) == (6950, "refunded")
    assert envelope.payment is not None


def test_a_trade_closed_by_taobao_was_never_paid() -> None:
    envelope = told(status="TRADE_CLOSED_BY_TAOBAO", pay_time=None)
    assert envelope.cancelled is not None
    assert envelope.cancelled.refunded == 0
    assert envelope.payment is None


def test_a_line_closed_before_paying_is_no_part_of_the_order() -> None:
    closed = {"oid": 3, "outer_sku_id": "GONE", "num": 1, "price": "9.00", "status": "TRADE_CLOSED_BY_TAOBAO"}
    order = told(orders={"order": [*taobao_trade()["orders"]["order"], closed]}).start
    assert order is not None
    assert [line.sku for line in order.lines] == ["CUP-W", "SCARF"]


def test_a_single_line_may_come_without_a_list_around_it() -> None:
    only = taobao_trade()["orders"]["order"][0]
    order = told(orders={"order": only}, payment="24.00").start
    assert order is not None
    assert [line.sku for line in order.lines] == ["CUP-W"]


def test_where_the_discount_is_not_shared_out_it_is_the_orders() -> None:
    lines = [
        {name: value for name, value in line.items() if name != "divide_order_fee"}
        for line in taobao_trade()["orders"]["order"]
    ]
    order = told(orders={"order": lines}, payment="69.50").start
    assert order is not None
    assert (order.discount, order.expected_total()) == (300, 6950)


def test_a_line_that_was_raised_above_its_price_keeps_what_was_paid() -> None:
    order = told(orders=with_line(divide_order_fee="21.00"), payment="72.50").start
    assert order is not None
    assert (order.lines[0].unit_price, order.lines[0].discount) == (1050, 0)


def test_every_faulty_field_is_named_at_once_as_taobao_names_it() -> None:
    lines = with_line(outer_sku_id=" ", num=1.5, price="ten")
    assert refused(orders=lines, payment="x", created="2026-13-01") == {
        "orders.order.0.outer_sku_id",
        "orders.order.0.num",
        "orders.order.0.price",
        "payment",
        "created",
    }


def test_a_bare_number_is_no_amount_for_it_may_count_fen() -> None:
    assert "payment" in refused(payment=6950)
    assert told(post_fee=0, payment="63.50").start is not None


def test_a_payment_that_does_not_add_up_is_refused() -> None:
    assert refused(payment="69.49") == {"payment"}


@pytest.mark.parametrize("status", ["WAIT_BUYER_CONFIRM_GOODS", "TRADE_FINISHED", "PAID_FORBID_CONSIGN"])
def test_a_trade_that_must_not_ship_from_here_is_not_started(status: str) -> None:
    assert refused(status=status) == {"status"}


def test_a_bare_notice_of_payment_tells_of_the_money_alone() -> None:
    notice = {"tid": 5, "payment": "44.00", "type": "guarantee_trade", "status": "WAIT_SELLER_SEND_GOODS"}
    envelope = CHANNEL.translate(taobao(notice), TERMS).envelope
    assert envelope.start is None
    assert envelope.payment is not None
    assert (envelope.order_no, envelope.payment.amount) == ("taobao-5", 4400)
    assert envelope.payment.at.astimezone(UTC) == datetime(2026, 3, 1, 10, 31, 11, tzinfo=UTC)


def test_a_refund_of_one_line_is_known_by_its_own_id() -> None:
    notice = {"tid": 5, "oid": 6, "refund_id": 77, "refund_fee": "3.20", "modified": "2026-03-02 08:00:00"}
    payment = CHANNEL.translate(taobao(notice, REFUNDED), TERMS).envelope.payment
    assert payment is not None
    assert (payment.event, payment.amount, payment.refund_reference) == (PaymentEvent.REFUNDED, 320, "77")


def test_a_bare_notice_of_closing_cancels_and_leaves_the_money_to_its_own_messages() -> None:
    cancelled = CHANNEL.translate(taobao({"tid": 5}, CLOSED), TERMS).envelope.cancelled
    assert cancelled is not None
    assert (cancelled.reason, cancelled.refunded) == ("closed", 0)


def test_a_notice_of_a_new_trade_without_the_trade_is_refused() -> None:
    with pytest.raises(Unreadable) as unreadable:
        CHANNEL.translate(taobao({"tid": 5}, "taobao_trade_TradeCreate"), TERMS)
    assert fields(unreadable.value.faults) == {"orders.order"}


@pytest.mark.parametrize("method", ["md5", "hmac", "hmac-sha256"])
def test_each_of_the_platforms_signatures_holds(method: str) -> None:
    CHANNEL.verify(taobao(whole_trade(), method=method), settings())


def test_a_signature_over_other_content_is_refused() -> None:
    delivery = taobao(whole_trade())
    with pytest.raises(BadSignature):
        CHANNEL.verify(Delivery({}, delivery.body.replace(b"69.50", b"00.50")), settings())


def test_an_unknown_way_of_signing_is_refused() -> None:
    delivery = taobao(whole_trade())
    with pytest.raises(BadSignature):
        CHANNEL.verify(Delivery({}, delivery.body.replace(b"sign_method=md5", b"sign_method=none")), settings())


def test_a_shop_without_this_channel_refuses_every_message() -> None:
    with pytest.raises(BadSignature):
        CHANNEL.verify(taobao(whole_trade()), settings(taobao_app_secret=None))


def test_the_same_change_told_twice_is_one_event_whatever_the_messages_id() -> None:
    first = CHANNEL.identify(taobao(whole_trade(), id="1"))
    second = CHANNEL.identify(taobao(whole_trade(), id="2"))
    assert first is not None
    assert second is not None
    assert first.dedupe_key == second.dedupe_key
    assert first.delivery_id != second.delivery_id


def test_a_payment_in_the_second_of_the_trade_is_an_event_of_its_own() -> None:
    assert key(status="WAIT_BUYER_PAY", pay_time=None) != key()
