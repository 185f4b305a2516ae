"""WooCommerce webhooks become canonical orders, or are refused with every reason (R1, R2)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from api.adapters import Delivery, Unreadable
from api.channels.woocommerce import WooCommerce
from api.problems import BadSignature
from domain.money import PaymentMethod
from models.channels.woocommerce_regions import region
from models.inbox import Envelope
from models.news import PaymentEvent
from runtime.postal import address_faults
from tests.api.channels.payloads import BEYOND_DOUBLES, TERMS, fields, settings, woo, woo_order

CHANNEL = WooCommerce()


def told(topic: str = "order.created", **changes: Any) -> Envelope:
    return CHANNEL.translate(woo(woo_order(**changes), topic), TERMS).envelope


def refused(**changes: Any) -> set[str]:
    translation = CHANNEL.translate(woo(woo_order(**changes)), TERMS)
    assert translation.envelope.start is None
    return fields(translation.faults)


def key(topic: str = "order.updated", **changes: Any) -> str:
    identity = CHANNEL.identify(woo(woo_order(**changes), topic))
    assert identity is not None
    return identity.dedupe_key


def with_line(**changes: Any) -> list[dict[str, Any]]:
    first, second = woo_order()["line_items"]
    return [first | changes, second]


def test_a_paid_order_becomes_a_canonical_order_whose_sum_adds_up() -> None:
    order = told().start
    assert order is not None
    assert order.order_no == "woocommerce-7001"
    assert order.total == order.expected_total() == 5520
    assert [(line.sku, line.quantity, line.unit_price, line.discount) for line in order.lines] == [
        ("MUG", 2, 1250, 500),
        ("LAMP", 1, 3000, 0),
    ]
    assert (order.shipping, order.tax, order.discount) == (400, 120, 0)


def test_gmt_times_are_utc_and_the_sites_own_times_are_not_used() -> None:
    order = told().start
    assert order is not None
    assert order.placed_at == datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def test_the_date_of_payment_means_that_the_channel_holds_the_whole_amount() -> None:
    payment = told().payment
    assert payment is not None
    assert (payment.event, payment.amount, payment.currency) == (PaymentEvent.CAPTURED, 5520, "USD")
    assert payment.at == datetime(2026, 3, 1, 9, 0, 5, tzinfo=UTC)


def test_processing_without_a_date_of_payment_is_not_paid() -> None:
    assert told(date_paid_gmt=None).payment is None


def test_cash_on_delivery_is_recognised_and_never_taken_as_paid() -> None:
    envelope = told(payment_method="cod")
    assert envelope.start is not None
    assert envelope.start.payment_method is PaymentMethod.CASH_ON_DELIVERY
    assert envelope.payment is None


def test_the_channels_own_payment_is_not_one_that_we_could_close() -> None:
    order = told().start
    assert order is not None
    assert order.payment_provider is None


def test_a_failed_payment_is_told_as_failed() -> None:
    payment = told(status="failed", date_paid_gmt=None).payment
    assert payment is not None
    assert payment.event is PaymentEvent.FAILED


def test_fees_are_charged_and_negative_fees_are_a_discount() -> None:
    order = told(fee_lines=[{"total": "2.50"}, {"total": "-1.50"}], total="56.20").start
    assert order is not None
    assert (order.shipping, order.discount, order.total) == (650, 150, 5620)


def test_a_line_that_does_not_divide_keeps_its_exact_sum() -> None:
    order = told(line_items=with_line(quantity=3, subtotal="10.00", total="10.00"), total="45.20").start
    assert order is not None
    line = order.lines[0]
    assert (line.unit_price, line.discount) == (334, 2)
    assert line.quantity * line.unit_price - line.discount == 1000


def test_every_faulty_field_is_named_at_once_as_woocommerce_names_it() -> None:
    lines = with_line(sku="", quantity=1.5, total="ten")
    assert refused(line_items=lines, date_created_gmt="yesterday", shipping_total="1e3") == {
        "line_items.0.sku",
        "line_items.0.quantity",
        "line_items.0.total",
        "date_created_gmt",
        "shipping_total",
    }


@pytest.mark.parametrize("quantity", [1.5, "2", None, 0, -1, True])
def test_a_quantity_that_nobody_can_pick_is_refused(quantity: object) -> None:
    assert "line_items.0.quantity" in refused(line_items=with_line(quantity=quantity))


def test_a_total_that_does_not_add_up_is_refused() -> None:
    assert refused(total="55.21") == {"total"}


@pytest.mark.parametrize("currency", ["XXX", "usd", "", None, 840])
def test_an_unknown_currency_is_refused_once_and_its_amounts_are_not_blamed(currency: object) -> None:
    assert refused(currency=currency) == {"currency"}
    assert refused(currency=currency, total="ten") == {"currency", "total"}


def test_more_decimals_than_the_currency_has_are_refused_and_not_rounded() -> None:
    assert "total_tax" in refused(total_tax="1.205")


def test_an_order_without_lines_is_refused() -> None:
    assert "line_items" in refused(line_items=[])


def test_a_completed_order_is_not_started_for_its_goods_have_left() -> None:
    assert refused(status="completed") == {"status"}


def test_a_completed_order_that_is_known_still_tells_of_its_money() -> None:
    envelope = told("order.updated", status="completed", refunds=[{"id": 1, "total": "-5.00"}])
    assert envelope.payment is not None
    assert envelope.refund_total is not None
    assert envelope.refund_total.refunded == 500


def test_a_cancellation_says_what_was_given_back() -> None:
    refunds = [{"id": 1, "total": "-20.00"}, {"id": 2, "total": "-35.20"}]
    envelope = told("order.updated", status="cancelled", refunds=refunds)
    assert envelope.cancelled is not None
    assert (envelope.cancelled.refunded, envelope.cancelled.reason) == (5520, "cancelled")
    assert envelope.refund_total is None
    assert envelope.payment is not None


def test_a_partial_refund_of_a_living_order_is_told_as_a_sum() -> None:
    envelope = told("order.updated", refunds=[{"id": 1, "total": "-2.00"}, {"id": 2, "total": "-3.00"}])
    assert envelope.refund_total is not None
    assert envelope.refund_total.refunded == 500
    assert envelope.cancelled is None


def test_a_deletion_ends_the_order_with_nothing_but_its_id() -> None:
    envelope = CHANNEL.translate(woo({"id": 7001}, "order.deleted"), TERMS).envelope
    assert envelope.order_no == "woocommerce-7001"
    assert envelope.cancelled is not None
    assert envelope.cancelled.reason == "deleted"


def test_an_invalid_mail_address_is_kept_as_it_came() -> None:
    person = CHANNEL.translate(woo(woo_order()), TERMS).person
    assert person is not None
    assert person.email == "testa@probe"


def test_the_goods_go_to_the_shipping_address_and_the_phone_may_be_the_billings() -> None:
    person = CHANNEL.translate(woo(woo_order()), TERMS).person
    assert person is not None
    assert person.address is not None
    assert (person.name, person.address.city, person.phone) == ("Testa Probe", "Testville", "+1 212 555 0100")


def test_an_empty_shipping_address_means_the_billing_address() -> None:
    person = CHANNEL.translate(woo(woo_order(shipping={})), TERMS).person
    assert person is not None
    assert person.address is not None
    assert person.address.street == "1 Sample Street"


@pytest.mark.parametrize(
    ("country", "state", "name"),
    [
        ("CN", "CN1", "云南省"),
        ("CN", "CN20", "广东省"),
        ("CN", "CN32", "新疆维吾尔自治区"),
        ("CN", "广东省", "广东省"),
        ("HK", "KOWLOON", "九龍"),
        ("US", "NY", "NY"),
    ],
)
def test_a_region_numbered_by_woocommerce_has_its_name(country: str, state: str, name: str) -> None:
    shipping = woo_order()["shipping"] | {"country": country, "state": state}
    person = CHANNEL.translate(woo(woo_order(shipping=shipping)), TERMS).person
    assert person is not None
    assert person.address is not None
    assert person.address.region == name


@pytest.mark.parametrize("number", range(1, 33))
def test_every_region_of_china_that_woocommerce_numbers_is_one_of_the_postal_data(number: int) -> None:
    name = region("CN", f"CN{number}")
    assert "region is not one of that country" not in address_faults("CN", name, "", "", "x")


def test_an_id_beyond_a_double_keeps_every_digit() -> None:
    assert told(id=BEYOND_DOUBLES).order_no == "woocommerce-9007199254740993"


def test_a_message_without_an_id_is_refused() -> None:
    with pytest.raises(Unreadable) as unreadable:
        told(id=None)
    assert fields(unreadable.value.faults) == {"id"}


def test_a_signature_over_other_bytes_is_refused() -> None:
    delivery = woo(woo_order())
    CHANNEL.verify(delivery, settings())
    with pytest.raises(BadSignature):
        CHANNEL.verify(Delivery(delivery.headers, delivery.body + b" "), settings())


def test_a_shop_without_this_channel_refuses_every_message() -> None:
    with pytest.raises(BadSignature):
        CHANNEL.verify(woo(woo_order()), settings(woocommerce_webhook_secret=None))


def test_the_unsigned_ping_is_accepted_and_ignored() -> None:
    ping = Delivery({"content-type": "application/x-www-form-urlencoded"}, b"webhook_id=17")
    CHANNEL.verify(ping, settings())
    assert CHANNEL.identify(ping) is None


@pytest.mark.parametrize("body", [b"webhook_id=17&x=1", b"webhook_id=", b"", b'{"webhook_id": 17}'])
def test_nothing_but_the_ping_itself_goes_unsigned(body: bytes) -> None:
    with pytest.raises(BadSignature):
        CHANNEL.verify(Delivery({"x-wc-webhook-topic": "order.created"}, body), settings())


def test_the_same_change_told_twice_is_one_event() -> None:
    assert key(line_items=[]) == key()


def test_a_payment_in_the_second_of_the_order_is_an_event_of_its_own() -> None:
    assert key(status="pending", date_paid_gmt=None) != key()


@pytest.mark.parametrize(
    "change", [{"date_paid_gmt": None}, {"status": "cancelled"}, {"refunds": [{"total": "-1.00"}]}]
)
def test_each_thing_that_an_update_can_tell_makes_it_another_event(change: dict[str, Any]) -> None:
    assert key(**change) != key()


def test_two_orders_of_one_second_with_one_delivery_id_are_two_deliveries() -> None:
    first, second = (CHANNEL.identify(woo(woo_order(id=number))) for number in (1, 2))
    assert first is not None
    assert second is not None
    assert first.delivery_id != second.delivery_id


def test_other_topics_and_unfinished_checkouts_are_no_business_of_ours() -> None:
    assert CHANNEL.identify(woo(woo_order(), "product.updated")) is None
    assert CHANNEL.identify(woo(woo_order(status="checkout-draft"))) is None
