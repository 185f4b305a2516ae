"""Money that WooCommerce's payment plug-in holds: refunded and closed through the shop's REST interface.

A payment's reference is the WooCommerce order id.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from domain.money import decimal_text, minor_units
from gateways.http import reading
from gateways.payments import ClosedPayment, PaymentState, Refunded
from gateways.platforms import PlatformAccess
from gateways.woocommerce_rest import PARTY, WooRest, order_path

_ENDED = frozenset({"cancelled", "refunded", "trash", "failed"})


class WooPayments:
    """The same three acts as every provider (R3)."""

    def __init__(self, client: httpx.AsyncClient, access: PlatformAccess) -> None:
        self._rest = WooRest(client, access)

    async def close(self, reference: str, *, key: str) -> ClosedPayment:
        """Cancel the order there, then look whether money had come in (R3, T1)."""
        del key  # Cancelling is idempotent by nature.
        state = await self.find(reference)
        if state.state == "open":
            # Cancelled first and looked at again: a payment could land in between.
            await self._rest.put(order_path(reference), {"status": "cancelled"})
            state = await self.find(reference)
        if state.state == "captured":
            return ClosedPayment("captured", state.captured_minor, state.currency)
        return ClosedPayment("closed", 0, state.currency)

    async def refund(self, reference: str, amount_minor: int, *, currency: str, key: str) -> Refunded:
        """Refund through the payment plug-in, unless a refund with this key is there already."""
        # WooCommerce takes no idempotency key; the key as the refund's reason is how a retry
        # after a lost answer finds its own first attempt (accident 6).
        path = f"{order_path(reference)}/refunds"
        earlier, _ = await self._rest.listed(path, {"per_page": "100"})
        for one in earlier:
            if one.get("reason") == key:
                return _refunded(one, currency)
        amount = decimal_text(amount_minor, currency)
        return _refunded(await self._rest.post(path, {"amount": amount, "reason": key, "api_refund": True}), currency)

    async def find(self, reference: str) -> PaymentState:
        """Read the order: it was paid if it says when; what was given back stands as negative amounts."""
        order = await self._rest.get(order_path(reference))
        with reading(PARTY):
            currency = str(order["currency"])
            paid = minor_units(order["total"], currency) if order.get("date_paid_gmt") else 0
            refunded = sum(abs(minor_units(one["total"], currency)) for one in order.get("refunds", []))
            ended = order["status"] in _ENDED
        if paid:
            return PaymentState(reference, "captured", paid, refunded, currency)
        return PaymentState(reference, "closed" if ended else "open", 0, refunded, currency)


def _refunded(refund: Mapping[str, Any], currency: str) -> Refunded:
    with reading(PARTY):
        return Refunded(str(refund["id"]), abs(minor_units(refund["amount"], currency)))
