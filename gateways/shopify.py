"""Money that was captured at Shopify: closed and refunded through the shop's Admin interface.

A payment's reference is the Shopify order id.
"""

from __future__ import annotations

from typing import Any

import httpx

from domain.money import decimal_text, minor_units
from gateways.errors import Refused
from gateways.http import reading
from gateways.payments import ClosedPayment, PaymentState, ProviderAccess, Refunded
from gateways.shopify_admin import PARTY, ShopifyAdmin, order_path

_CAPTURING = frozenset({"sale", "capture"})


class ShopifyPayments:
    """The same three acts as every provider (R3)."""

    def __init__(self, client: httpx.AsyncClient, access: ProviderAccess) -> None:
        self._admin = ShopifyAdmin(client, access)

    async def close(self, reference: str, *, key: str) -> ClosedPayment:
        """Cancel the order at the channel, then look whether money had come in (R3, T1)."""
        del key  # Cancelling is idempotent by nature; Shopify's REST takes no key.
        # Cancel first and look afterwards: the other way round a payment could land in between.
        refusal = await self._cancel(reference)
        state = await self.find(reference)
        if state.state == "captured":
            return ClosedPayment("captured", state.captured_minor, state.currency)
        if refusal is not None and state.state != "closed":
            raise refusal
        return ClosedPayment("closed", 0, state.currency)

    async def refund(self, reference: str, amount_minor: int, *, currency: str, key: str) -> Refunded:
        """Refund against what was captured, unless a refund with this key is there already."""
        # Shopify has no idempotency key for refunds; the key in the refund's note is how a
        # retry after a lost answer finds its own first attempt (accident 6).
        for earlier in await self._admin.get(f"{order_path(reference)}/refunds.json", "refunds"):
            if isinstance(earlier, dict) and earlier.get("note") == key:
                return _refunded(earlier, currency)
        parents = await self._refundable(reference, currency)
        body = {
            "currency": currency,
            "note": key,
            "notify": False,
            "transactions": _spread(amount_minor, currency, parents),
        }
        made = await self._admin.post(f"{order_path(reference)}/refunds.json", {"refund": body}, "refund")
        return _refunded(made, currency)

    async def find(self, reference: str) -> PaymentState:
        """Read the order and its money movements."""
        order = await self._admin.get(f"{order_path(reference)}.json", "order", fields="id,currency,cancelled_at")
        moves = await self._admin.get(f"{order_path(reference)}/transactions.json", "transactions")
        with reading(PARTY):
            currency = str(order["currency"])
            captured = _sum(moves, _CAPTURING, currency)
            refunded = _sum(moves, frozenset({"refund"}), currency)
            cancelled = order.get("cancelled_at") is not None
        if captured > 0:
            return PaymentState(reference, "captured", captured, refunded, currency)
        return PaymentState(reference, "closed" if cancelled else "open", 0, refunded, currency)

    async def _cancel(self, reference: str) -> Refused | None:
        try:
            await self._admin.post(f"{order_path(reference)}/cancel.json", {}, "order")
        except Refused as refused:
            # 422 is both "already cancelled" and "cannot be cancelled"; the order itself tells which.
            if refused.status != 422:
                raise
            return refused
        return None

    async def _refundable(self, reference: str, currency: str) -> list[dict[str, Any]]:
        """The captures that can still be refunded, as Shopify itself calculates them."""
        answer = await self._admin.post(
            f"{order_path(reference)}/refunds/calculate.json", {"refund": {"currency": currency}}, "refund"
        )
        with reading(PARTY):
            return list(answer["transactions"])


def _spread(amount_minor: int, currency: str, parents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Cover the amount from one capture after the other; Refused if they do not hold enough."""
    moves, rest = [], amount_minor
    with reading(PARTY):
        for parent in parents:
            part = min(rest, minor_units(parent["maximum_refundable"], currency))
            if part > 0:
                moves.append(_move(parent, part, currency))
                rest -= part
    if rest > 0:
        raise Refused(PARTY, "amount_exceeds_captured")
    return moves


def _move(parent: dict[str, Any], part_minor: int, currency: str) -> dict[str, Any]:
    return {
        "parent_id": parent["parent_id"],
        "amount": decimal_text(part_minor, currency),
        "kind": "refund",
        "gateway": parent["gateway"],
    }


def _refunded(refund: dict[str, Any], currency: str) -> Refunded:
    with reading(PARTY):
        moves = refund["transactions"]
        failed = [move for move in moves if move["status"] in ("failure", "error")]
        amount = sum(minor_units(move["amount"], currency) for move in moves)
        reference = str(refund["id"])
    if failed:
        raise Refused(PARTY, "refund_failed")
    return Refunded(reference, amount)


def _sum(moves: list[dict[str, Any]], kinds: frozenset[str], currency: str) -> int:
    return sum(
        minor_units(move["amount"], currency) for move in moves if move["kind"] in kinds and move["status"] == "success"
    )
