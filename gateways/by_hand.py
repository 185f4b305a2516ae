"""Money that no machine gives back: cash from the door, transfers to the shop's bank account.

Whoever holds it can be asked nothing over a wire. So a refund is refused with a code that
puts it before finance, who transfer it and enter the transfer's reference.
"""

from __future__ import annotations

import httpx

from gateways.errors import Refused
from gateways.payments import ClosedPayment, PaymentState, ProviderAccess, Refunded

PARTY = "by_hand"
NOWHERE = ProviderAccess("", "")


class ByHand:
    """A payment's reference is the transfer's own, or the parcel at whose door the cash was taken."""

    def __init__(self, client: httpx.AsyncClient, access: ProviderAccess) -> None:
        del client, access

    async def close(self, reference: str, *, key: str) -> ClosedPayment:
        """Nobody can stop a buyer from transferring; what comes after the end goes back (R3)."""
        del reference, key
        return ClosedPayment("closed", 0, "")

    async def refund(self, reference: str, amount_minor: int, *, currency: str, key: str) -> Refunded:
        """Refused: a person has to give it back."""
        del reference, amount_minor, currency, key
        raise Refused(PARTY, "give_back_by_hand")

    async def find(self, reference: str) -> PaymentState:
        """Refused: there is nobody to ask."""
        del reference
        raise Refused(PARTY, "nobody_to_ask")
