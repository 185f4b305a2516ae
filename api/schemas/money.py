"""What is asked and shown of money. Amounts are minor units of ``currency``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from api.schemas.faults import AllFaultsAtOnce
from api.schemas.texts import NoteText, OptionalReason, Reason, Words
from domain.intake import Fault
from models.refunds import RefundState

MinorUnits = Annotated[int, Field(strict=True, ge=1, le=10**12)]


class RefundPieces(BaseModel):
    """So many pieces of a SKU."""

    model_config = ConfigDict(hide_input_in_errors=True)

    sku: Annotated[str, Words(100, shortest=1)] = Field(examples=["TEA-100"])
    quantity: Annotated[int, Field(strict=True, ge=1, le=100_000)] = Field(examples=[1])


class RefundWish(AllFaultsAtOnce):
    """What to give back: ``whole``, or ``lines`` and ``shipping``, or an ``amount``.

    With lines and an amount, the amount is what those pieces come to, at most their worth.
    """

    whole: bool = Field(default=False, description="All that is left", examples=[False])
    lines: list[RefundPieces] = Field(default_factory=list, max_length=500)
    shipping: bool = False
    amount: MinorUnits | None = Field(default=None, examples=[9900])
    cause: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{0,130}$")] = Field(
        default="", description="The number of the case or return it comes of", examples=["K-20240611-7"]
    )
    reason: Reason
    note: NoteText | None = None

    @classmethod
    def joined_faults(cls, data: Mapping[str, Any]) -> list[Fault]:
        """One thing must be asked for, and "whole" goes with nothing else."""
        parts = [name for name in ("lines", "shipping", "amount") if data.get(name)]
        if data.get("whole") and parts:
            return [Fault("whole", f"cannot be asked for together with {parts[0]}")]
        if not data.get("whole") and not parts:
            return [Fault("whole", "ask for whole, lines, shipping or an amount")]
        return []


class RefundVerdict(BaseModel):
    """The second person's word on a waiting refund (four eyes)."""

    model_config = ConfigDict(hide_input_in_errors=True)

    reason: OptionalReason = ""
    note: NoteText | None = None


class NewTransfer(BaseModel):
    """A transfer that arrived on the shop's bank account; ``reference`` is the bank's own and books it once."""

    model_config = ConfigDict(hide_input_in_errors=True)

    amount: MinorUnits = Field(examples=[40800])
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = Field(examples=["CNY"])
    reference: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._/-]{4,80}$")] = Field(
        examples=["ICBC-20240611-000123"]
    )
    received_at: AwareDatetime


class EntryKind(StrEnum):
    """What a movement is."""

    AUTHORISED = "authorised"
    CAPTURED = "captured"
    FAILED = "failed"
    COLLECTED = "collected"
    REFUND_ORDERED = "refund_ordered"
    REFUNDED = "refunded"
    REFUND_FAILED = "refund_failed"
    COMPENSATED = "compensated"


class EntryView(BaseModel):
    """One movement: authorised, captured, failed, collected, refund_ordered, refunded, refund_failed or compensated."""

    kind: str = Field(examples=["captured"])
    amount: int = Field(examples=[40800])
    currency: str = Field(examples=["CNY"])
    provider: str | None = Field(examples=["stripe"])
    reference: str | None = Field(description="The provider's id of the payment", examples=["pi_3NTest"])
    refund_reference: str | None = Field(description="The provider's id of the refund")
    at: datetime


class RefundView(BaseModel):
    """One refund: waiting (for a second person), ordered, problem, done or declined."""

    refund_id: str = Field(examples=["site-20240611-0042-R1f0c9a2b3d"])
    order_no: str = Field(examples=["site-20240611-0042"])
    state: RefundState = Field(examples=["waiting"])
    amount: int = Field(examples=[120000])
    currency: str = Field(examples=["CNY"])
    lines: list[tuple[int, int]] = Field(description="[line_no, pieces] each", examples=[[[1, 2]]])
    shipping: bool
    reason: str = Field(examples=["arrived_broken"])
    cause: str
    problem: str | None = Field(description="Why the provider did not give it back")
    asked_by: str
    asked_at: datetime
    decided_by: str | None = Field(description="The second person (four eyes)")
    decided_at: datetime | None


class LedgerView(BaseModel):
    """The money of an order, in minor units; ``refunding`` is ordered and not yet confirmed."""

    order_no: str = Field(examples=["site-20240611-0042"])
    currency: str = Field(examples=["CNY"])
    total: int = Field(examples=[40800])
    captured: int = Field(examples=[40800])
    refunding: int = Field(examples=[0])
    refunded: int = Field(examples=[0])
    overpaid: int = Field(description="Captured beyond the total and not yet on its way back", examples=[0])
    entries: list[EntryView]
    refunds: list[RefundView]


class RefundPage(BaseModel):
    """A page of refunds, the longest waiting first."""

    items: list[RefundView]
    next_cursor: str | None


class MovementView(EntryView):
    """One movement of money with its order."""

    order_no: str = Field(examples=["site-20240611-0042"])


class MovementPage(BaseModel):
    """A page of all ledgers, the newest first."""

    items: list[MovementView]
    next_cursor: str | None


class TransferKept(BaseModel):
    """The transfer is safe and will be booked by the order at once; look at ``Location``."""

    order_no: str = Field(examples=["site-20240611-0042"])
    reference: str = Field(examples=["ICBC-20240611-000123"])
    booked_before: bool
