"""What the inbox keeps of a message, sealed, and what is forwarded to the order.

A message from outside was translated at the door; here are only canonical shapes, and a
contact id where a person was. So forwarding needs no knowledge of any channel.
"""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from models.base import Message
from models.news import CarrierState, ChannelCancelled, ParcelPacked, ParcelSplit, PaymentNews, ShortPick, WrongGoods
from models.order import PlaceOrder


class RefundTotal(Message):
    """A provider says how much of one payment went back so far, in minor units.

    Stripe's ``charge.refunded`` names no single refund. What the ledger knows of already
    (our own refunds, echoed) is subtracted when the sum is booked (accident 6).
    ``before`` is the sum before this refund, where the provider says so.
    """

    event_id: str
    provider: str
    reference: str
    refunded: int = Field(ge=0)
    before: int | None = Field(default=None, ge=0)
    currency: str
    at: AwareDatetime


class TrackingEvent(Message):
    """One event of a carrier's trace; ``text`` can hold a phone number and stays sealed (R21)."""

    event_id: str
    state: CarrierState
    code: str
    at: AwareDatetime
    text: str = Field(default="", repr=False)


class Trace(Message):
    """A carrier's push: all events it knows of one tracking number, oldest first (R13)."""

    tracking_no: str
    events: tuple[TrackingEvent, ...]


class Envelope(Message):
    """The canonical content of one message: what to start, and what to tell, in this order.

    ``order_no`` is None where only the ledger or a parcel can say whose message it is.
    """

    order_no: str | None = None
    start: PlaceOrder | None = None
    payment: PaymentNews | None = None
    refund_total: RefundTotal | None = None
    cancelled: ChannelCancelled | None = None
    trace: Trace | None = None
    packed: ParcelPacked | None = None
    split: ParcelSplit | None = None
    short_pick: ShortPick | None = None
    wrong_goods: WrongGoods | None = None


class RedeliverInbox(Message):
    """Forward what is due in the inbox at ``at`` (workflow time), at most ``limit`` messages."""

    at: AwareDatetime
    limit: int = Field(default=500, ge=1, le=5_000)
