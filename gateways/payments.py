"""What the shop asks of whoever holds the buyer's money; each provider is one module beside this one.

All amounts are integers in the currency's minor unit; currencies are upper-case ISO 4217.
``key`` is the idempotency key of the step (order + step, never random): the same key asked
twice has one effect.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class ProviderAccess:
    """Where a provider is and the secret that opens it."""

    base: str
    secret: str

    def __repr__(self) -> str:
        return f"ProviderAccess(base={self.base!r})"


@dataclass(frozen=True, slots=True)
class ClosedPayment:
    """How closing ended: "closed" (nothing can be paid any more) or "captured" (the money was faster)."""

    state: Literal["closed", "captured"]
    captured_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Refunded:
    """One refund the provider has accepted."""

    refund_reference: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class PaymentState:
    """What the provider knows of one payment; captured_minor does not shrink by refunds."""

    reference: str
    state: Literal["open", "captured", "closed"]
    captured_minor: int
    refunded_minor: int
    currency: str


class PaymentProvider(Protocol):
    """The three things the shop does with a payment (R3). Each raises Unavailable or Refused."""

    async def close(self, reference: str, *, key: str) -> ClosedPayment:
        """See to it that an unpaid payment can no longer be paid; if it is paid already, say so (T1)."""

    async def refund(self, reference: str, amount_minor: int, *, currency: str, key: str) -> Refunded:
        """Give back ``amount_minor``; Refused if that is more than is left of what was captured."""

    async def find(self, reference: str) -> PaymentState:
        """Ask how the payment stands; used when a webhook may have been lost."""
