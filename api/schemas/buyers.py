"""The buyer behind an order: revealed with a purpose, and what colleagues noted of the talk (R7, R21)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, Field

from api.masking import Personal
from api.schemas.faults import AllFaultsAtOnce
from api.schemas.texts import NoteText, OptionalReason
from domain.intake import Fault
from domain.permissions import Permission
from domain.personal import PersonField


class Purpose(StrEnum):
    """What a buyer is revealed for; it goes on record (R21)."""

    CALL_BUYER = "call_buyer"
    DELIVERY_PROBLEM = "delivery_problem"
    RETURN_PICKUP = "return_pickup"
    COMPLAINT = "complaint"
    FRAUD_CHECK = "fraud_check"
    LEGAL_REQUEST = "legal_request"
    OTHER = "other"


class Revealable(StrEnum):
    """What can be revealed. The account at the channel is kept as an index only, and cannot be."""

    NAME = "name"
    PHONE = "phone"
    ADDRESS = "address"
    EMAIL = "email"
    REMARK = "remark"


class ExportRequest(AllFaultsAtOnce):
    """What the buyers of a list are shown for. ``other`` needs the reason in words."""

    purpose: Purpose
    reason: OptionalReason = ""

    @classmethod
    def joined_faults(cls, data: Mapping[str, Any]) -> list[Fault]:
        """Another purpose than those of the list is told in words."""
        if data.get("purpose") != Purpose.OTHER or data.get("reason"):
            return []
        return [Fault("reason", "is needed for the purpose other")]


class RevealRequest(ExportRequest):
    """Which fields of one buyer, and what for."""

    fields: Annotated[list[Revealable], Field(min_length=1, max_length=len(Revealable))] = Field(
        examples=[["name", "phone"]]
    )


class AddressView(BaseModel):
    """Where the parcel goes, in full."""

    country: str = Field(examples=["CN"])
    region: str
    city: str
    district: str
    street: str
    postcode: str


class RevealedBuyer(BaseModel):
    """The fields that were asked for, in full; null where nothing is known. Nobody may keep this answer."""

    order_no: str = Field(examples=["site-20240611-0042"])
    name: Annotated[str | None, Personal(PersonField.NAME, Permission.CONTACT_REVEAL)] = Field(
        default=None, examples=["王示例"]
    )
    phone: Annotated[str | None, Personal(PersonField.PHONE, Permission.CONTACT_REVEAL)] = Field(
        default=None, examples=["13800138000"]
    )
    address: Annotated[AddressView | None, Personal(PersonField.ADDRESS, Permission.CONTACT_REVEAL)] = None
    email: Annotated[str | None, Personal(PersonField.EMAIL, Permission.CONTACT_REVEAL)] = Field(
        default=None, examples=["buyer@example.com"]
    )
    remark: Annotated[str | None, Personal(PersonField.REMARK, Permission.CONTACT_REVEAL)] = None


class NewNote(BaseModel):
    """A note about the order or the talk with its buyer; kept sealed."""

    note: NoteText


class NoteKept(BaseModel):
    """The note is kept; its text is read through the list of notes."""

    note_id: str = Field(examples=["nt_5d0c…"])
    created_by: str = Field(examples=["customer_service-1"])
    created_at: datetime


class NoteView(NoteKept):
    """A note with numbers, addresses and the buyer's name masked."""

    text: Annotated[str, Personal(PersonField.NOTE, Permission.NOTE_KEEP)] = Field(
        examples=["called 138****8000, wants another colour"]
    )


class Notes(BaseModel):
    """The buyer's remark and the notes on an order, the oldest first, masked (R7, R21)."""

    order_no: str
    remark: Annotated[str | None, Personal(PersonField.REMARK, Permission.NOTE_KEEP)]
    items: list[NoteView]
