"""The board: how the shop does, by period and channel (R33)."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from api.schemas.orders import StatusView


class OrdersPlaced(BaseModel):
    """Orders of one channel placed within one hour, or one day of the shop."""

    at: datetime
    channel: str = Field(examples=["site"])
    orders: int = Field(examples=[42])


class StepTaken(BaseModel):
    """How many of the orders placed in the period have come this far, so far."""

    step: str = Field(examples=["shipped"])
    zh: str = Field(examples=["已發貨"])
    en: str = Field(examples=["shipped"])
    orders: int = Field(examples=[380])
    share: float | None = Field(description="of the orders placed", examples=[0.95])


class EndedEarly(BaseModel):
    """Orders placed in the period that ended before they were shipped."""

    status: StatusView
    orders: int = Field(examples=[12])


class TimeInStatus(BaseModel):
    """How long orders stayed in a status that they left within the period."""

    status: StatusView
    orders: int = Field(examples=[391])
    mean_seconds: int = Field(examples=[5_400])
    bottleneck: bool = Field(description="the shop's own status in which orders stay longest")


class AfterSale(BaseModel):
    """Cases of returns, complaints and disputed signatures, beside orders signed for."""

    cases: dict[str, int] = Field(examples=[{"return_exchange": 7, "complaint": 2}])
    signed: int = Field(examples=[310])
    rate: float | None = Field(description="after-sale cases for each parcel signed", examples=[0.029])


class CarrierCompared(BaseModel):
    """One carrier's parcels; on time is by the speed that the order promised."""

    carrier: str = Field(examples=["SF"])
    handed_over: int = Field(examples=[120])
    signed: int = Field(examples=[115])
    on_time: int = Field(examples=[111])
    on_time_share: float | None = Field(examples=[0.9652])
    mean_seconds: int | None = Field(description="from hand-over to signature", examples=[151_200])
    problems: int = Field(examples=[3])


class ClockKept(BaseModel):
    """How often one promise was kept; a waived clock is neither kept nor broken.

    A clock that passes as planned (T1, T2P, T9, T18, T19, T21) or only reminds (T2) breaks no promise: it has no
    ``kept_share``.
    """

    deadline: str = Field(examples=["T3"])
    promise: str = Field(examples=["manual review: due"])
    met: int = Field(examples=[98])
    passed: int = Field(examples=[2])
    waived: int = Field(examples=[1])
    kept_share: float | None = Field(examples=[0.98])


class BoardView(BaseModel):
    """Everything on the board, of the same moment."""

    since: datetime
    until: datetime
    bucket: str = Field(description="hour, or day of the shop's zone", examples=["hour"])
    channel: str | None
    placed: list[OrdersPlaced]
    way: list[StepTaken]
    ended_early: list[EndedEarly]
    time_in_status: list[TimeInStatus]
    after_sale: AfterSale
    carriers: list[CarrierCompared]
    clocks: list[ClockKept]
    breaches: int = Field(description="clocks that passed, but for planned ones and reminders", examples=[2])


class Carriers(BaseModel):
    """Carriers compared over a period, the busiest first."""

    since: datetime
    until: datetime
    items: list[CarrierCompared]
