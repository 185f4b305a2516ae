"""What the shop asks of carriers: a waybill, its withdrawal, and to be told what happens to the parcel.

Weights are grams, money is minor units of CNY. The recipient is needed to book, so it
passes through here in the clear, is never logged, and does not show in a ``repr`` (R21).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Contact:
    """A person at an address; nothing of it shows when the object is printed."""

    name: str = field(repr=False)
    phone: str = field(repr=False)
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ParcelToBook:
    """One parcel, ready to be handed over (R11). ``carrier`` is the shop's code: SF, STO, YTO, ZTO, YUNDA, JD."""

    order_no: str
    parcel_no: str
    carrier: str
    recipient: Contact
    sender: Contact
    cargo: str
    pieces: int
    weight_grams: int
    insured_minor: int = 0
    """Declared value to insure, 0 for none (R11)."""
    collect_minor: int = 0
    """What the carrier collects at the door, 0 if the order is paid (R4, R14)."""


@dataclass(frozen=True, slots=True)
class Booking:
    """The waybill a carrier gave."""

    carrier: str
    tracking_no: str


class CarrierBooking(Protocol):
    """A booking interface to one or many carriers. Every call raises Unavailable or Refused."""

    async def book(self, parcel: ParcelToBook, *, key: str) -> Booking:
        """Get a waybill; the same key again answers the same waybill (R12)."""

    async def void(self, tracking_no: str, *, carrier: str, key: str) -> None:
        """Withdraw a waybill that was not handed over; one withdrawn already is no error."""

    async def follow(self, tracking_no: str, *, carrier: str, recipient_phone: str) -> None:
        """Subscribe to the parcel's tracking events (R12, R13); following it already is no error."""
