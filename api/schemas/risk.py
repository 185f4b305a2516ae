"""What the review goes by: the blacklist and the rules, as operations keep them (R6, R27)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr

from api.schemas.texts import Reason, Words
from domain.risk import BuyerIndex


class BlacklistView(BaseModel):
    """An entry. The value itself cannot be read back: only its blind index is stored."""

    entry_no: int = Field(examples=[17])
    kind: str = Field(examples=["phone"])
    source: str = Field(description="hand, or the counter that marked the buyer", examples=["hand"])
    reason: str = Field(examples=["chargebacks"])
    added_by: str = Field(examples=["staff-3f9a1c2e"])
    added_at: datetime
    expires_at: datetime | None = Field(description="null: for good")


class Blacklist(BaseModel):
    """What is on the blacklist, the newest first."""

    items: list[BlacklistView]


class NewBlacklistEntry(BaseModel):
    """What to match. An address is written as on the parcel, its largest part first."""

    model_config = ConfigDict(extra="forbid")

    kind: BuyerIndex
    value: Annotated[str, Words(500, shortest=1)] = Field(examples=["13800138000"], repr=False)
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$", description="completes a phone that names none")] = "CN"
    days: int | None = Field(default=None, ge=1, le=3_650, description="how long it stands; null: for good")
    reason: Reason


class BlacklistEntryKept(BaseModel):
    """The entry's number; a value that was there already keeps its own."""

    entry_no: int = Field(examples=[17])
    expires_at: datetime | None


class Removal(BaseModel):
    """Why an entry comes off."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason


class RuleView(BaseModel):
    """A rule as it is in force; ``changed`` names what differs from the built-in one."""

    rule: str = Field(examples=["large_first_order"])
    says: str = Field(examples=["a first order of at least this amount, in the order's currency"])
    enabled: bool
    always: bool = Field(description="guards a promise to the buyer and cannot be switched off")
    severity: str = Field(examples=["review"])
    severities: list[str] = Field(examples=[["review", "block"]])
    parameters: dict[str, int] = Field(examples=[{"amount": 200_000}])
    units: dict[str, str] = Field(examples=[{"amount": "minor units"}])
    changed: list[str] = Field(examples=[["amount"]])


class RuleSetView(BaseModel):
    """The rules of the automatic review; version 0 is built in."""

    version: int = Field(examples=[3])
    rules: list[RuleView]


RuleChanges = Annotated[
    dict[str, dict[str, StrictBool | StrictInt | StrictStr]],
    Field(
        max_length=50,
        description="rule → what → value; what is not named stays as it is",
        examples=[{"large_first_order": {"amount": 300_000}, "phone": {"enabled": False}}],
    ),
]


class NewRules(BaseModel):
    """Changes to the rules in force, or to the built-in ones."""

    model_config = ConfigDict(extra="forbid")

    changes: RuleChanges
    from_built_in: bool = False
    reason: Reason


class RuleTrial(BaseModel):
    """Changes to try on past orders; nothing is changed."""

    model_config = ConfigDict(extra="forbid")

    changes: RuleChanges
    from_built_in: bool = False
    orders: int = Field(default=1_000, ge=1, le=100_000, description="so many of the newest reviewed orders")


class TrialMove(BaseModel):
    """How many orders would have gone there instead."""

    was: str = Field(examples=["approved"])
    would: str = Field(examples=["manual_review"])
    orders: int = Field(examples=[12])


class TrialOther(BaseModel):
    """An order that would have gone elsewhere; ``status`` is where it stands today."""

    order_no: str = Field(examples=["site-20240611-0042"])
    was: str = Field(examples=["approved"])
    would: str = Field(examples=["manual_review"])
    because: list[str] = Field(examples=[["large_first_order"]])
    status: str = Field(examples=["shipped"])


class TrialView(BaseModel):
    """What the changed rules would have said; ``without_facts`` orders were reviewed before facts were kept."""

    orders: int = Field(examples=[1_000])
    otherwise: int = Field(examples=[12])
    without_facts: int = Field(examples=[0])
    moves: list[TrialMove]
    others: list[TrialOther] = Field(description="at most the newest 200 of them")
