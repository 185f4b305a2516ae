"""The one explicit, serialisable state of an order: also the continue-as-new payload."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from domain.case_shapes import CaseKind
from domain.deadlines import DeadlineId
from domain.holds import HoldClocks
from domain.order_status import OrderStatus
from models.base import Actor
from models.commands import ChosenCarrier
from models.news import ParcelPacked, ParcelSplit, ShortPick
from models.order import PlaceOrder
from models.refunds import OpenRefund


class StockState(StrEnum):
    """Whether goods are set aside for the order."""

    RESERVED = "reserved"
    RELEASED = "released"
    SHORT = "short"
    UNKNOWN_SKU = "unknown_sku"


class ParcelState(StrEnum):
    """Where one parcel is."""

    TO_PICK = "to_pick"
    PACKED = "packed"
    BOOKED = "booked"
    HANDED_OVER = "handed_over"
    OUT_FOR_DELIVERY = "out_for_delivery"
    SIGNED = "signed"
    PROBLEM = "problem"
    RETURNED = "returned"


class Parcel(BaseModel):
    """One parcel of the order (R10: one parcel, one order).

    ``chosen`` is another carrier than the rules would take; ``rebook``: it was booked with one already.
    ``turn`` counts the bookings withdrawn. ``collect``: what its carrier collects at the door, minor units;
    None: it was booked before each parcel collected its own.
    """

    parcel_no: str
    warehouse: str
    state: ParcelState = ParcelState.TO_PICK
    carrier: str | None = None
    tracking_no: str | None = None
    chosen: ChosenCarrier | None = None
    rebook: bool = False
    turn: int = 0
    collect: int | None = None
    last_event_at: AwareDatetime | None = None


class Clock(BaseModel):
    """A running deadline: absolute, so that it survives continue-as-new."""

    id: DeadlineId
    due: AwareDatetime
    started: AwareDatetime


class StoppedClock(BaseModel):
    """A deadline that stands still while the order is held: ``left`` of it runs on after the release (R25)."""

    id: DeadlineId
    started: AwareDatetime
    left: timedelta


class HoldRef(BaseModel):
    """One who holds the order: a person, or an emergency (R25)."""

    reason: str
    clocks: HoldClocks = HoldClocks.RUN


class ForceAsked(BaseModel):
    """A forced adjustment that waits for a second person; it lapses when the order moves (R22)."""

    id: str
    to: OrderStatus
    by: Actor
    reason: str
    asked_in: OrderStatus


class CaseRef(BaseModel):
    """What the order knows of a case of its own: ``subject`` is the parcel it is about, if it is about one."""

    kind: CaseKind
    subject: str = ""


class OrderState(BaseModel):
    """Everything the order knows of itself. Only ``OrderWorkflow`` writes it."""

    model_config = ConfigDict(validate_assignment=False)

    order: PlaceOrder
    status: OrderStatus = OrderStatus.AWAITING_PAYMENT
    recorded: bool = False
    approved: bool = False
    settled: bool = False
    steps: int = 0
    runs: int = 0
    acts: dict[str, int] = Field(default_factory=dict)
    stock: StockState = StockState.RELEASED
    short_skus: list[str] = Field(default_factory=list)
    unknown_skus: list[str] = Field(default_factory=list)
    missing_fields: list[str] = Field(default_factory=list)
    promotion_released: bool = False
    payment_closed: bool = False
    captured: int = 0
    refunded: int = 0
    ledger_version: int = 0
    # Refunds neither done nor declined, by id; which pieces have gone back or are on their way.
    refunds: dict[str, OpenRefund] = Field(default_factory=dict)
    refunds_asked: int = 0
    refunded_lines: dict[int, int] = Field(default_factory=dict)
    shipping_refunded: bool = False
    claimed_by: Actor | None = None
    held: str | None = None
    holds: dict[str, HoldRef] = Field(default_factory=dict)
    force_asked: ForceAsked | None = None
    peak_no: int = 0
    stuck: str | None = None
    parcels: list[Parcel] = Field(default_factory=list)
    # Pieces by SKU that ship later: the rest of the order goes on without them (R9).
    backorder: dict[str, int] = Field(default_factory=dict)
    early: list[ParcelPacked | ParcelSplit | ShortPick] = Field(default_factory=list)
    clocks: dict[DeadlineId, Clock] = Field(default_factory=dict)
    stopped: dict[DeadlineId, StoppedClock] = Field(default_factory=dict)
    open_cases: dict[str, CaseRef] = Field(default_factory=dict)
    cases_opened: int = 0
    told_its_case: bool = False
    risk: str = "none"
    # Temporal forgets update ids across continue-as-new (measured), so handled keys travel here.
    handled: dict[str, str] = Field(default_factory=dict)
    seen: list[str] = Field(default_factory=list)

    @model_validator(mode="after")
    def _held_by_somebody(self) -> OrderState:
        """An order that was held before holds had names is held by a person."""
        if self.held and not self.holds:
            self.holds[""] = HoldRef(reason=self.held)
        return self

    @property
    def clocks_stand(self) -> bool:
        """Somebody who holds the order has its clocks stopped (R25)."""
        return any(hold.clocks is HoldClocks.STOP for hold in self.holds.values())
