"""The monthly review of rights as people read and answer it (R22, T16)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.schemas.texts import Reason
from domain.permissions import Role


class RightView(BaseModel):
    """One right; ``used_at`` is null when it was never used."""

    permission: str
    used_at: datetime | None


class ReviewedAccount(BaseModel):
    """One account: its rights when the review began, and what was decided."""

    staff_id: str = Field(examples=["staff-3f9a1c2e"])
    role: str
    warehouses: list[str]
    channels: list[str]
    rights: list[RightView]
    unused: list[str] = Field(description="Rights that were never used", examples=[["order.force"]])
    decision: str | None
    new_role: str | None
    decided_by: str | None
    decided_at: datetime | None
    why: str | None


class ReviewedToken(BaseModel):
    """One machine's token: its scope and use when the review began, and what was decided."""

    token_id: str = Field(examples=["machine-3f9a1c2e"])
    label: str = Field(examples=["erp nightly"])
    channels: list[str] = Field(description="Those it is confined to; one of none opens nothing in production")
    rights: list[RightView]
    unused: list[str] = Field(description="Rights that were never used", examples=[["order.cancel"]])
    issued_by: str
    issued_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = Field(description="Null: nobody has ever come in with it")
    decision: str | None
    decided_by: str | None
    decided_at: datetime | None
    why: str | None


class RightsReviewView(BaseModel):
    """A review and how far it is; after ``due_at`` what is open has escalated."""

    review_id: str = Field(examples=["2026-11"])
    opened_at: datetime
    due_at: datetime
    t16: str = Field(examples=["running"], description="running, passed, waived, or met when all is reviewed")
    closed_at: datetime | None
    accounts: int
    decided: int = Field(description="Accounts that were decided")
    tokens: int = Field(description="Machines' tokens that are up for review")
    tokens_decided: int


class RightsReviewReport(RightsReviewView):
    """The whole review, kept for good; what nobody has reviewed comes first."""

    items: list[ReviewedAccount]
    machines: list[ReviewedToken]


class RightsReviewPage(BaseModel):
    """A keyset page, the newest first."""

    items: list[RightsReviewView]
    next_cursor: str | None


class TokenVerdict(BaseModel):
    """What is decided of a machine's token: it stays, or is revoked."""

    model_config = ConfigDict(extra="forbid")

    decision: Literal["confirmed", "revoked"]
    why: Reason


class RightsVerdict(BaseModel):
    """What is decided of an account: its rights stay, change to another role's, or are revoked."""

    model_config = ConfigDict(extra="forbid")

    decision: Literal["confirmed", "changed", "revoked"]
    role: Role | None = Field(default=None, description="The new role, with `changed` only")
    why: Reason

    @model_validator(mode="after")
    def _role_goes_with_change(self) -> Self:
        if (self.decision == "changed") != (self.role is not None):
            raise ValueError("role goes with the decision changed, and only with it")
        return self
