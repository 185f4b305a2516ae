"""Messages of real shops: each is accepted, or refused with every reason.

They are read where they lie beside the project, and never copied into it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from api.adapters import Adapter, Delivery, Translation
from api.channels import CHANNELS
from models.order import PlaceOrder
from tests.api.channels.payloads import TERMS, fields, taobao, woo, youzan

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the sample messages are not here: nothing was tried")


def read(path: str) -> Any:
    return json.loads((DATA / path).read_text(encoding="utf-8"))


def translate(channel: str, delivery: Delivery) -> Translation:
    adapter: Adapter = CHANNELS[channel]
    assert adapter.identify(delivery) is not None
    return adapter.translate(delivery, TERMS)


def woo_sample(order: dict[str, Any]) -> Translation:
    return translate("woocommerce", woo(order, "order.updated"))


def accepted(translation: Translation) -> PlaceOrder:
    assert translation.faults == ()
    order = translation.envelope.start
    assert order is not None
    return order


def refusal(translation: Translation) -> set[str]:
    assert translation.envelope.start is None
    return fields(translation.faults)


def test_woocommerces_single_order_is_refused_for_every_reason_it_has() -> None:
    assert refusal(woo_sample(read("woocommerce/order.json")["data"])) == {
        "line_items.0.sku",
        "line_items.1.quantity",
    }


def test_each_of_woocommerces_listed_orders_is_accepted_or_refused() -> None:
    orders = {order["id"]: woo_sample(order) for order in read("woocommerce/orders-load-all.json")["data"]}
    assert set(orders) == {963, 961, 960, 560}
    assert refusal(orders[963]) == {"line_items.0.sku", "line_items.1.quantity"}
    assert refusal(orders[961]) == refusal(orders[960]) == {"line_items.0.sku"}
    taken = accepted(orders[560])
    assert (len(taken.lines), taken.total) == (8, 119_850)
    refunded = orders[560].envelope.refund_total
    assert refunded is not None
    assert refunded.refunded == 22_500


def test_woocommerces_completed_order_is_not_shipped_a_second_time() -> None:
    translation = woo_sample(read("woocommerce/order-details-partially-refunded.json")["data"])
    assert refusal(translation) == {"status"}
    assert translation.envelope.payment is not None
    assert translation.envelope.payment.amount == 30_445


def test_taobaos_trade_is_refused_for_a_payment_that_does_not_add_up() -> None:
    translation = translate("taobao", taobao(read("taobao/trade_fullinfo_get.json")))
    assert refusal(translation) == {"payment"}
    assert translation.envelope.order_no == "taobao-500001084"


def test_youzans_refunded_order_is_accepted_paid_and_cancelled_with_what_went_back() -> None:
    translation = translate("youzan", youzan(read("youzan/trade_get_response_refunded.json")["data"]))
    assert accepted(translation).total == 100
    envelope = translation.envelope
    assert envelope.payment is not None
    assert envelope.cancelled is not None
    assert (envelope.payment.amount, envelope.cancelled.refunded) == (100, 100)


def test_youzans_virtual_ticket_is_refused_for_it_names_no_goods() -> None:
    translation = translate("youzan", youzan(read("youzan/trade_paid_virtual.json")))
    assert refusal(translation) == {"full_order_info.orders.0.outer_sku_id"}


@pytest.mark.parametrize(
    ("method", "read_by_us"),
    [
        (
            "taobao_trade_fullinfo_get",
            {"tid", "status", "type", "payment", "post_fee", "pay_time", "modified", "created"},
        ),
        ("taobao_refund_get", {"refund_id", "refund_fee", "tid", "modified"}),
    ],
)
def test_the_fields_we_read_are_those_of_the_platforms_dictionary(method: str, read_by_us: set[str]) -> None:
    dictionary = read(f"taobao/{method}.fields.json")["responseParams"][0]["subParams"]
    assert read_by_us <= {entry["name"] for entry in dictionary}
