"""Parcels as logistics sees them (R11 to R13)."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field


class ParcelRowView(BaseModel):
    """A parcel in the list; ``silent_since`` is when it was last heard of, or booked."""

    parcel_no: str = Field(examples=["site-20240611-0042-P1"])
    order_no: str = Field(examples=["site-20240611-0042"])
    channel: str = Field(examples=["site"])
    state: str = Field(examples=["handed_over"])
    warehouse: str = Field(examples=["SZ-1"])
    carrier: str | None = Field(examples=["SF"])
    tracking_no: str | None = Field(examples=["SF1390123456789"])
    booked_at: datetime | None
    handed_over_at: datetime | None
    signed_at: datetime | None
    silent_since: datetime | None
    due_at: datetime | None = Field(description="its next clock, T5 or T6")
    open_case: str | None = Field(description="the parcel exception that is being settled")


class ParcelPage(BaseModel):
    """A keyset page, the longest silent first."""

    items: list[ParcelRowView]
    next_cursor: str | None


class ParcelCounts(BaseModel):
    """How many parcels stand in each state, those signed for left out."""

    states: dict[str, int] = Field(examples=[{"handed_over": 120, "problem": 3}])
