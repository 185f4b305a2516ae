"""Emergencies and peak mode: bulk holds, broadcasts, the daily digest (R7, R25, T17)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.schemas.faults import AllFaultsAtOnce
from api.schemas.texts import ChannelName, Reason, Words
from domain.emergencies import Severity, personal_words
from domain.holds import HoldClocks
from domain.intake import Fault
from domain.permissions import Role

Warehouse = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,40}$"), Field(examples=["SH"])]
OrderNumber = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,20}-[A-Za-z0-9._-]{1,80}$")]

_SELECTIONS = ("warehouse", "channel", "orders")


class Accepted(BaseModel):
    """It is safe with us and will be on record soon; look at ``Location``."""

    state: str = Field(examples=["accepted: it will be on record soon"])


class NewHold(AllFaultsAtOnce):
    """Hold the orders of a warehouse, of a channel, or of a list: exactly one of the three (R25)."""

    warehouse: Warehouse | None = None
    channel: ChannelName | None = None
    orders: list[OrderNumber] | None = Field(default=None, min_length=1, max_length=1_000)
    reason: Reason
    clocks: HoldClocks | None = Field(
        default=None, description="Whether the clocks of held orders run on or stop; null takes the shop's policy"
    )

    @classmethod
    def joined_faults(cls, data: Mapping[str, Any]) -> list[Fault]:
        """One selection, not none and not two."""
        given = [name for name in _SELECTIONS if data.get(name)]
        return [] if len(given) == 1 else [Fault("warehouse", "give exactly one of warehouse, channel and orders")]


class HoldRelease(BaseModel):
    """Why the orders go on."""

    reason: Reason


class HoldView(BaseModel):
    """An emergency. Counters tell how far it has come: ``unanswered`` orders are asked again by themselves."""

    hold_id: str = Field(examples=["H-7Q2MX0Z4B3TA"])
    scope: str = Field(examples=["warehouse"])
    names: list[str] = Field(examples=[["SH"]])
    reason: str = Field(examples=["power_cut"])
    clocks: str = Field(examples=["stop"])
    state: str = Field(examples=["standing"], description="holding, standing, releasing, released")
    opened_by: str
    opened_at: datetime
    release_reason: str | None
    released_by: str | None
    released_at: datetime | None
    asked: int
    held: int
    refused: int
    unanswered: int
    let_go: int = Field(description="Released by this emergency's end")
    release_refused: int


class HoldPage(BaseModel):
    """A page of emergencies, the newest first."""

    items: list[HoldView]
    next_cursor: str | None


class HoldResult(BaseModel):
    """What became of one order; ``detail`` says why it refused."""

    order_no: str
    state: str = Field(examples=["held"], description="held, refused, unanswered, released, release_refused")
    detail: str
    at: datetime


class HoldResults(BaseModel):
    """A page of an emergency's orders, by number."""

    items: list[HoldResult]
    next_cursor: str | None


class NewPeak(BaseModel):
    """Stretch T2 and T3, of orders to come and of those that wait; 1 ends peak mode (R7)."""

    factor: int = Field(strict=True, ge=1, le=12, examples=[3])
    reason: Reason


class PeakView(BaseModel):
    """The setting in force; nobody set one where ``set_by`` is null: then it is the shop's own."""

    factor: int
    reason: str
    set_by: str | None
    set_at: datetime | None


class NewBroadcast(AllFaultsAtOnce):
    """Tell everybody, or some departments, at once (R25). It leaves the house: no person may stand in it."""

    severity: Severity
    text: Annotated[str, Words(1_000, shortest=1)] = Field(examples=["上海倉停電，訂單暫停配貨"])
    departments: list[Role] = Field(default_factory=list, max_length=10, description="Empty: everybody")

    @classmethod
    def joined_faults(cls, data: Mapping[str, Any]) -> list[Fault]:
        """What looks like a person's is refused (R21)."""
        text = data.get("text")
        found = personal_words(text) if isinstance(text, str) else None
        return [Fault("text", f"holds what looks like {found}: no personal data")] if found else []


class BroadcastView(BaseModel):
    """A broadcast; ``posted_at`` when the group chat has it, ``refused`` the robot's code when it would not.

    While it ``stands`` the desks of its departments show it: until somebody ends it, at most ``stands_until``.
    """

    broadcast_id: str = Field(examples=["B-7Q2MX0Z4B3TA"])
    severity: str
    text: str
    departments: list[str]
    sent_by: str
    sent_at: datetime
    posted_at: datetime | None
    refused: str | None
    stands: bool
    stands_until: datetime
    ended_at: datetime | None
    ended_by: str | None


class BroadcastEnd(BaseModel):
    """Why it is over."""

    model_config = ConfigDict(hide_input_in_errors=True)

    reason: Reason


class BroadcastPage(BaseModel):
    """A page of broadcasts, the newest first."""

    items: list[BroadcastView]
    next_cursor: str | None


class DigestView(BaseModel):
    """The digest of one day of the shop's calendar (T17)."""

    day: date
    orders: int
    by_channel: dict[str, int] = Field(examples=[{"site": 12, "shopify": 30}])
    abnormal: dict[str, int] = Field(
        examples=[{"shortage": 1}], description="Cases by kind, and orders the review ended"
    )
    after_sale: int = Field(description="Orders with an after-sale case opened that day")
    signed: int = Field(description="Orders signed for that day")
    after_sale_rate: float | None = Field(description="after_sale for each signed; null without a signature")
    breaches: dict[str, int] = Field(examples=[{"T3": 2}], description="Deadlines that passed, by their number")
    made_at: datetime
    posted_at: datetime | None
    refused: str | None


class DigestPage(BaseModel):
    """A page of digests, the newest first."""

    items: list[DigestView]
    next_cursor: str | None
