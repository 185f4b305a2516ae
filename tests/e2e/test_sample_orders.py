"""The sample orders are orders: the doors they are meant for can read every one of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from api.adapters import Terms
from api.schemas.intake import NewOrder
from dev.catalogue import BOOK, CUP, OOLONG, PRODUCTS, SCARF
from dev.demo.buyers import buyer
from dev.demo.canonical import Basket, Wanted, order_body
from dev.demo.shopify_orders import order_webhook
from domain.money import PaymentMethod
from models.channels import shopify_order
from models.order import Policy
from runtime.postal import address_faults, phone_faults

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
BASKETS: Sequence[Basket] = (
    Basket((Wanted(OOLONG, 2),)),
    Basket((Wanted(OOLONG, 2), Wanted(OOLONG, 3, discount=1_000)), cash_on_delivery=True),
    Basket((Wanted(BOOK),), shipping=0, voucher=BOOK.price),
    Basket((Wanted(CUP), Wanted(SCARF)), shipping=1_200, voucher=500, promotion=True),
)


@pytest.mark.parametrize("basket", BASKETS)
def test_a_canonical_sample_is_accepted_as_it_is(basket: Basket) -> None:
    body = order_body(
        basket, buyer("1", "x"), channel="site", channel_order_id="demo-1", placed_at=NOW, reference="pi_demo_1"
    )

    order = NewOrder.model_validate(body)

    assert order.total == basket.total
    assert (order.payment.method is PaymentMethod.CASH_ON_DELIVERY) is basket.cash_on_delivery


@pytest.mark.parametrize("basket", [basket for basket in BASKETS if not basket.cash_on_delivery])
def test_a_shopify_sample_becomes_the_same_order(basket: Basket) -> None:
    body = order_webhook(basket, buyer("1", "x"), order_id=5_000_000_001, placed_at=NOW, paid=True, with_address=True)

    order, faults = shopify_order.read(body, "5000000001", Terms(contact_id="ct_1", policy=Policy()))

    assert not faults
    assert order is not None
    assert order.total == basket.total
    assert [(line.sku, line.quantity) for line in order.lines] == [
        (wanted.product.sku, wanted.quantity) for wanted in basket.lines
    ]


def test_a_shopify_sample_without_address_names_nobody() -> None:
    body = order_webhook(BASKETS[0], buyer("1", "x"), order_id=1, placed_at=NOW, paid=True, with_address=False)

    person = shopify_order.person(body)

    assert (person.name, person.phone, person.address) == (None, None, None)


def test_sample_buyers_live_at_addresses_and_have_phones_that_the_review_believes() -> None:
    for number in range(200):
        person = buyer(str(number), "x")
        home = person.address
        assert address_faults(home.country, home.region, home.city, home.postcode, home.street) == []
        assert phone_faults(person.phone, home.country) == []


def test_another_run_has_other_buyers_so_that_no_history_is_inherited() -> None:
    first, second = buyer("1", "paid-online"), buyer("2", "paid-online")

    assert first == buyer("1", "paid-online")
    assert first.phone != second.phone
    assert first.account != second.account
    assert first.address != second.address


def test_no_two_products_share_a_barcode_or_a_bin() -> None:
    barcodes = [product.barcode for product in PRODUCTS]
    bins = [(lot.warehouse, lot.bin) for product in PRODUCTS for lot in product.lots]

    assert len(set(barcodes)) == len(PRODUCTS)
    assert len(set(bins)) == len(bins)
