"""Orders of a Shopify shop, as its webhooks carry them: strings for money, offsets on times.

Written from Shopify's published webhook format; every value is our own invention.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dev.demo.buyers import Buyer
from dev.demo.canonical import Basket, Wanted
from domain.money import decimal_text

GATEWAY = "sample_gateway"


def order_webhook(
    basket: Basket, buyer: Buyer, *, order_id: int, placed_at: datetime, paid: bool, with_address: bool
) -> dict[str, Any]:
    """The body of ``orders/create`` for this basket."""
    number = order_id % 100_000
    return {
        "id": order_id,
        "admin_graphql_api_id": f"gid://shopify/Order/{order_id}",
        "name": f"#{number}",
        "number": number,
        "order_number": number,
        "created_at": placed_at.isoformat(),
        "processed_at": placed_at.isoformat(),
        "updated_at": placed_at.isoformat(),
        "cancelled_at": None,
        "cancel_reason": None,
        "confirmed": True,
        "test": False,
        "currency": "CNY",
        "presentment_currency": "CNY",
        "taxes_included": False,
        "tax_lines": [],
        "financial_status": "paid" if paid else "pending",
        "fulfillment_status": None,
        "payment_gateway_names": [GATEWAY],
        "note": buyer.remark,
        "source_name": "web",
        "refunds": [],
        "fulfillments": [],
        "line_items": [_line_item(order_id, place, line) for place, line in enumerate(basket.lines, start=1)],
        **_amounts(basket),
        **(_person(buyer) if with_address else {}),
    }


def _line_item(order_id: int, place: int, line: Wanted) -> dict[str, Any]:
    return {
        "id": order_id * 100 + place,
        "sku": line.product.sku,
        "title": line.product.title,
        "name": line.product.title,
        "quantity": line.quantity,
        "price": _text(line.product.price),
        "total_discount": _text(line.discount),
        "discount_allocations": [{"amount": _text(line.discount)}] if line.discount else [],
        "grams": line.product.weight_g,
        "requires_shipping": True,
        "taxable": False,
        "gift_card": False,
        "tax_lines": [],
    }


def _amounts(basket: Basket) -> dict[str, Any]:
    goods = sum(line.quantity * line.product.price for line in basket.lines)
    discounts = sum(line.discount for line in basket.lines) + basket.voucher
    shipping = _text(basket.shipping)
    return {
        "subtotal_price": _text(goods - discounts),
        "total_line_items_price": _text(goods),
        "total_discounts": _text(discounts),
        "total_shipping_price_set": {"shop_money": {"amount": shipping, "currency_code": "CNY"}},
        "shipping_lines": [{"title": "Standard", "price": shipping, "discounted_price": shipping, "tax_lines": []}],
        "total_tax": "0.00",
        "total_price": _text(basket.total),
        "total_outstanding": _text(basket.total),
    }


def _person(buyer: Buyer) -> dict[str, Any]:
    place = {
        "name": buyer.name,
        "first_name": buyer.name[:2],
        "last_name": buyer.name[2:],
        "phone": buyer.phone,
        "address1": buyer.address.street,
        "address2": buyer.address.district,
        "city": buyer.address.city,
        "province": buyer.address.region,
        "country": "China",
        "country_code": buyer.address.country,
        "zip": buyer.address.postcode,
    }
    customer = {"id": int(buyer.phone[-8:]), "first_name": buyer.name[:2], "last_name": buyer.name[2:]}
    contact = {"phone": buyer.phone, "email": f"{buyer.account}@buyers.example"}
    return {
        **contact,
        "customer": {**customer, **contact},
        "shipping_address": place,
        "billing_address": place,
    }


def cancelled_webhook(order: dict[str, Any], refund: dict[str, Any], at: datetime) -> dict[str, Any]:
    """The body of ``orders/cancelled`` after the shop itself gave the money back."""
    return order | {
        "cancelled_at": at.isoformat(),
        "updated_at": at.isoformat(),
        "cancel_reason": "customer",
        "financial_status": "refunded",
        "refunds": [refund | {"created_at": at.isoformat(), "refund_line_items": []}],
    }


def _text(amount: int) -> str:
    return decimal_text(amount, "CNY")
