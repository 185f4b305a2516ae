"""Orders of the shop's own channels, as they post them to ``POST /v1/orders``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from dev.catalogue import Product
from dev.demo.buyers import Buyer


@dataclass(frozen=True)
class Wanted:
    """One line: amounts in minor units."""

    product: Product
    quantity: int = 1
    discount: int = 0

    @property
    def comes_to(self) -> int:
        """Price of the line after its discount."""
        return self.quantity * self.product.price - self.discount


@dataclass(frozen=True)
class Basket:
    """What is ordered and how it is paid; ``voucher`` is taken off the whole, in minor units."""

    lines: Sequence[Wanted]
    shipping: int = 800
    voucher: int = 0
    cash_on_delivery: bool = False
    promotion: bool = False

    @property
    def total(self) -> int:
        """What the buyer owes, in minor units."""
        return sum(line.comes_to for line in self.lines) + self.shipping - self.voucher


def order_body(
    basket: Basket, buyer: Buyer, *, channel: str, channel_order_id: str, placed_at: datetime, reference: str | None
) -> dict[str, Any]:
    """The body of ``POST /v1/orders``; ``reference`` is the payment that the buyer will make at Stripe."""
    return {
        "channel": channel,
        "channel_order_id": channel_order_id,
        "buyer": {"name": buyer.name, "phone": buyer.phone, "account": buyer.account},
        "address": asdict(buyer.address),
        "remark": buyer.remark,
        "lines": [_line(line) for line in basket.lines],
        "currency": "CNY",
        "shipping": basket.shipping,
        "tax": 0,
        "discount": basket.voucher,
        "total": basket.total,
        "payment": _payment(basket, reference),
        "placed_at": placed_at.isoformat(),
        "promotion": basket.promotion,
        "promised_speed": "standard",
    }


def _line(line: Wanted) -> dict[str, Any]:
    return {
        "sku": line.product.sku,
        "title": line.product.title,
        "quantity": line.quantity,
        "unit_price": line.product.price,
        "discount": line.discount,
    }


def _payment(basket: Basket, reference: str | None) -> dict[str, Any]:
    if basket.cash_on_delivery:
        return {"method": "cod"}
    if reference is None:
        return {"method": "online"}
    return {"method": "online", "provider": "stripe", "reference": reference}
