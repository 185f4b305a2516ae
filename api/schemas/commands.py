"""What people ask of an order: the bodies of the command doors."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.faults import AllFaultsAtOnce, phone_fault_of
from api.schemas.intake import NewAddress
from api.schemas.texts import NoteText, OptionalReason, Reason, Words
from domain import intake
from domain.deadlines import DeadlineId
from domain.holds import HoldClocks
from domain.intake import Fault
from domain.order_status import OrderStatus

_LONGEST_EXTENSION_S = int(timedelta(days=90).total_seconds())


class _Body(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)


class Decision(StrEnum):
    """What a reviewer can do (R7)."""

    CLAIM = "claim"
    RELEASE = "release"
    APPROVE = "approve"
    REJECT = "reject"


class ReviewDecision(AllFaultsAtOnce):
    """Claim, give back, approve or reject; a rejection needs a reason or a note (R7)."""

    decision: Decision
    reason: OptionalReason = ""
    note: NoteText | None = None

    @classmethod
    def joined_faults(cls, data: Mapping[str, Any]) -> list[Fault]:
        """A rejection says why (R23)."""
        if data.get("decision") != Decision.REJECT or data.get("reason") or data.get("note"):
            return []
        return [Fault("reason", "is needed for a rejection")]


class Reasoned(_Body):
    """An act with its reason."""

    reason: Reason
    note: NoteText | None = None


class HoldAsked(Reasoned):
    """Why the order is held, and whether its clocks stop; null takes the shop's own policy (R25)."""

    clocks: HoldClocks | None = Field(default=None, examples=["stop"])


class StatusAdjustment(Reasoned):
    """Another status by hand. With ``force`` it goes past the table, once a second person has consented (R22)."""

    to: OrderStatus = Field(examples=["intercepted"])
    force: bool = Field(default=False, strict=True)


class ForceConsent(_Body):
    """The second person's word; ``consent`` false declines it, or takes one's own request back (R22)."""

    consent: bool = Field(default=True, strict=True)
    reason: OptionalReason = ""
    note: NoteText | None = None


class MaybeReasoned(_Body):
    """An act whose reason may be left out."""

    reason: OptionalReason = ""
    note: NoteText | None = None


class NewPlace(AllFaultsAtOnce):
    """The corrected address; phone and name only if they change too (R2)."""

    address: NewAddress
    phone: Annotated[str, Words(40, shortest=1)] | None = Field(default=None, examples=["13900139000"])
    name: Annotated[str, Words(intake.LONGEST_NAME, shortest=1)] | None = None
    reason: Reason
    note: NoteText | None = None

    @classmethod
    def joined_faults(cls, data: Mapping[str, Any]) -> list[Fault]:
        """The new phone against the new address's country."""
        return phone_fault_of(data.get("phone"), data.get("address"), "phone")


class CarrierChoice(_Body):
    """Another carrier than the rules would take (R11). The reason stays with the parcel."""

    carrier: Annotated[str, Words(20, shortest=1)] = Field(examples=["SF"], description="A carrier with a tariff")
    reason: Reason
    note: NoteText | None = None


class DeadlineChange(_Body):
    """Extend a running deadline, or waive it with null. The reason stays on record."""

    deadline: DeadlineId = Field(examples=["T3"])
    extend_by_seconds: Annotated[int, Field(strict=True, ge=1, le=_LONGEST_EXTENSION_S)] | None = Field(
        examples=[3600], description="Seconds to add to the due instant; null waives the deadline"
    )
    reason: Reason
    note: NoteText | None = None
