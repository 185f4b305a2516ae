"""The buyer's page: where the order is and what happens next, without a person on it (R12, R21)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from api.schemas.orders import StatusView

LONGEST_DAYS = 365


class NewTrackingLink(BaseModel):
    """How long the link shall hold."""

    valid_days: Annotated[int, Field(strict=True, ge=1, le=LONGEST_DAYS)] = Field(default=90, examples=[90])


class TrackingLink(BaseModel):
    """A link for the buyer. It is shown to whoever asked for it, and kept as a hash only."""

    order_no: str = Field(examples=["site-20240611-0042"])
    token: str = Field(examples=["3q2-7w…"])
    url: str = Field(
        description="The page in the browser; where the shop has no console for buyers, `GET /v1/tracking/{token}`",
        examples=["https://orders.shop.example/track/3q2-7w…"],
    )
    expires_at: datetime


class TrackedEvent(BaseModel):
    """What the carrier told, in words of ours: its own may name somebody."""

    at: datetime
    en: str = Field(examples=["parcel in transit"])
    zh: str = Field(examples=["運輸中"])


class TrackedParcel(BaseModel):
    """One parcel on its way, its events the newest first."""

    carrier: str | None = Field(examples=["sf"])
    tracking_no: str | None = Field(examples=["SF1234567890"])
    signed_at: datetime | None
    trace: list[TrackedEvent]


class WhatIsNext(BaseModel):
    """What happens next, and until when, where the instant concerns the buyer: of an order on its way, the
    arrival of its last parcel at the speed it promised.
    """

    en: str = Field(examples=["Your order is on its way."])
    zh: str = Field(examples=["您的訂單正在運輸中。"])
    by: datetime | None


class TrackingPage(BaseModel):
    """An order as its buyer sees it."""

    order_no: str = Field(examples=["site-20240611-0042"])
    status: StatusView
    payment_status: StatusView
    next: WhatIsNext
    parcels: list[TrackedParcel]
    placed_at: datetime
    updated_at: datetime
    terms_version: str = Field(examples=["1"])
    terms: str = Field(description="Where the terms stand that it was placed under", examples=["/v1/terms/1"])
