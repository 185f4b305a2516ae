"""What makes an order refusable, asked of data that may still be wrong everywhere (R2, R19).

The checks that join several fields take whatever was sent and look only at what can be
looked at, so that every fault is named in one answer, the total beside the missing SKU.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.money import EXPONENT

LARGEST_AMOUNT = 10**13
"""In minor units; it keeps every sum within the database's 64 bits."""

LONGEST_SKU, LONGEST_TITLE, LONGEST_NAME, LONGEST_STREET, LONGEST_REMARK = 100, 300, 120, 400, 2_000
MOST_LINES, LARGEST_QUANTITY = 500, 100_000


@dataclass(frozen=True)
class Fault:
    """``field`` is a dotted path into what was sent (``lines.0.sku``); ``problem`` never holds a value."""

    field: str
    problem: str


def currency_fault(currency: str) -> str | None:
    """Refuse a currency whose minor unit we do not know: guessing is off by a factor of a hundred."""
    if currency in EXPONENT:
        return None
    return f"is not a currency this shop takes; known: {', '.join(sorted(EXPONENT))}"


def sum_faults(order: Mapping[str, Any]) -> list[Fault]:
    """Whether total and discounts add up, as far as the amounts given are amounts."""
    lines = order.get("lines")
    if not isinstance(lines, Sequence) or isinstance(lines, str | bytes):
        return []
    goods = [_goods(line) for line in lines]
    faults = [
        Fault(f"lines.{number}.discount", "is more than the line comes to")
        for number, amount in enumerate(goods)
        if amount is not None and amount < 0
    ]
    charges = [_amount(order.get(name, 0)) for name in ("shipping", "tax", "discount")]
    total = _amount(order.get("total"))
    amounts = [*goods, *charges, total]
    if not lines or faults or any(amount is None for amount in amounts):
        return faults
    shipping, tax, discount = (amount or 0 for amount in charges)
    expected = sum(amount or 0 for amount in goods) + shipping + tax - discount
    if total != expected:
        faults.append(Fault("total", f"does not add up: lines, shipping, tax and discount come to {expected}"))
    return faults


def _goods(line: object) -> int | None:
    """What one line comes to, or None while one of its amounts is not one."""
    if not isinstance(line, Mapping):
        return None
    quantity, price = _amount(line.get("quantity")), _amount(line.get("unit_price"))
    discount = _amount(line.get("discount", 0))
    if not quantity or price is None or discount is None:
        return None
    return quantity * price - discount


def _amount(value: object) -> int | None:
    """An integer that is not negative and not absurd; anything else has a fault of its own already."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= LARGEST_AMOUNT else None
