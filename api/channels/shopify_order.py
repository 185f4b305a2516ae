"""A Shopify order in our words, with every fault named as Shopify names the field (R2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from api.adapters import Terms
from api.problems import faults_of
from domain import intake
from domain.intake import Fault
from domain.money import PaymentMethod, minor_units
from models.order import PlaceOrder, order_number
from store.contacts import Address, Person

CHANNEL = "shopify"
_CASH_ON_DELIVERY = "cash on delivery"

# Where our field comes from, for naming a fault as the sender knows it.
_THEIRS = {"lines": "line_items", "unit_price": "price", "total": "total_price", "placed_at": "created_at"}


class Amounts:
    """Reads the decimal texts of one message, and remembers which cannot be read."""

    def __init__(self, currency: object) -> None:
        self.faults: list[Fault] = []
        self._currency = currency if isinstance(currency, str) else ""
        if problem := intake.currency_fault(self._currency):
            self.faults.append(Fault("currency", problem))

    @property
    def currency(self) -> str:
        """The order's currency, as it was sent."""
        return self._currency

    def read(self, value: object, field: str, *, missing: int | None = None) -> int | None:
        """Minor units, or None with a fault noted; an absent amount counts as ``missing``."""
        if value is None and missing is not None:
            return missing
        if any(fault.field == "currency" for fault in self.faults):
            return None
        try:
            amount = minor_units(str(value), self._currency)
        except ValueError:
            self.faults.append(Fault(field, "is not an amount of that currency"))
            return None
        if not 0 <= amount <= intake.LARGEST_AMOUNT:
            self.faults.append(Fault(field, "is negative, or too large"))
            return None
        return amount


def read(body: Mapping[str, Any], order_id: str, terms: Terms) -> tuple[PlaceOrder | None, list[Fault]]:
    """The canonical order; or None, and every reason why it cannot be one."""
    amounts = Amounts(body.get("currency"))
    draft = _draft(body, order_id, amounts)
    faults = [*amounts.faults, *_renamed(intake.sum_faults(draft))]
    try:
        order = PlaceOrder.model_validate({**draft, "contact_id": terms.contact_id, "policy": terms.policy})
    except ValidationError as error:
        # The model as a whole complains of the total too; the sums above have named it already.
        named = {"body", *(fault.field for fault in faults)}
        shape = [fault for fault in _renamed(faults_of(error.errors())) if fault.field not in named]
        return None, faults + shape or [Fault("body", "is no order")]
    return (None, faults) if faults else (order, [])


def person(body: Mapping[str, Any]) -> Person:
    """Who ordered, as far as Shopify says; what is missing is found by the review (R6, R19)."""
    customer, shipping = _part(body, "customer"), _part(body, "shipping_address")
    names = " ".join(filter(None, (_text(customer, "first_name"), _text(customer, "last_name"))))
    account = customer.get("id")
    return Person(
        name=_text(shipping, "name") or names or None,
        phone=_text(shipping, "phone") or _text(body, "phone") or _text(customer, "phone"),
        address=_address(shipping) if shipping else None,
        remark=_text(body, "note", longest=intake.LONGEST_REMARK),
        email=_text(body, "email") or _text(customer, "email"),
        account=f"{CHANNEL}:{account}" if account is not None else None,
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
    sent = body.get("line_items")
    items = sent if isinstance(sent, list) else []
    lines = [_line(item, number, amounts) for number, item in enumerate(items)]
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
        "placed_at": body.get("processed_at") or body.get("created_at"),
    }


def _line(item: object, number: int, amounts: Amounts) -> dict[str, Any]:
    if not isinstance(item, dict):
        return {}
    sku, quantity = _text(item, "sku"), item.get("quantity")
    return {
        "line_no": number + 1,
        "sku": sku or "",
        "title": (_text(item, "name") or _text(item, "title") or "")[: intake.LONGEST_TITLE],
        # pydantic would read the text "2" as a number; Shopify sends whole numbers.
        "quantity": quantity if isinstance(quantity, int) and not isinstance(quantity, bool) else None,
        "unit_price": amounts.read(item.get("price"), f"line_items.{number}.price"),
        "discount": _line_discount(item, number, amounts),
    }


def _line_discount(item: Mapping[str, Any], number: int, amounts: Amounts) -> int | None:
    allocations = item.get("discount_allocations")
    parts = [
        amounts.read(_part_of(part).get("amount"), f"line_items.{number}.discount_allocations.{place}.amount")
        for place, part in enumerate(allocations if isinstance(allocations, list) else [])
    ]
    return None if None in parts else sum(part or 0 for part in parts)


def _order_discount(body: Mapping[str, Any], lines: list[dict[str, Any]], amounts: Amounts) -> int | None:
    """What of the discounts no line bears: a discount on the shipping, for instance."""
    total = amounts.read(body.get("total_discounts"), "total_discounts", missing=0)
    borne = [line.get("discount") for line in lines]
    if total is None or None in borne:
        return None
    return max(0, total - sum(part or 0 for part in borne))


def _charges(body: Mapping[str, Any], amounts: Amounts) -> int | None:
    """Shipping; tips and duties are charges without a field of their own and stand with it."""
    duties = _part(_part(body, "original_total_duties_set"), "shop_money").get("amount")
    parts = [
        amounts.read(_shipping(body), "total_shipping_price_set.shop_money.amount", missing=0),
        amounts.read(body.get("total_tip_received"), "total_tip_received", missing=0),
        amounts.read(duties, "original_total_duties_set.shop_money.amount", missing=0),
    ]
    return None if None in parts else sum(part or 0 for part in parts)


def _shipping(body: Mapping[str, Any]) -> object:
    return _part(_part(body, "total_shipping_price_set"), "shop_money").get("amount")


def _address(shipping: Mapping[str, Any]) -> Address:
    street = " ".join(filter(None, (_text(shipping, "address1"), _text(shipping, "address2"))))
    return Address(
        country=_text(shipping, "country_code", longest=2) or "",
        region=_text(shipping, "province") or "",
        city=_text(shipping, "city") or "",
        street=street,
        postcode=_text(shipping, "zip") or "",
    )


def _part(whole: Mapping[str, Any], name: str) -> dict[str, Any]:
    return _part_of(whole.get(name))


def _part_of(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(part: Mapping[str, Any], name: str, *, longest: int = 400) -> str | None:
    """A text without control signs, cut where nobody could read on; None when there is none."""
    value = part.get(name)
    if not isinstance(value, str):
        return None
    readable = "".join(sign if sign.isprintable() else " " for sign in value).strip()
    return readable[:longest] or None


def _renamed(faults: list[Fault]) -> list[Fault]:
    return [
        Fault(".".join(_THEIRS.get(part, part) for part in fault.field.split(".")), fault.problem) for fault in faults
    ]
