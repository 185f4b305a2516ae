"""What the sweep found to disagree (accident 9)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.texts import Reason


class DifferenceView(BaseModel):
    """One open difference, with what it means and what to do about it."""

    id: int = Field(examples=[4])
    kind: str = Field(examples=["reserved_drift"])
    says: str = Field(examples=["the counter of reserved pieces is not the sum of its reservations"])
    says_zh: str = Field(examples=["預留數與預留明細不符"])
    suggestion: str = Field(examples=["count the reserved pieces again"])
    repair: str | None = Field(description="what can be done at once without harm; null: a person decides")
    department: str = Field(examples=["operations"])
    subject: str = Field(examples=["stock:SZ-1/TEA"])
    order_no: str | None
    evidence: str = Field(examples=["reserved 3, held 2"])
    first_seen: datetime
    last_seen: datetime


class Differences(BaseModel):
    """Everything open, the oldest first."""

    items: list[DifferenceView]


class DifferenceVerdict(BaseModel):
    """``repair`` does the safe repair; ``accept`` lets it stand while its evidence stays the same."""

    model_config = ConfigDict(extra="forbid")

    decision: Literal["repair", "accept"]
    reason: Reason


class DifferenceSettled(BaseModel):
    """What was done."""

    id: int
    done: str = Field(examples=["recount_reserved", "accepted"])
