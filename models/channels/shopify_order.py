"""A Shopify order in our words, with every fault named as Shopify names the field (R2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from domain import intake
from domain.intake import Fault
from domain.money import PaymentMethod
from models.channels.reading import Amounts, Names, canonical, joined, moment, no_moment, part, parts, text
from models.order import PlaceOrder, order_number
from models.person import Address, Person
from models.translation import Terms

CHANNEL = "shopify"
WITH_OFFSET = None
"""Shopify writes an offset on every time; one without is no time."""
_CASH_ON_DELIVERY = "cash on delivery"
_SHIPPING = "total_shipping_price_set.shop_money.amount"

_NAMES = Names(
    "line_items",
    {
        "placed_at": "created_at", "shipping": _SHIPPING, "tax": "total_tax", "discount": "total_discounts",
        "total": "total_price",
    },
    {"unit_price": "price", "discount": "discount_allocations", "title": "name"},
)  # fmt: skip


def read(body: Mapping[str, Any], order_id: str, terms: Terms) -> tuple[PlaceOrder | None, tuple[Fault, ...]]:
    """The canonical order; or None, and every reason why it cannot be one."""
    amounts = Amounts(body.get("currency"))
    draft = _draft(body, order_id, amounts)
    undated = [] if draft["placed_at"] else [no_moment("created_at", WITH_OFFSET)]
    return canonical(draft, [*amounts.faults, *undated], _NAMES, terms)


def person(body: Mapping[str, Any]) -> Person:
    """Who ordered, as far as Shopify says; what is missing is found by the review (R6, R19)."""
    customer, shipping = part(body, "customer"), part(body, "shipping_address")
    names, account = joined(text(customer, "first_name"), text(customer, "last_name")), _account(customer)
    return Person(
        name=text(shipping, "name") or names or None,
        phone=text(shipping, "phone") or text(body, "phone") or text(customer, "phone"),
        address=_address(shipping) if shipping else None,
        remark=text(body, "note", longest=intake.LONGEST_REMARK),
        email=text(body, "email") or text(customer, "email"),
        account=f"{CHANNEL}:{account}" if account else None,
    )


def payment_method(body: Mapping[str, Any]) -> PaymentMethod:
    """Cash on delivery has a gateway of its own at Shopify; everything else is paid online (R4)."""
    names = body.get("payment_gateway_names")
    gateways = [*names, body.get("gateway")] if isinstance(names, list) else [body.get("gateway")]
    if any(isinstance(name, str) and _CASH_ON_DELIVERY in name.casefold() for name in gateways):
        return PaymentMethod.CASH_ON_DELIVERY
    return PaymentMethod.ONLINE


def _draft(body: Mapping[str, Any], order_id: str, amounts: Amounts) -> dict[str, Any]:
    """Our field names with whatever values could be read."""
    lines = [_line(item, number, amounts) for number, item in enumerate(parts(body, "line_items"))]
    method = payment_method(body)
    online = method is PaymentMethod.ONLINE
    return {
        "order_no": order_number(CHANNEL, order_id),
        "channel": CHANNEL,
        "channel_order_id": order_id,
        "lines": lines,
        "currency": amounts.currency,
        "shipping": _charges(body, amounts),
        "tax": 0 if body.get("taxes_included") is True else amounts.read(body.get("total_tax"), "total_tax", missing=0),
        "discount": _order_discount(body, lines, amounts),
        "total": amounts.read(body.get("total_price"), "total_price"),
        "payment_method": method,
        "payment_provider": CHANNEL if online else None,
        "payment_reference": order_id if online else None,
        "placed_at": _first(moment(body.get(name), WITH_OFFSET) for name in ("processed_at", "created_at")),
    }


def _line(item: Mapping[str, Any], number: int, amounts: Amounts) -> dict[str, Any]:
    sku, quantity = text(item, "sku"), item.get("quantity")
    return {
        "line_no": number + 1,
        "sku": sku or "",
        "title": (text(item, "name") or text(item, "title") or "")[: intake.LONGEST_TITLE],
        # pydantic would read the text "2" as a number; Shopify sends whole numbers.
        "quantity": quantity if isinstance(quantity, int) and not isinstance(quantity, bool) else None,
        "unit_price": amounts.read(item.get("price"), f"line_items.{number}.price"),
        "discount": _line_discount(item, number, amounts),
    }


def _line_discount(item: Mapping[str, Any], number: int, amounts: Amounts) -> int | None:
    return _sum(
        amounts.read(share.get("amount"), f"line_items.{number}.discount_allocations.{place}.amount")
        for place, share in enumerate(parts(item, "discount_allocations"))
    )


def _order_discount(body: Mapping[str, Any], lines: list[dict[str, Any]], amounts: Amounts) -> int | None:
    """What of the discounts no line bears: a discount on the shipping, for instance."""
    total = amounts.read(body.get("total_discounts"), "total_discounts", missing=0)
    borne = _sum(line["discount"] for line in lines)
    return None if total is None or borne is None else max(0, total - borne)


def _charges(body: Mapping[str, Any], amounts: Amounts) -> int | None:
    """Shipping; tips and duties are charges without a field of their own and stand with it."""
    shipping = part(body, "total_shipping_price_set", "shop_money").get("amount")
    duties = part(body, "original_total_duties_set", "shop_money").get("amount")
    charges = (
        amounts.read(shipping, _SHIPPING, missing=0),
        amounts.read(body.get("total_tip_received"), "total_tip_received", missing=0),
        amounts.read(duties, "original_total_duties_set.shop_money.amount", missing=0),
    )
    return _sum(charges)


def _sum(amounts: Iterable[int | None]) -> int | None:
    """The sum, or None while one of them could not be read."""
    known = tuple(amounts)
    return None if None in known else sum(amount or 0 for amount in known)


def _address(shipping: Mapping[str, Any]) -> Address:
    street = joined(text(shipping, "address1"), text(shipping, "address2"))
    return Address(
        country=text(shipping, "country_code", longest=2) or "",
        region=text(shipping, "province") or "",
        city=text(shipping, "city") or "",
        street=street,
        postcode=text(shipping, "zip") or "",
    )


def _account(customer: Mapping[str, Any]) -> str | None:
    """Shopify's number of the customer."""
    number = customer.get("id")
    return str(number) if isinstance(number, int) and not isinstance(number, bool) else text(customer, "id")


def _first(moments: Iterable[datetime | None]) -> datetime | None:
    return next((moment for moment in moments if moment), None)
