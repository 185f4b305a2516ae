"""What happened outside: news, sent to the order as signals. News is never refused."""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime, Field

from models.base import Actor, Message


class PaymentEvent(StrEnum):
    """What the provider says happened to the money."""

    AUTHORISED = "authorised"
    CAPTURED = "captured"
    FAILED = "failed"
    REFUNDED = "refunded"
    REFUND_FAILED = "refund_failed"
    """A refund that was accepted came back to the provider later: the money is ours to give back again."""


class PaymentNews(Message):
    """A payment notice: ``amount`` in minor units; ``event_id`` is the provider's, and the key.

    ``reference`` is the provider's id of the payment; for REFUNDED and REFUND_FAILED ``refund_reference``
    is the refund's own id, so that our own refund, echoed back, is booked once (accident 6).
    """

    event_id: str
    event: PaymentEvent
    provider: str
    reference: str
    refund_reference: str | None = None
    amount: int = Field(ge=0)
    currency: str
    at: AwareDatetime
    so_far: int | None = Field(default=None, ge=0)
    """The sum of all such events of this payment, where that is what the provider tells: the ledger takes off
    what it knows, so that a sum told late, twice, or beside its single parts counts once (accidents 6 and 8)."""
    by: Actor | None = None
    """Who booked it, when a person did."""
    why: str = Field(default="", max_length=100)
    """The provider's code for why a refund came back."""

    @property
    def ledger_key(self) -> str:
        """What makes this movement of money the same however often and by whatever road it is told.

        One payment is captured once, told by a webhook, by the channel, or by the provider
        when we come to close it; a refund is known by its own id.
        """
        if self.event is PaymentEvent.CAPTURED:
            return f"{self.provider}:{self.reference}:captured"
        if self.event is PaymentEvent.REFUNDED:
            return f"{self.provider}:{self.refund_reference or self.event_id}:refunded"
        if self.event is PaymentEvent.REFUND_FAILED:
            return f"{self.provider}:{self.refund_reference or self.event_id}:refund-failed"
        return f"{self.provider}:{self.event_id}"


class ParcelPacked(Message):
    """The warehouse has picked and rechecked a parcel (R10); ``weight_g`` is measured."""

    parcel_no: str
    task_no: str
    picker: Actor
    rechecker: Actor
    packaging: str
    weight_g: int = Field(ge=0)


class ShortPick(Message):
    """A picker found less than the task asks for (R9)."""

    task_no: str
    sku: str
    missing: int = Field(ge=1)
    by: Actor


class ParcelSplit(Message):
    """At the packing table goods were put into a further parcel (R10); ``task_no`` is that parcel's task."""

    parcel_no: str
    new_parcel_no: str
    task_no: str
    warehouse: str
    by: Actor


class WrongGoods(Message):
    """The recheck counted other goods than the task asks for (R10, R24)."""

    task_no: str
    picker: str
    by: Actor


class CarrierState(StrEnum):
    """What a carrier's code means for the order; the codes map one to one (domain.carrier_codes)."""

    PICKED_UP = "picked_up"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    SIGNED = "signed"
    PROBLEM = "problem"
    RETURNING = "returning"
    RETURNED = "returned"
    REFUSED = "refused"


class CarrierNews(Message):
    """One tracking event. Its text stays in the vault: it can hold a phone number."""

    event_id: str
    parcel_no: str
    tracking_no: str
    state: CarrierState
    code: str
    at: AwareDatetime
    collected: int | None = Field(default=None, ge=0)
    """What the carrier collected for a cash-on-delivery parcel, in minor units (R14)."""


class ChannelCancelled(Message):
    """The channel cancelled the order; ``refunded`` (minor units) it gave back itself."""

    event_id: str
    channel: str
    reason: str = ""
    refunded: int = Field(default=0, ge=0)
    at: AwareDatetime
