"""What a channel's message tells besides the order itself: money taken, money given back, the end.

Event ids are made from what happened, not from the delivery, so that the same news by
another road, or in another order of arrival, stays the same news (accidents 6 and 8).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from models.inbox import RefundTotal
from models.news import ChannelCancelled, PaymentEvent, PaymentNews
from models.order import order_number


@dataclass(frozen=True)
class Teller:
    """News of one order of one channel; amounts in minor units of ``currency``.

    The channel itself holds the money, so it is the provider, and its order id the reference.
    """

    channel: str
    order_id: str
    currency: str

    @property
    def order_no(self) -> str:
        """Our number of the order."""
        return order_number(self.channel, self.order_id)

    def captured(self, amount: int, at: datetime) -> PaymentNews:
        """The channel holds the whole amount."""
        captured = self._payment(PaymentEvent.CAPTURED, "captured", amount, at)
        return captured.model_copy(update={"so_far": amount})

    def captured_so_far(self, amount: int, at: datetime) -> PaymentNews:
        """The channel holds a part of the amount; more may come."""
        captured = self._payment(PaymentEvent.CAPTURED, f"captured:{amount}", amount, at)
        return captured.model_copy(update={"so_far": amount})

    def failed(self, amount: int, at: datetime) -> PaymentNews:
        """The buyer tried to pay and could not; another try may follow (accident 4)."""
        return self._payment(PaymentEvent.FAILED, f"failed:{at.isoformat()}", amount, at)

    def refunded(self, refund_id: str, amount: int, at: datetime) -> PaymentNews:
        """One refund, known by an id of its own."""
        return self._payment(PaymentEvent.REFUNDED, f"refund:{refund_id}", amount, at, refund_id)

    def refunded_so_far(self, amount: int, at: datetime) -> RefundTotal:
        """The sum of all refunds; what the ledger knows already is subtracted when it is forwarded."""
        return RefundTotal(
            event_id=self._id(f"refunded:{amount}"),
            provider=self.channel,
            reference=self.order_id,
            refunded=amount,
            currency=self.currency,
            at=at,
        )

    def cancelled(self, reason: str, refunded: int, at: datetime) -> ChannelCancelled:
        """The channel ended the order, having given back ``refunded`` so far."""
        return ChannelCancelled(
            event_id=self._id(f"cancelled:{refunded}"), channel=self.channel, reason=reason, refunded=refunded, at=at
        )

    def _payment(
        self, event: PaymentEvent, what: str, amount: int, at: datetime, refund_id: str | None = None
    ) -> PaymentNews:
        return PaymentNews(
            event_id=self._id(what),
            event=event,
            provider=self.channel,
            reference=self.order_id,
            refund_reference=refund_id,
            amount=amount,
            currency=self.currency,
            at=at,
        )

    def _id(self, what: str) -> str:
        return f"{self.channel}:{self.order_id}:{what}"
